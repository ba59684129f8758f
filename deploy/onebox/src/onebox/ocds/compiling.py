"""All that was read about a contracting process, merged into one compiled release by the rules of OCDS.

The rules are derived from the release schema (merge-rules.json), so that nothing has to be fetched.
"""

import json
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files

import ocdsmerge
from ocdsmerge.exceptions import DuplicateIdValueWarning, InconsistentTypeError

from evaluation.domain.external import digest, instant
from onebox.ocds.document import Document, Problem, Release

_BEGINNING = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A contracting process in one release, and the digests of all releases that it was made from."""

    ocid: str
    release: Release
    sources: tuple[str, ...]
    problems: tuple[Problem, ...] = ()


def compiled(ocid: str, documents: Iterable[Document]) -> Compiled:
    """Merge what several documents say about the contracting process that they are all about.

    Releases are merged in the order of their dates. Where publishers have compiled releases of their own, the latest
    of these is the ground, and only releases after it are merged into it. A single release stays as it was read.
    """
    read = list(documents)
    problems = dict.fromkeys(problem for document in read for problem in document.problems)
    releases = _distinct(release for document in read for release in document.releases)
    grounds = _distinct(document.compiled for document in read if document.compiled is not None)
    ground = max(reversed(grounds.values()), key=_date, default=None)
    later = sorted((one for one in releases.values() if ground is None or _date(one) > _date(ground)), key=_date)
    if len(later) + (ground is not None) > 1 and any(_date(release) == _BEGINNING for release in later):
        problems[_UNDATED] = None
    used = [*([ground] if ground is not None else []), *later]
    release, found = _merged(used) if len(used) > 1 else (used[0], ())
    problems.update(dict.fromkeys(found))
    return Compiled(ocid, {**release, "ocid": ocid}, (*grounds, *releases), tuple(problems))


def _distinct(releases: Iterable[Release]) -> dict[str, Release]:
    return {digest(release): release for release in releases}


def _date(release: Release) -> datetime:
    written = release.get("date")
    found = instant(written)[0] if isinstance(written, str) else None
    return found or _BEGINNING


def _merged(releases: Sequence[Release]) -> tuple[Release, tuple[Problem, ...]]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", DuplicateIdValueWarning)
        merged = _merge(releases)
        problems = [_DUPLICATE_ID] if caught else []
        if merged is None:
            problems.append(_CONTRADICTING)
            merged = _merge_what_fits(releases)
    return merged, tuple(problems)


def _merge(releases: Sequence[Release]) -> Release | None:
    ground = ocdsmerge.CompiledRelease(merge_rules=_merge_rules())
    try:
        for release in releases:
            ground.append(release)
        found: Release = ground.asdict()
    except (InconsistentTypeError, TypeError, AttributeError):
        # The library raises the latter two for ids that are objects or lists.
        return None
    return found


def _merge_what_fits(releases: Sequence[Release]) -> Release:
    fitting: list[Release] = []
    merged = releases[-1]
    for release in releases:
        tried = _merge([*fitting, release])
        if tried is not None:
            fitting.append(release)
            merged = tried
    return merged


@cache
def _merge_rules() -> dict[tuple[str, ...], str]:
    written = json.loads(files(__package__).joinpath("merge-rules.json").read_text(encoding="utf-8"))
    return {tuple(path.split("/")): rule for rule in ("omitWhenMerged", "wholeListMerge") for path in written[rule]}


_UNDATED = Problem("release-date-missing", "A release has no date that can be read; it is taken for the oldest.")
_DUPLICATE_ID = Problem("duplicate-id", "Objects of one list have the same id; the later one is merged over the other.")
_CONTRADICTING = Problem("release-not-merged", "A release contradicts the earlier ones in its form and is left out.")
