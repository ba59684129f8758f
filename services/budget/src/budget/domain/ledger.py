"""The ledger: money moves between the stages of one budget line, and never otherwise."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.kernel.ids import derived_id
from shared.kernel.money import Money


class Stage(StrEnum):
    """Name the stages of a budget line; the first is what the legislature granted, the others say where it is.

    Source: IMF and USSGL stages of expenditure: pre-encumbrance, encumbrance, accrual at acceptance, payment.
    """

    APPROPRIATED = "appropriated"
    AVAILABLE = "available"
    RESERVED = "reserved"
    COMMITTED = "committed"
    ACCRUED = "accrued"
    HELD = "held"
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class Cause:
    """Name the event that moves money, and when."""

    event: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Move an amount above zero from one stage of a line to another; the id follows from the cause."""

    id: UUID
    line: UUID
    from_stage: Stage
    to_stage: Stage
    amount: Money
    reason: str
    at: datetime
    ocid: str | None = None
    cause: UUID | None = None


def transfer(
    cause: Cause, *, ocid: str, line: UUID, from_stage: Stage, to_stage: Stage, amount: Money, reason: str
) -> Transfer:
    """Write the transfer that an event of a contracting process causes; the same event always gives the same id."""
    return Transfer(
        id=derived_id("transfer", cause.event, from_stage, to_stage),
        line=line,
        from_stage=from_stage,
        to_stage=to_stage,
        amount=amount,
        reason=reason,
        at=cause.at,
        ocid=ocid,
        cause=cause.event,
    )


def changes(transfers: Sequence[Transfer]) -> tuple[tuple[Stage, int], ...]:
    """Sum up what transfers of one line do to its balances.

    APPROPRIATED is the source outside the ledger: what leaves it adds to the running total of what was granted.

    Units: minor units.
    Shape: only stages that change, in the order of the stages, which is the order in which balances are locked.
    """
    net: Counter[Stage] = Counter()
    for one in transfers:
        net[one.from_stage] += one.amount.minor if one.from_stage is Stage.APPROPRIATED else -one.amount.minor
        net[one.to_stage] += one.amount.minor
    return tuple((stage, net[stage]) for stage in Stage if net[stage])
