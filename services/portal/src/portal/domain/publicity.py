"""Single sources made public: who alone is to be asked, and who objected."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.domain import types
from portal.domain.entry import Entry, latest, of_type


@dataclass(frozen=True, slots=True)
class Objection:
    """Hold an objection; reviewed is there once it was examined."""

    id: str
    raised: Entry | None
    reviewed: Entry | None


@dataclass(frozen=True, slots=True)
class Publicity:
    """Hold a publicity and the objections to it, in the order in which they were raised."""

    id: str
    publicised: Entry | None
    objections: tuple[Objection, ...]


def publicities(entries: Sequence[Entry]) -> tuple[Publicity, ...]:
    """Find what was made public before one provider alone is asked."""
    told: dict[str, list[Entry]] = {}
    for entry in of_type(entries, types.SINGLE_SOURCE, types.OBJECTION_RAISED, types.OBJECTION_REVIEWED):
        told.setdefault(entry.data["publicity"], []).append(entry)
    return tuple(
        Publicity(publicity, latest(events, types.SINGLE_SOURCE), _objections(events))
        for publicity, events in told.items()
    )


def _objections(entries: Sequence[Entry]) -> tuple[Objection, ...]:
    told: dict[str, list[Entry]] = {}
    for entry in of_type(entries, types.OBJECTION_RAISED, types.OBJECTION_REVIEWED):
        told.setdefault(entry.data["objection"], []).append(entry)
    return tuple(
        Objection(objection, latest(events, types.OBJECTION_RAISED), latest(events, types.OBJECTION_REVIEWED))
        for objection, events in told.items()
    )
