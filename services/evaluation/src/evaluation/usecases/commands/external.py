"""What happens to processes of other publishers."""

import asyncio
import hashlib
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evaluation.db import external as store
from evaluation.db import originals as original_store
from evaluation.domain.external.imported import ImportedProcess, Outcome, Provenance, import_release, process_id
from evaluation.domain.external.release import CompiledRelease, read_release
from shared.kernel.errors import Invalid
from shared.kernel.events import DomainEvent
from shared.platform.work import Work


@dataclass(frozen=True, slots=True)
class Submission:
    """The JSON text of a compiled release, and what it was made from."""

    release: str
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a submission; refusal says why it was refused."""

    ocid: str | None
    outcome: Outcome
    refusal: Invalid | None = None


async def keep_original(work: Work, sha256: str, content: bytes) -> bool:
    """Keep a file as it came; return whether it is new here."""
    # Megabytes are hashed and compressed beside the loop, which others wait for.
    if (await asyncio.to_thread(hashlib.sha256, content)).hexdigest() != sha256:
        raise Invalid("digest-differs", "The bytes that came do not have this SHA-256.")
    if await original_store.is_kept(work.connection, sha256):
        return False
    deflated = await asyncio.to_thread(zlib.compress, content)
    await original_store.add(work.connection, sha256, content, deflated, work.now)
    return True


async def import_processes(work: Work, submissions: Sequence[Submission]) -> Sequence[Result]:
    """Take in compiled releases, one a process; what is refused does not stop the others."""
    releases = await asyncio.to_thread(lambda: list(_read(submissions)))
    understood = [release for release in releases if isinstance(release, CompiledRelease)]
    known = await store.revisions(work.connection, [process_id(release.process.ocid) for release in understood])
    results: list[Result] = []
    taken: list[tuple[CompiledRelease, ImportedProcess]] = []
    events: list[DomainEvent] = []
    for submission, release in zip(submissions, releases, strict=True):
        if isinstance(release, Invalid):
            results.append(Result(None, Outcome.REFUSED, release))
            continue
        revision = known.get(process_id(release.process.ocid))
        imported, published = import_release(release, submission.provenance, revision, at=work.now)
        if imported is None:
            outcome = Outcome.UNCHANGED
        else:
            outcome = Outcome.PUBLISHED if revision is None else Outcome.CHANGED
            taken.append((release, imported))
            events.extend(published)
        results.append(Result(release.process.ocid, outcome))
    if taken:
        await store.keep(work.connection, [release for release, _ in taken], work.now)
        await store.save(work.connection, [imported for _, imported in taken])
        await work.record(events)
    return results


def _read(submissions: Sequence[Submission]) -> Iterator[CompiledRelease | Invalid]:
    seen: set[str] = set()
    for submission in submissions:
        try:
            release = read_release(submission.release)
        except Invalid as refusal:
            yield refusal
            continue
        if release.process.ocid in seen:
            yield Invalid("ocid-repeated", "The request has another release of the same process; merge them.")
            continue
        seen.add(release.process.ocid)
        yield release
