"""What a bid's technical envelope holds: the offer, who renders it, and the documents that prove it."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

MOST_ENTRIES = 500
MOST_PARTIES = 50
LONGEST_TEXT = 5_000
SHORTEST_RATIONALE = 30
SIZES = ("micro", "small", "medium", "large")
SMALL_OR_MEDIUM = frozenset({"micro", "small", "medium"})

Part = TypeVar("Part")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,79}")
_SHARE = re.compile(r"(0|[1-9][0-9]{0,2})(\.[0-9]{1,4})?")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_FIELDS = frozenset({"size", "groups", "answers", "consortium", "subcontractors", "documents"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What is offered for one requirement, and the documents that prove it."""

    requirement: str
    value: str | bool
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConsortiumMember:
    """An organisation that bids together with others, the bidder itself among them.

    Units: share in percent of the contract.
    """

    organisation: str
    share: Decimal
    size: str | None


@dataclass(frozen=True, slots=True)
class Subcontractor:
    """An organisation that is to render a part of the service.

    Units: share in percent of the contract.
    """

    organisation: str
    share: Decimal
    part: str
    size: str | None


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """A document that belongs to the offer, by its SHA-256; where it is confidential, why."""

    digest: str
    title: str
    confidential: bool
    rationale: str | None


@dataclass(frozen=True, slots=True)
class TechnicalContent:
    """An offer; the sizes are what the bidder declares of itself and its partners."""

    size: str | None
    groups: Mapping[str, str]
    answers: tuple[Answer, ...]
    consortium: tuple[ConsortiumMember, ...]
    subcontractors: tuple[Subcontractor, ...]
    documents: tuple[ListedDocument, ...]

    def parties(self, bidder: str) -> tuple[str, ...]:
        """Return who bids: the members of the consortium, or the bidder alone."""
        return tuple(dict.fromkeys((bidder, *(member.organisation for member in self.consortium))))

    def small_or_medium(self, bidder: str) -> bool:
        """Say whether the bidder and every partner declare to be medium-sized or smaller."""
        partners = (member.size for member in self.consortium if member.organisation != bidder)
        return all(size in SMALL_OR_MEDIUM for size in (self.size, *partners))


def read_technical(content: bytes) -> TechnicalContent:
    """Read a technical envelope's content.

    Shape: {"size", "groups": {criterion: group}, "answers": [{requirement, value, evidence: [digest]}],
        "consortium": [{organisation, share, size}], "subcontractors": [{organisation, share, part, size}],
        "documents": [{digest, title, confidential, rationale}]}; every field may be left out, no other is there.

    Raises:
        ValueError: if it is not such a document.
        RecursionError: if it is nested too deeply.
    """
    document = json.loads(content.decode("utf-8"))
    if not isinstance(document, dict) or not document.keys() <= _FIELDS:
        raise ValueError("no offer")
    read = TechnicalContent(
        size=_size(document),
        groups=_groups(document.get("groups", {})),
        answers=_list(document, "answers", MOST_ENTRIES, _answer),
        consortium=_list(document, "consortium", MOST_PARTIES, _member),
        subcontractors=_list(document, "subcontractors", MOST_PARTIES, _subcontractor),
        documents=_list(document, "documents", MOST_ENTRIES, _document),
    )
    _once([answer.requirement for answer in read.answers])
    _once([listed.digest for listed in read.documents])
    _once([party.organisation for party in read.subcontractors])
    listed = {one.digest for one in read.documents}
    if not all(set(answer.evidence) <= listed for answer in read.answers):
        raise ValueError("evidence that is not listed")
    return read


def _answer(entry: Mapping[str, Any]) -> Answer:
    _only(entry, "requirement", "value", "evidence")
    value = entry["value"]
    if not isinstance(value, bool):
        _text(value)
    evidence = entry.get("evidence", [])
    if not isinstance(evidence, list) or len(evidence) > MOST_PARTIES:
        raise ValueError("evidence")
    return Answer(_name(entry["requirement"]), value, tuple(_matching(_DIGEST, digest) for digest in evidence))


def _member(entry: Mapping[str, Any]) -> ConsortiumMember:
    _only(entry, "organisation", "share", "size")
    return ConsortiumMember(_name(entry["organisation"]), _share(entry["share"]), _size(entry))


def _subcontractor(entry: Mapping[str, Any]) -> Subcontractor:
    _only(entry, "organisation", "share", "part", "size")
    return Subcontractor(_name(entry["organisation"]), _share(entry["share"]), _text(entry["part"]), _size(entry))


def _document(entry: Mapping[str, Any]) -> ListedDocument:
    _only(entry, "digest", "title", "confidential", "rationale")
    confidential, rationale = entry.get("confidential", False), entry.get("rationale")
    if not isinstance(confidential, bool) or (confidential and len(_text(rationale).strip()) < SHORTEST_RATIONALE):
        raise ValueError("confidential without a rationale")
    return ListedDocument(
        _matching(_DIGEST, entry["digest"]),
        _text(entry["title"])[:200],
        confidential,
        None if rationale is None else _text(rationale),
    )


def _list(
    document: Mapping[str, Any], field: str, most: int, read: Callable[[Mapping[str, Any]], Part]
) -> tuple[Part, ...]:
    entries = document.get(field, [])
    if not isinstance(entries, list) or len(entries) > most or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError(field)
    try:
        return tuple(read(entry) for entry in entries)
    except KeyError as error:
        raise ValueError(field) from error


def _groups(groups: object) -> Mapping[str, str]:
    if not isinstance(groups, dict) or len(groups) > MOST_ENTRIES:
        raise ValueError("groups")
    return {_name(criterion): _name(group) for criterion, group in groups.items()}


def _size(entry: Mapping[str, Any]) -> str | None:
    size = entry.get("size")
    if size is not None and size not in SIZES:
        raise ValueError("size")
    return size


def _share(value: object) -> Decimal:
    share = Decimal(_matching(_SHARE, value))
    if not 0 < share <= 100:
        raise ValueError("share")
    return share


def _only(entry: Mapping[str, Any], *fields: str) -> None:
    if not entry.keys() <= set(fields):
        raise ValueError("a field that is not known")


def _once(names: Sequence[str]) -> None:
    if len(names) != len(set(names)):
        raise ValueError("named twice")


def _name(value: object) -> str:
    return _matching(_NAME, value)


def _text(value: object) -> str:
    # PostgreSQL keeps no NUL in a text, and a lone surrogate is no text at all.
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_TEXT or "\0" in value:
        raise ValueError("text")
    value.encode()
    return value


def _matching(form: re.Pattern[str], value: object) -> str:
    if not isinstance(value, str) or not form.fullmatch(value):
        raise ValueError(form.pattern)
    return value
