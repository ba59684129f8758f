"""Awards as the events tell them; one that is taken back stays to be seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from portal.domain import types
from portal.domain.entry import Entry, latest, of_type


class AwardStatus(StrEnum):
    """Where an award stands, by the codes of OCDS awardStatus."""

    PENDING = "pending"
    ACTIVE = "active"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Award:
    """Hold an award; contract is the one that was made of it.

    Shape: supplier and value as events tell them.
    """

    id: str
    lot: str | None
    supplier: Mapping[str, Any]
    value: Mapping[str, Any] | None
    status: AwardStatus
    contract: str | None
    proposed: Entry | None
    continued: tuple[Entry, ...]
    confirmed: Entry | None
    cancelled: Entry | None

    @property
    def ranking(self) -> Sequence[Mapping[str, Any]]:
        """Return the whole ranking, of however many events."""
        return parts_of("ranking", self.proposed, self.continued)

    @property
    def derivation(self) -> Sequence[Mapping[str, Any]]:
        """Return the whole derivation, of however many events."""
        return parts_of("derivation", self.proposed, self.continued)


def parts_of(field: str, proposed: Entry | None, continued: Sequence[Entry]) -> Sequence[Mapping[str, Any]]:
    """Put together what a proposal told in several events, which come in their order."""
    events = (proposed, *continued) if proposed else ()
    return [item for event in events for item in event.data[field]]


def awards(entries: Sequence[Entry]) -> tuple[Award, ...]:
    """Find the awards of a procedure, the one that was proposed first first."""
    told: dict[str, list[Entry]] = {}
    for entry in of_type(entries, types.PROPOSED, types.CONFIRMED, types.AWARD_CANCELLED):
        told.setdefault(entry.data["award"], []).append(entry)
    continued = of_type(entries, types.RANKING_CONTINUED)
    return tuple(
        _award(award, events, [entry for entry in continued if entry.data["award"] == award])
        for award, events in told.items()
    )


def _award(award: str, entries: Sequence[Entry], continued: Sequence[Entry]) -> Award:
    described: dict[str, Any] = {"lot": None, "value": None, "contract": None}
    for entry in entries:
        described |= entry.data
    confirmed, cancelled = latest(entries, types.CONFIRMED), latest(entries, types.AWARD_CANCELLED)
    going_on = AwardStatus.ACTIVE if confirmed else AwardStatus.PENDING
    return Award(
        id=award,
        lot=described["lot"],
        supplier=described["supplier"],
        value=described["value"],
        status=AwardStatus.CANCELLED if cancelled else going_on,
        contract=described["contract"],
        proposed=latest(entries, types.PROPOSED),
        continued=tuple(sorted(continued, key=lambda entry: int(entry.data["part"]))),
        confirmed=confirmed,
        cancelled=cancelled,
    )
