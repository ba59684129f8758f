"""A published event as the portal keeps it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

# Words may begin like an instant; a date alone is a day.
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d\S*")


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold one published event and its place in its service's feed.

    Shape: event is the whole CloudEvent as JSON; source is the service's name.
    """

    id: UUID
    source: str
    position: int
    type: str
    key: str
    time: datetime
    sandbox: bool
    event: Mapping[str, Any]

    @property
    def data(self) -> Mapping[str, Any]:
        """Return the event's data as it was published."""
        data: Mapping[str, Any] = self.event["data"]
        return data

    @property
    def ocid(self) -> str | None:
        """Return the contracting process the event belongs to, if it belongs to one."""
        return self.data.get("ocid")

    @property
    def plan(self) -> str | None:
        """Return the plan the event speaks of, if it speaks of one."""
        return self.data.get("plan")


def instant(text: str) -> datetime | None:
    """Read an instant in UTC as events tell it; of any other text, and of a time without a zone, there is none."""
    if not _INSTANT.fullmatch(text):
        return None
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def in_order(entries: Iterable[Entry]) -> Sequence[Entry]:
    """Order events so that the result does not depend on which source was read first."""
    return sorted(entries, key=lambda entry: (entry.time, entry.id))


def of_type(entries: Iterable[Entry], *types: str) -> Sequence[Entry]:
    """Keep the events of some types, in their order."""
    return [entry for entry in entries if entry.type in types]


def latest(entries: Iterable[Entry], *types: str) -> Entry | None:
    """Return the last event of some types, or none."""
    found = of_type(entries, *types)
    return found[-1] if found else None
