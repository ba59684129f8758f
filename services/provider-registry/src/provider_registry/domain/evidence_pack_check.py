"""Holds an evidence pack to itself, to the documents it names, and to what the public log says was issued."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from provider_registry.domain.evidence_pack import FORMAT
from shared.kernel.canonical import digest
from shared.kernel.errors import DomainError


class UnusablePackError(Exception):
    """It is no evidence pack."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One thing that a pack is held to, and whether it is so."""

    what: str
    kept: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """The digest that a pack has, and what was found of it."""

    digest: str
    organisation: str
    findings: tuple[Kept, ...]

    @property
    def kept(self) -> bool:
        """Whether everything is as it should be."""
        return all(one.kept for one in self.findings)


def check(
    pack: object,
    *,
    on: date,
    files: Collection[str] | None = None,
    cited: str | None = None,
    issued: Mapping[str, str] | None = None,
) -> Checked:
    """Check a pack as read from its file, however that was formatted.

    Shape: files are the digests of the documents at hand; cited is the digest that it should have; issued says to which
    organisation a digest was issued.

    Raises:
        UnusablePackError: if it is not written as a pack.
    """
    written = _written(pack)
    try:
        own, organisation = digest(written), str(written["organisation"])
        findings = tuple(_findings(written, on, files))
    except (DomainError, KeyError, TypeError, ValueError) as error:
        raise UnusablePackError from error
    told = []
    if cited is not None:
        told.append(Kept("its digest is the one cited", kept=own == cited))
    if issued is not None:
        told.append(Kept("the public log says that it was issued to this provider", issued.get(own) == organisation))
    return Checked(own, organisation, (*told, *findings))


def day_of(pack: object) -> date:
    """Return the day of the instant that a pack is as known at, in UTC.

    Raises:
        UnusablePackError: if it is not written as a pack.
    """
    try:
        return datetime.fromisoformat(_written(pack)["at"]).astimezone(UTC).date()
    except (KeyError, TypeError, ValueError) as error:
        raise UnusablePackError from error


def _written(pack: object) -> Mapping[str, Any]:
    if not isinstance(pack, dict) or pack.get("format") != FORMAT:
        raise UnusablePackError
    return pack


def _findings(pack: Mapping[str, Any], on: date, files: Collection[str] | None) -> Iterator[Kept]:
    declaration = pack["declaration"]
    if declaration is None:
        yield Kept("the provider has declared itself", kept=False)
    else:
        ends = datetime.fromisoformat(declaration["valid_until"])
        yield Kept("the declaration counts", kept=datetime(on.year, on.month, on.day, tzinfo=UTC) < ends)
    for document in pack["documents"]:
        named = f"{document['document_type']} {document['digest'][:12]}"
        first, last = date.fromisoformat(document["valid_from"]), date.fromisoformat(document["valid_until"])
        yield Kept(f"{named} holds from {first} to {last}", kept=first <= on <= last)
        if files is not None:
            yield Kept(f"{named} is at hand, unchanged", kept=document["digest"] in files)
