"""The ledger: money moves between the stages of one budget line, and never otherwise."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.kernel.errors import NotAllowed
from shared.kernel.ids import derived_id
from shared.kernel.money import Money


class Stage(StrEnum):
    """Name the stages of a budget line; the first is what the legislature granted, the others say where it is.

    Unallotted is granted for a later quarter; advance is paid before delivery and recovered from what is accrued later;
    held is accepted and withheld with a reason; released is what was given back at the year's end.

    Shape: in the order in which the balances of a line are locked.
    Source: IMF and USSGL stages of expenditure: pre-encumbrance, encumbrance, accrual at acceptance, payment.
    """

    APPROPRIATED = "appropriated"
    UNALLOTTED = "unallotted"
    AVAILABLE = "available"
    RESERVED = "reserved"
    COMMITTED = "committed"
    ADVANCE = "advance"
    ACCRUED = "accrued"
    HELD = "held"
    PAID = "paid"
    RELEASED = "released"


_ONWARD = {
    Stage.APPROPRIATED: (Stage.AVAILABLE, Stage.UNALLOTTED),
    Stage.UNALLOTTED: (Stage.AVAILABLE, Stage.APPROPRIATED, Stage.RELEASED),
    Stage.AVAILABLE: (Stage.APPROPRIATED, Stage.RESERVED, Stage.RELEASED),
    Stage.RESERVED: (Stage.AVAILABLE, Stage.COMMITTED),
    Stage.COMMITTED: (Stage.AVAILABLE, Stage.ACCRUED, Stage.ADVANCE, Stage.RELEASED),
    Stage.ADVANCE: (Stage.PAID, Stage.COMMITTED, Stage.AVAILABLE, Stage.RELEASED),
    Stage.ACCRUED: (Stage.PAID, Stage.HELD, Stage.AVAILABLE, Stage.RELEASED),
    Stage.HELD: (Stage.ACCRUED, Stage.AVAILABLE, Stage.RELEASED),
}
# The ways that money may go; the database has the same (transfers_check). Only a reversal goes one of them backwards.
PERMITTED = frozenset((start, end) for start, ends in _ONWARD.items() for end in ends)


@dataclass(frozen=True, slots=True)
class Cause:
    """Name what moves money, mostly an event, and when."""

    event: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Move an amount above zero from one stage of a line to another; the id follows from the cause.

    Reverses is the earlier transfer that this one undoes; chain is common to transfers that were entered all or none.
    """

    id: UUID
    line: UUID
    from_stage: Stage
    to_stage: Stage
    amount: Money
    reason: str
    at: datetime
    ocid: str | None = None
    cause: UUID | None = None
    reverses: UUID | None = None
    chain: UUID | None = None


def transfer(
    cause: Cause, *, ocid: str | None, line: UUID, from_stage: Stage, to_stage: Stage, amount: Money, reason: str
) -> Transfer:
    """Write the transfer that something causes; the same cause always gives the same id."""
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


def reversal(entered: Transfer, cause: Cause, reason: str) -> Transfer:
    """Write the transfer that undoes an earlier one; a transfer is undone once, and its undoing is not undone.

    Raises:
        NotAllowed: reversal-not-reversed.
    """
    if entered.reverses is not None:
        raise NotAllowed(
            "reversal-not-reversed",
            "The transfer is itself a reversal.",
            satisfied_by="Doing again what was reversed.",
        )
    return replace(
        entered,
        id=derived_id("reversal", entered.id),
        from_stage=entered.to_stage,
        to_stage=entered.from_stage,
        reason=reason,
        at=cause.at,
        cause=cause.event,
        reverses=entered.id,
        chain=None,
    )


def changes(transfers: Iterable[Transfer]) -> tuple[tuple[UUID, Stage, int], ...]:
    """Sum up what transfers do to the balances of their lines.

    APPROPRIATED is the source outside the ledger: it is the running total of what was granted, so what leaves it adds
    to it and what goes back to it subtracts.

    Units: minor units.
    Shape: only balances that change, ascending by line and stage, which is the order in which balances are locked.
    """
    net: Counter[tuple[UUID, Stage]] = Counter()
    for one in transfers:
        for stage, change in ((one.from_stage, -one.amount.minor), (one.to_stage, one.amount.minor)):
            net[one.line, stage] += -change if stage is Stage.APPROPRIATED else change
    lines = sorted({line for line, _ in net})
    return tuple((line, stage, net[line, stage]) for line in lines for stage in Stage if net[line, stage])
