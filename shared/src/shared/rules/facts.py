"""The facts that rules speak of: what each is called, of which type it is, and how its value is read."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

from shared.kernel.errors import Invalid
from shared.rules import strict_yaml

FactType = Literal["count", "number", "amount", "flag", "date", "choice", "choices", "roles"]
FactValue = Fraction | bool | date | str | tuple[str, ...] | Mapping[str, tuple[str, ...]]
Facts = Mapping[str, FactValue]

NUMERIC: frozenset[FactType] = frozenset({"count", "number", "amount"})
MOST_ENTRIES = 1_000

_WHOLE = 10**15
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WORD = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")
_NAME = re.compile(r"[^\x00-\x1f]{1,100}")


@dataclass(frozen=True, slots=True)
class Fact:
    """Describe one fact; path names it, as in `committee.members`."""

    path: str
    title: str
    type: FactType


@lru_cache
def known_facts() -> Mapping[str, Fact]:
    """Return every fact that a rule may speak of, by path."""
    text = files("shared.rules").joinpath("facts.yaml").read_text(encoding="utf-8")
    facts = (Fact(path, entry["title"], entry["type"]) for path, entry in strict_yaml.read(text).items())
    return MappingProxyType({fact.path: fact for fact in facts})


def read_facts(document: Any) -> Facts:
    """Read facts from plain JSON: objects within objects, as `{"committee": {"members": 5}}`; null is not known.

    Units: amounts are in the main unit of the rule pack's currency, as text.

    Raises:
        Invalid: facts-not-an-object, fact-unknown, or fact-of-another-type, with the JSON pointer below the facts.
    """
    return MappingProxyType(dict(_read(document, ())))


def read_day(value: Any) -> date | None:
    """Read a day written as 2026-03-02; anything else is none."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _read(value: Any, at: tuple[str, ...]) -> Iterator[tuple[str, FactValue]]:
    if not isinstance(value, dict):
        raise Invalid("facts-not-an-object", "Facts are an object of members.", pointer=_pointer(at))
    for key, member in value.items():
        path = ".".join((*at, key))
        fact = known_facts().get(path)
        # A dot within a key would name one fact in two ways.
        if "." in key or (fact is None and path not in _groups()):
            raise Invalid(
                "fact-unknown", "There is no such fact.", pointer=_pointer((*at, key)), satisfied_by=_one_of(at)
            )
        if fact is None:
            yield from _read(member, (*at, key))
        elif member is not None:
            yield path, _typed(fact, member, (*at, key))


def _typed(fact: Fact, value: Any, at: tuple[str, ...]) -> FactValue:
    read = _READERS[fact.type](value)
    if read is None:
        expected = f"{_EXPECTED[fact.type]}."
        raise Invalid(
            "fact-of-another-type", "The fact is of another type.", pointer=_pointer(at), satisfied_by=expected
        )
    return read


def _count(value: Any) -> Fraction | None:
    return Fraction(value) if type(value) is int and 0 <= value < _WHOLE else None


def _number(value: Any) -> Fraction | None:
    if type(value) is int:
        return Fraction(value) if abs(value) < _WHOLE else None
    return _amount(value)


def _amount(value: Any) -> Fraction | None:
    return Fraction(value) if isinstance(value, str) and _DECIMAL.fullmatch(value) else None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _choice(value: Any) -> str | None:
    return value if isinstance(value, str) and len(value) <= 100 and _WORD.fullmatch(value) else None


def _choices(value: Any) -> tuple[str, ...] | None:
    if not isinstance(value, list) or len(value) > MOST_ENTRIES:
        return None
    chosen = tuple(choice for choice in map(_choice, value) if choice is not None)
    return chosen if len(chosen) == len(value) else None


def _roles(value: Any) -> Mapping[str, tuple[str, ...]] | None:
    if not isinstance(value, dict) or len(value) > MOST_ENTRIES:
        return None
    read = {party: _choices(roles) for party, roles in value.items() if _NAME.fullmatch(party)}
    roles = {party: held for party, held in read.items() if held is not None}
    return MappingProxyType(roles) if len(roles) == len(value) else None


_READERS: Mapping[FactType, Callable[[Any], FactValue | None]] = MappingProxyType(
    {
        "count": _count,
        "number": _number,
        "amount": _amount,
        "flag": _flag,
        "date": read_day,
        "choice": _choice,
        "choices": _choices,
        "roles": _roles,
    }
)
_EXPECTED: Mapping[FactType, str] = MappingProxyType(
    {
        "count": "A whole number, not negative",
        "number": "A whole number, or a decimal number as text",
        "amount": "A decimal number as text, in the main unit of the currency",
        "flag": "true or false",
        "date": "A day, written as 2026-03-02",
        "choice": "One word of small letters, digits, dashes and dots, as text",
        "choices": "A list of such words",
        "roles": "An object: of each party of the project the list of its roles",
    }
)


@lru_cache
def _groups() -> frozenset[str]:
    paths = (path.split(".") for path in known_facts())
    return frozenset(".".join(parts[:length]) for parts in paths for length in range(1, len(parts)))


def _one_of(at: tuple[str, ...]) -> str:
    start = "".join(f"{part}." for part in at)
    members = {path.removeprefix(start).split(".")[0] for path in known_facts() if path.startswith(start)}
    return f"One of: {', '.join(sorted(members))}."


def _pointer(at: tuple[str, ...]) -> str:
    return "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in at)
