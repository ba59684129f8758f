"""Contracting processes in OCDS, found in any of the shapes in which they are published."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

Release: TypeAlias = dict[str, Any]

LISTS = ("records", "releases")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong: a stable code, and a sentence for a person that repeats nothing of the file."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Position:
    """Where in a file something is: the line on which the JSON value starts, and the JSON Pointer (RFC 6901) within it.

    Units: line counts from 1; 0 stands for the file as a whole.
    """

    line: int = 0
    pointer: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (f"line {self.line}" if self.line else "", self.pointer) if part)


@dataclass(frozen=True, slots=True)
class Document:
    """One contracting process as one file has it.

    Shape: compiled is a compiled release as its publisher made it; releases are the others, as read. One of the two
    is there.
    """

    file: str
    position: Position
    ocid: str
    releases: tuple[Release, ...]
    compiled: Release | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A part of a file, or a whole one, that cannot be taken in."""

    file: str
    position: Position
    problem: Problem


def documents(
    file: str, position: Position, value: object, problems: tuple[Problem, ...] = ()
) -> Iterator[Document | Refusal]:
    """Find the contracting processes in a JSON value.

    The value is a release, a record, a package of either, or a list of these.
    """
    if isinstance(value, list):
        yield from _members(file, position, value, problems)
    elif not isinstance(value, dict):
        yield Refusal(file, position, Problem("not-an-object", "This is not a JSON object."))
    elif "records" in value or ("releases" in value and not _is_record(value)):
        for name in LISTS:
            if name in value:
                within = replace(position, pointer=f"{position.pointer}/{name}")
                yield from _members(file, within, value[name], problems)
    elif _is_record(value):
        yield _from_record(file, position, value, problems)
    else:
        yield _from_release(file, position, value, problems)


def _is_record(value: Release) -> bool:
    return "compiledRelease" in value or "versionedRelease" in value or ("releases" in value and "ocid" in value)


def _members(
    file: str, position: Position, members: object, problems: tuple[Problem, ...]
) -> Iterator[Document | Refusal]:
    if not isinstance(members, list):
        yield Refusal(file, position, Problem("not-a-list", "This should be a list and is not."))
    elif not members:
        yield Refusal(file, position, Problem("list-empty", "The list is empty."))
    else:
        for index, member in enumerate(members):
            within = replace(position, pointer=f"{position.pointer}/{index}")
            yield from documents(file, within, member, problems)


def _from_release(file: str, position: Position, release: Release, problems: tuple[Problem, ...]) -> Document | Refusal:
    ocid = _ocid(release)
    if ocid is None:
        return Refusal(file, position, _NO_OCID)
    if not _CONTENT.intersection(release):
        return Refusal(file, position, _NOT_A_RELEASE)
    tags = release.get("tag")
    if isinstance(tags, list) and "compiled" in tags:
        return Document(file, position, ocid, (), release, problems)
    return Document(file, position, ocid, (release,), None, problems)


def _from_record(file: str, position: Position, record: Release, problems: tuple[Problem, ...]) -> Document | Refusal:
    compiled, wrong_compiled = _compiled(record)
    releases, wrong_releases = _embedded(record)
    candidates = [record, *([compiled] if compiled is not None else []), *releases]
    ocid = next((found for found in map(_ocid, candidates) if found is not None), None)
    if ocid is None:
        return Refusal(file, position, _NO_OCID)
    own = [release for release in releases if release.get("ocid", ocid) == ocid]
    own_compiled = compiled if compiled is not None and compiled.get("ocid", ocid) == ocid else None
    strays = len(own) < len(releases) or own_compiled is not compiled
    wrong = (*wrong_compiled, *wrong_releases, *((_OTHER_OCID,) if strays else ()))
    if not own and own_compiled is None:
        return Refusal(file, position, wrong[0] if wrong else _RECORD_EMPTY)
    return Document(file, position, ocid, tuple(own), own_compiled, (*problems, *wrong))


def _compiled(record: Release) -> tuple[Release | None, tuple[Problem, ...]]:
    compiled = record.get("compiledRelease")
    if compiled is None or isinstance(compiled, dict):
        return compiled, ()
    return None, (Problem("compiled-release-not-an-object", "The record's compiled release is not a JSON object."),)


def _embedded(record: Release) -> tuple[list[Release], tuple[Problem, ...]]:
    found = record.get("releases")
    if found is None:
        return [], ()
    if not isinstance(found, list):
        return [], (Problem("not-a-list", "The record's releases should be a list and are not."),)
    objects = [release for release in found if isinstance(release, dict)]
    embedded = [release for release in objects if not _is_link(release)]
    problems = [_LINKED] if len(embedded) < len(objects) else []
    if len(objects) < len(found):
        problems.append(Problem("release-not-an-object", "A release of the record is not a JSON object."))
    return embedded, tuple(problems)


def _is_link(release: Release) -> bool:
    # OCDS 1.1, record: a linked release is nothing but its address, date and tags.
    return "url" in release and release.keys() <= {"url", "date", "tag"}


def _ocid(value: Release) -> str | None:
    ocid = value.get("ocid")
    return ocid if isinstance(ocid, str) and ocid.strip() else None


_CONTENT = frozenset({
    "awards", "bids", "buyer", "contracts", "date", "initiationType", "parties", "planning", "tag", "tender"
})  # fmt: skip

_NOT_A_RELEASE = Problem("not-a-release", "Beside its ocid, the object has nothing that a release has.")
_NO_OCID = Problem("ocid-missing", "There is no ocid, or it is not a string.")
_OTHER_OCID = Problem("ocid-differs", "A release of the record has another ocid and is left out.")
_LINKED = Problem("linked-release-not-fetched", "The record only links to a release; links are not followed.")
_RECORD_EMPTY = Problem("record-empty", "The record has no release that could be read.")
