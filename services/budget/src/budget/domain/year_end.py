"""What the end of a fiscal year does to a line and to the contracting processes on it.

Liabilities never lapse: what is accrued, held or advanced goes over to the line of the next year, with a grant to
match. What is set aside or bound goes over too, or lapses, as the policy says; what is free lapses. The line
is left with what was paid from it and what it released.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeVar
from uuid import UUID

from budget.domain.commitment import Commitment
from budget.domain.fiscal_year import DECISION_TERM, FiscalYear, YearEndPolicy
from budget.domain.funds import Funds
from budget.domain.funds_data import Memo, Renewal, State
from budget.domain.hold import Hold
from budget.domain.ledger import Cause, Stage, Transfer
from budget.domain.line import Line
from budget.domain.payment_order import PaymentOrder
from budget.domain.year_events import FundsCarriedForward, LineCarriedOver, LineClosed
from shared.kernel.ids import derived_id
from shared.kernel.money import Money, total, zero

Owed = TypeVar("Owed", PaymentOrder, Hold)

# The way of an amount on the next year's line, to the stage that it had on the closed one; an advance leaves it midway.
_WAY = (Stage.AVAILABLE, Stage.RESERVED, Stage.COMMITTED, Stage.ACCRUED, Stage.HELD)


@dataclass(frozen=True, slots=True)
class ClosedProcess:
    """The funds of a process on the next year's line, and what brought them there.

    Units: carried is what they need there; freed is what became available on the closed line, to lapse with the rest.
    """

    funds: Funds
    transfers: tuple[Transfer, ...]
    events: tuple[FundsCarriedForward, ...]
    carried: Money
    freed: Money


def goes_on(funds: Funds) -> bool:
    """Tell whether anything of a process is still to happen, so that it needs a line."""
    if funds.lapsed is not None or any(one.minor for one in (funds.reserved, funds.payable, funds.held, funds.advance)):
        return True
    return any(not one.terminated for one in funds.contracts)


def carry_forward(funds: Funds, line: Line, onto: Line, year: FiscalYear, cause: Cause) -> ClosedProcess:
    """Take a process over to the next year's line."""
    nothing = zero(line.currency)
    kept = year.policy is YearEndPolicy.CARRY_FORWARD
    contracts = funds.contracts if kept else tuple(_lapsed(one, year.year + 1) for one in funds.contracts)
    after = replace(funds, version=funds.version + 1, line=onto.id, contracts=contracts)
    if not kept and funds.reserved.minor:
        state = State.COMMITTED if contracts else State.RELEASED
        after = replace(after, state=state, reserved=nothing, lapsed=funds.reserved)
    after = replace(after, renewal=Renewal(year.year + 1, cause.at + DECISION_TERM))
    now = {
        Stage.RESERVED: after.reserved,
        Stage.COMMITTED: after.committed + after.advance,
        Stage.ACCRUED: after.payable,
        Stage.HELD: after.held,
    }
    unbound = funds.committed - after.committed
    leaving = (
        (Stage.RESERVED, Stage.AVAILABLE, funds.reserved),
        (Stage.COMMITTED, Stage.AVAILABLE, unbound),
        (Stage.COMMITTED, Stage.RELEASED, after.committed),
        (Stage.ADVANCE, Stage.RELEASED, after.advance),
        (Stage.ACCRUED, Stage.RELEASED, after.payable),
        (Stage.HELD, Stage.RELEASED, after.held),
    )
    here = Cause(derived_id("year-end", year.id, funds.id), cause.at)
    reason = f"Fiscal year {year.year} was closed."
    moved = [
        funds.move(here, from_stage, to_stage, amount, reason)
        for from_stage, to_stage, amount in leaving
        if amount.minor
    ]
    carried = total(list(now.values()), line.currency)
    for number, (from_stage, to_stage) in enumerate(pairwise(_WAY), 1):
        through = total([amount for stage, amount in now.items() if _WAY.index(stage) >= number], line.currency)
        if through.minor:
            moved.append(after.move(here, from_stage, to_stage, through, f"Carried over from {year.year}."))
    if after.advance.minor:
        over = f"Carried over from {year.year}."
        moved.append(after.move(here, Stage.COMMITTED, Stage.ADVANCE, after.advance, over))
    event = FundsCarriedForward(
        aggregate=funds.id,
        version=after.version,
        ocid=funds.ocid,
        line=line.id,
        onto=onto.id,
        reserved=after.reserved,
        committed=after.committed,
        accrued=after.payable,
        held=after.held,
        advance=after.advance if after.advance.minor else None,
        lapsed=funds.reserved - after.reserved + unbound,
    )
    return ClosedProcess(
        after,
        tuple(replace(one, chain=year.id) for one in moved),
        (event,),
        carried,
        funds.reserved + unbound,
    )


