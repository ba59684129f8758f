"""A contracting process of another publisher, kept: it has a new version whenever its publisher says something else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from evaluation.domain.events import ProcessImported
from evaluation.domain.external.process import ExternalProcess
from evaluation.domain.external.release import CompiledRelease
from shared.kernel.events import DomainEvent
from shared.kernel.ids import derived_id


class Outcome(StrEnum):
    """What became of a process that was submitted."""

    PUBLISHED = "published"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Original:
    """A file in which something about a process was found, by the SHA-256 of its bytes."""

    sha256: str
    file: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a compiled release was made from.

    Shape: sources are the digests of the releases that were merged into it, remarks what whoever read them noted.
    """

    originals: tuple[Original, ...]
    sources: tuple[str, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Revision:
    """How far a process has come: its version, and the digest of the compiled release of that version."""

    version: int
    release: str


@dataclass(frozen=True, slots=True)
class ImportedProcess:
    """The newest that is known of a process."""

    id: UUID
    version: int
    release: str
    provenance: Provenance
    imported_at: datetime
    process: ExternalProcess


def process_id(ocid: str) -> UUID:
    """Return the id of a process of another publisher."""
    return derived_id("external-process", ocid)


def import_release(
    release: CompiledRelease, provenance: Provenance, known: Revision | None, *, at: datetime
) -> tuple[ImportedProcess | None, Sequence[DomainEvent]]:
    """Take in a compiled release; one that says what is known already changes nothing."""
    if known is not None and known.release == release.digest:
        return None, ()
    version = 1 if known is None else known.version + 1
    process = release.process
    imported = ImportedProcess(process_id(process.ocid), version, release.digest, provenance, at, process)
    event = ProcessImported(
        aggregate=imported.id,
        version=version,
        process=process,
        release=release.digest,
        originals=tuple(original.sha256 for original in provenance.originals),
        remarks=provenance.remarks,
    )
    return imported, (event,)
