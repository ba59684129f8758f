"""An advance that came back from the bank: what was not recovered is bound again, what was recovered is owed again."""

from dataclasses import dataclass, replace
from decimal import Decimal

from budget.domain.advance import Advance, Recovery, replaced
from budget.domain.advance_payment import released
from budget.domain.commitment import Commitment
from budget.domain.funds import Funds
from budget.domain.funds_data import Milestone
from budget.domain.ledger import Cause, Stage, Transfer, reversal, transfer
from budget.domain.payment_order import OrderKind, Payment, PaymentOrder, new_order
from budget.domain.payment_return import CameBack
from shared.kernel.events import DomainEvent
from shared.kernel.ids import derived_id
from shared.kernel.money import Money, total, zero
from shared.rules.derivation import amount_of
from shared.rules.pack import RulePack

_REASON = "The bank rejected or returned an advance."


@dataclass(frozen=True, slots=True)
class ReturnedAdvance:
    """What the return changes: orders are of periods that were delivered, and not paid for after all.

    Shape: over is what came back to lines whose books are closed.
    """

    funds: Funds
    transfers: tuple[Transfer, ...]
    events: tuple[DomainEvent, ...]
    orders: tuple[PaymentOrder, ...]
    over: tuple[CameBack, ...]


@dataclass(frozen=True, slots=True)
class _Undone:
    """A recovery that is undone, and how much of it."""

    recovery: Recovery
    amount: Money


def take_back_advance(funds: Funds, payment: Payment, pack: RulePack, cause: Cause) -> ReturnedAdvance:
    """Undo what was paid in advance.

    What is outstanding came back first, then what was recovered, the last recovery first. What remains had been entered
    as a repayment: that was this money.

    Raises:
        NotAllowed: contract-unknown.
    """
    before = funds.commitment(payment.contract)
    advance = next(one for one in before.advances if one.order == payment.order)
    here = Cause(derived_id("returned-advance", payment.id), cause.at)
    back = min(payment.amount, advance.outstanding)
    undone = _undone(advance, payment.amount - back)
    owed = total([one.amount for one in undone], back.currency)
    after = _advance_after(advance, payment.amount, undone, repaid=payment.amount - back - owed, here=here)
    commitment = replace(
        before,
        committed=before.committed + (zero(back.currency) if before.terminated else back),
        paid=before.paid - owed,
        advances=replaced(before.advances, after),
        milestones=_milestones_after(before, undone),
    )
    changed = funds.with_commitment(commitment)
    stage = Stage.AVAILABLE if before.terminated else Stage.COMMITTED
    transfers = [funds.move(here, Stage.ADVANCE, stage, back, _REASON)] if back.minor else []
    for one in undone:
        transfers += _transfers(funds, one, here)
    events: tuple[DomainEvent, ...] = ()
    if back.minor and before.terminated:
        changed = replace(changed, version=changed.version + 1)
        events = (released(changed, payment.contract, back, _REASON),)
    return ReturnedAdvance(
        changed,
        tuple(transfers),
        events,
        tuple(_owed_again(funds, before, payment, one, pack, here) for one in undone),
        tuple(
            CameBack(derived_id("returned-recovery", here.event, one.recovery.cause), one.recovery.line, one.amount)
            for one in undone
            if one.recovery.line != funds.line
        ),
    )


def _undone(advance: Advance, amount: Money) -> tuple[_Undone, ...]:
    found = list[_Undone]()
    for recovery in reversed(advance.recoveries):
        part = min(amount, recovery.amount)
        amount -= part
        if part.minor:
            found.append(_Undone(recovery, part))
    return tuple(found)


def _again(one: _Undone, here: Cause) -> Cause:
    return Cause(derived_id("recovered-again", here.event, one.recovery.cause), here.at)


def _advance_after(
    advance: Advance, amount: Money, undone: tuple[_Undone, ...], *, repaid: Money, here: Cause
) -> Advance:
    parts = {one.recovery.cause: one for one in undone}
    kept = list[Recovery]()
    for recovery in advance.recoveries:
        one = parts.get(recovery.cause)
        if one is None:
            kept.append(recovery)
        elif one.amount < recovery.amount:
            kept.append(replace(recovery, amount=recovery.amount - one.amount, cause=_again(one, here).event))
    return replace(advance, paid=advance.paid - amount, repaid=advance.repaid - repaid, recoveries=tuple(kept))


def _milestones_after(commitment: Commitment, undone: tuple[_Undone, ...]) -> tuple[Milestone, ...]:
    milestones = commitment.milestones
    for one in undone:
        milestones = tuple(
            replace(each, payable=each.payable + one.amount, recovered=each.recovered - one.amount)
            if each.period == one.recovery.period and each.payable is not None and each.recovered is not None
            else each
            for each in milestones
        )
    return milestones


def _transfers(funds: Funds, one: _Undone, here: Cause) -> list[Transfer]:
    """Undo the whole recovery, as a reversal does, enter again what of it stays, and owe the rest."""
    recovery = one.recovery
    ways = Cause(derived_id("returned-recovery", here.event, recovery.cause), here.at)

    def entered(cause: Cause, from_stage: Stage, to_stage: Stage, amount: Money) -> Transfer:
        return transfer(
            cause,
            ocid=funds.ocid,
            line=recovery.line,
            from_stage=from_stage,
            to_stage=to_stage,
            amount=amount,
            reason=_REASON,
        )

    first = entered(Cause(recovery.cause, recovery.at), Stage.ADVANCE, Stage.PAID, recovery.amount)
    transfers = [reversal(first, here, _REASON)]
    if one.amount < recovery.amount:
        transfers.append(entered(_again(one, here), Stage.ADVANCE, Stage.PAID, recovery.amount - one.amount))
    if recovery.line == funds.line:
        transfers += [
            entered(ways, Stage.ADVANCE, Stage.COMMITTED, one.amount),
            entered(ways, Stage.COMMITTED, Stage.ACCRUED, one.amount),
        ]
    return transfers


def _owed_again(
    funds: Funds, commitment: Commitment, payment: Payment, one: _Undone, pack: RulePack, here: Cause
) -> PaymentOrder:
    graded = next(each for each in commitment.milestones if each.period == one.recovery.period)
    return new_order(
        derived_id("payment-order", here.event, one.recovery.cause),
        kind=OrderKind.PERIOD,
        ocid=funds.ocid,
        line=funds.line,
        contract=payment.contract,
        period=one.recovery.period,
        payee=payment.payee,
        amount=one.amount,
        grade=graded.grade or payment.grade,
        share=Decimal(1),
        accepted_at=here.at,
        due_at=pack.ends_at("payment", here.at, commitment.contract.acceleration),
        derivation=({"step": "advance-returned", **amount_of(one.amount)},),
    )