def take_over(owed: Owed, onto: UUID) -> Owed:
    """Owe what is still open of an order, or withheld, from the next year's line."""
    return replace(owed, version=owed.version + 1, line=onto)


@dataclass(frozen=True, slots=True)
class ClosedLine:
    """A line with its books closed, and the line of the next year with what it took over."""

    line: Line
    onto: Line
    transfers: tuple[Transfer, ...]
    events: tuple[LineClosed | LineCarriedOver, ...]


def close_line(
    line: Line,
    onto: Line,
    balances: Mapping[Stage, Money],
    processes: tuple[ClosedProcess, ...],
    year: FiscalYear,
    cause: Cause,
) -> ClosedLine:
    """Let lapse what is free, and grant the next year's line what it takes over.

    Units: balances are the line's before anything of it was closed.
    """
    freed = total([one.freed for one in processes], line.currency)
    lapsed = balances[Stage.AVAILABLE] + freed + balances[Stage.UNALLOTTED]
    carried = total([one.carried for one in processes], line.currency)
    here, there = (Cause(derived_id("year-end", year.id, one.id), cause.at) for one in (line, onto))
    lapses = f"Lapsed at the end of fiscal year {year.year}."
    taken = f"Carried over from {year.year}."
    moves = (
        (line, here, Stage.AVAILABLE, Stage.RELEASED, balances[Stage.AVAILABLE] + freed, lapses),
        (line, here, Stage.UNALLOTTED, Stage.RELEASED, balances[Stage.UNALLOTTED], lapses),
        (onto, there, Stage.APPROPRIATED, Stage.AVAILABLE, carried, taken),
    )
    transfers = tuple(
        Transfer(
            id=derived_id("transfer", moved.event, from_stage, to_stage),
            line=of.id,
            from_stage=from_stage,
            to_stage=to_stage,
            amount=amount,
            reason=reason,
            at=cause.at,
            cause=moved.event,
            chain=year.id,
        )
        for of, moved, from_stage, to_stage, amount, reason in moves
        if amount.minor
    )
    closed = replace(line, version=line.version + 1, closed_at=cause.at)
    events: list[LineClosed | LineCarriedOver] = [
        LineClosed(aggregate=line.id, version=closed.version, lapsed=lapsed, carried=carried, onto=onto.id)
    ]
    if carried.minor:
        onto = replace(onto, version=onto.version + 1, appropriated=onto.appropriated + carried)
        events.append(
            LineCarriedOver(
                aggregate=onto.id,
                version=onto.version,
                code=onto.code,
                title=onto.title,
                fiscal_year=onto.fiscal_year,
                amount=carried,
                from_line=line.id,
            )
        )
    return ClosedLine(closed, onto, transfers, tuple(events))


def _lapsed(commitment: Commitment, year: int) -> Commitment:
    """Bind nothing for the time being: the next year's budget is to fund what the contract still needs.

    What a change that is not signed yet was promised stays bound.
    """
    unbound = commitment.committed - commitment.addition
    if not unbound.minor:
        return commitment
    return replace(commitment, committed=commitment.addition, memos=(*commitment.memos, Memo(year, unbound)))
