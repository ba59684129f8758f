"""Awards as the events tell them; one that is taken back stays to be seen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from portal.domain import types
from portal.domain.entry import Entry, in_order, latest, of_type


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
    confirmed: Entry | None
    cancelled: Entry | None


def awards(entries: Iterable[Entry]) -> tuple[Award, ...]:
    """Find the awards of a procedure, the one that was proposed first first."""
    told: dict[str, list[Entry]] = {}
    for entry in of_type(in_order(entries), types.PROPOSED, types.CONFIRMED, types.AWARD_CANCELLED):
        told.setdefault(entry.data["award"], []).append(entry)
    return tuple(_award(award, events) for award, events in told.items())


def _award(award: str, entries: Sequence[Entry]) -> Award:
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
        confirmed=confirmed,
        cancelled=cancelled,
    )
