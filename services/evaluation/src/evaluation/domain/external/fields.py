"""Type-strict and forgiving access to JSON that others wrote: a wrong type counts as absent and is noted."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from evaluation.domain.external.dates import instant

# So many notes tell enough about one process.
MOST_NOTES = 100

_CURRENCY = re.compile(r"[A-Z]{3}")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class Note:
    """Something odd in what was published.

    Shape: path is a JSON Pointer into the compiled release; code is stable.
    """

    path: str
    code: str

    @property
    def detail(self) -> str:
        """Say what is odd in a sentence for a person."""
        return _SENTENCES[self.code]


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount as published.

    Units: amount is decimal, in the currency's main unit, with all its digits and no exponent; currency is ISO 4217.
    """

    amount: str
    currency: str


_SENTENCES = {
    "wrong-type": "The value has a type that does not belong here and is left out.",
    "unknown-code": "The code is not on the code list of OCDS and is left out.",
    "text-cut": "The text is very long and is cut.",
    "control-characters": "The text holds control characters, which are taken out.",
    "date-invalid": "This is not a date and is left out.",
    "time-missing": "The date has no time; the start of the day in UTC is taken.",
    "time-zone-missing": "The date has no time zone; UTC is taken.",
    "amount-not-exact": "The amount is not a finite decimal number of a believable size and is left out.",
    "amount-zero": "The amount is zero.",
    "amount-negative": "The amount is negative.",
    "currency-missing": "The amount has no currency and is left out.",
    "currency-unknown": "The currency is not three capital letters (ISO 4217); the amount is left out.",
    "count-negative": "The count is negative and is left out.",
    "status-derived": "The tender has no status; it is concluded from what else is published.",
    "party-missing": "The organisation is not among the parties.",
    "party-by-identifier": "The organisation is referred to by its identifier and not by the id it has as a party.",
    "notes-left-out": "There are more notes than are kept.",
}


class Node:
    """A JSON object, where it is, and the notes on everything that was read around it."""

    __slots__ = ("_notes", "_value", "path")

    def __init__(self, value: dict[str, object], path: str, notes: list[Note]) -> None:
        self._value = value
        self._notes = notes
        self.path = path

    def note(self, name: str, code: str) -> None:
        """Note something about a member of the object."""
        found = Note(f"{self.path}/{name}", code)
        if found in self._notes:
            return
        if len(self._notes) < MOST_NOTES:
            self._notes.append(found)
        elif len(self._notes) == MOST_NOTES:
            self._notes.append(Note("", "notes-left-out"))

    def has(self, name: str) -> bool:
        """Tell whether the object has a member that is not null."""
        return self._value.get(name) is not None

    def node(self, name: str) -> "Node":
        """Return a member that is an object; else one without members."""
        found = self._value.get(name)
        if found is not None and not isinstance(found, dict):
            self.note(name, "wrong-type")
        return Node(found if isinstance(found, dict) else {}, f"{self.path}/{name}", self._notes)

    def nodes(self, name: str) -> list["Node"]:
        """Return the objects of a member that is a list."""
        nodes = []
        for index, member in enumerate(self.members(name)):
            if isinstance(member, dict):
                nodes.append(Node(member, f"{self.path}/{name}/{index}", self._notes))
            else:
                self.note(f"{name}/{index}", "wrong-type")
        return nodes

    def members(self, name: str) -> list[object]:
        """Return a member that is a list; else an empty one."""
        found = self._value.get(name)
        if isinstance(found, list):
            return found
        if found is not None:
            self.note(name, "wrong-type")
        return []

    def text(self, name: str, most: int = 500) -> str | None:
        """Return a text of at most so many characters."""
        found = self._value.get(name)
        if found is None:
            return None
        if not isinstance(found, str):
            self.note(name, "wrong-type")
            return None
        kept = found.replace("\r", "")
        cleaned = _CONTROLS.sub("", kept)
        if len(cleaned) < len(kept):
            self.note(name, "control-characters")
        cleaned = cleaned.strip()
        if len(cleaned) > most:
            self.note(name, "text-cut")
        return cleaned[:most] or None

    def identifier(self, name: str) -> str | None:
        """Return an id, which OCDS lets be a text or a whole number."""
        found = self._value.get(name)
        if isinstance(found, int) and not isinstance(found, bool):
            return str(found)[:500]
        return self.text(name)

    def code(self, name: str, known: Collection[str]) -> str | None:
        """Return a code of a closed code list."""
        found = self._value.get(name)
        if found is None or (isinstance(found, str) and found in known):
            return found
        self.note(name, "unknown-code" if isinstance(found, str) else "wrong-type")
        return None

    def count(self, name: str) -> int | None:
        """Return a whole number that is not negative."""
        found = self._value.get(name)
        if found is None:
            return None
        if not isinstance(found, int) or isinstance(found, bool):
            self.note(name, "wrong-type")
            return None
        if found < 0:
            self.note(name, "count-negative")
            return None
        return found

    def instant(self, name: str) -> datetime | None:
        """Return an instant in UTC."""
        found = self._value.get(name)
        if found is None:
            return None
        read, problem = instant(found) if isinstance(found, str) else (None, "wrong-type")
        if problem is not None:
            self.note(name, problem)
        return read

    def amount(self, name: str) -> Amount | None:
        """Return an amount with its currency (OCDS: a value)."""
        value = self.node(name)
        number = value.number("amount")
        if number is None:
            return None
        currency = value.text("currency")
        if currency is None or not _CURRENCY.fullmatch(currency):
            value.note("currency", "currency-missing" if currency is None else "currency-unknown")
            return None
        if number <= 0:
            value.note("amount", "amount-negative" if number else "amount-zero")
        return Amount(f"{number:f}" if number else "0", currency)

    def number(self, name: str) -> Decimal | None:
        """Return an exact number of a size that an amount can have."""
        found = self._value.get(name)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, (int, Decimal)):
            self.note(name, "wrong-type")
            return None
        number = Decimal(found)
        exponent = number.as_tuple().exponent
        if not isinstance(exponent, int) or number.adjusted() > 18 or exponent < -20:
            self.note(name, "amount-not-exact")
            return None
        return number
