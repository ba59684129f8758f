"""What an accepted period does to the funds: what its grade makes payable is owed, and the rest is held."""

from dataclasses import replace

from budget.domain.events import PeriodAccrued, PeriodHeld
from budget.domain.funds import Change, Funds
from budget.domain.funds_data import GradedPeriod
from budget.domain.ledger import Cause, Stage, Transfer
from budget.domain.payment_order import OrderKind, Payment, PaymentOrder, new_order
from shared.kernel.events import DomainEvent
from shared.kernel.ids import derived_id
from shared.rules.pack import RulePack
from shared.rules.payment import PaymentSplit, split_payment

Accepted = tuple[Funds, tuple[Transfer, ...], tuple[DomainEvent, ...], PaymentOrder | None]


def accept_period(funds: Funds, graded: GradedPeriod, pack: RulePack, cause: Cause) -> Accepted:
    """Owe what a period's grade makes payable and hold the rest; there is no order where nothing is payable.

    Raises:
        NotAllowed: contract-unknown, payee-differs, period-unknown, period-already-graded, contract-terminated.
        Invalid: grade-unknown.
    """
    commitment = funds.commitment(graded.contract)
    milestone = commitment.milestone(graded)
    split = split_payment(pack, milestone.amount, graded.grade)
    settled = replace(milestone, grade=graded.grade, payable=split.payable, held=split.held, derivation=split.lines)
    due = pack.ends_at("payment", cause.at, commitment.contract.acceleration)
    events = _events(funds, graded, split)
    after = replace(
        commitment,
        committed=commitment.committed - split.due,
        accrued=commitment.accrued + split.due,
        held=commitment.held + split.held,
        milestones=tuple(settled if one.period == graded.period else one for one in commitment.milestones),
    )
    decision_due = (funds.decision_due or due) if split.held.minor else funds.decision_due
    accepted = replace(funds.with_commitment(after), version=events[-1].version, decision_due=decision_due)
    order = new_order(
        derived_id("payment-order", graded.contract, graded.period),
        kind=OrderKind.PERIOD,
        ocid=funds.ocid,
        line=funds.line,
        contract=graded.contract,
        period=graded.period,
        payee=graded.provider,
        amount=split.payable,
        grade=graded.grade,
        share=split.share,
        accepted_at=cause.at,
        due_at=due,
        derivation=split.lines,
    )
    return accepted, _transfers(funds, graded, split, cause), events, order if split.payable.minor else None


def count_payment(funds: Funds, payment: Payment) -> Change:
    """Move what was paid from what is owed to what is paid; the event is the order's.

    Raises:
        NotAllowed: contract-unknown, payment-above-accrued.
    """
    after = funds.with_commitment(funds.commitment(payment.contract).pay(payment.amount))
    cause = Cause(payment.id, payment.paid_at)
    moved = funds.move(
        cause, Stage.ACCRUED, Stage.PAID, payment.amount, f"Period {payment.period} was paid to the provider."
    )
    return after, (moved,), ()


def _transfers(funds: Funds, graded: GradedPeriod, split: PaymentSplit, cause: Cause) -> tuple[Transfer, ...]:
    accepted = f"Period {graded.period} was delivered and accepted with grade {graded.grade}."
    moves = (
        (Stage.COMMITTED, Stage.ACCRUED, split.due, accepted),
        (Stage.ACCRUED, Stage.HELD, split.held, f"Period {graded.period}, grade {graded.grade}: {split.reason}"),
    )
    return tuple(
        funds.move(cause, from_stage, to_stage, amount, reason)
        for from_stage, to_stage, amount, reason in moves
        if amount.minor
    )


def _events(funds: Funds, graded: GradedPeriod, split: PaymentSplit) -> tuple[DomainEvent, ...]:
    accrued = PeriodAccrued(
        aggregate=funds.id,
        version=funds.version + 1,
        ocid=funds.ocid,
        contract=graded.contract,
        period=graded.period,
        amount=split.due,
    )
    if not split.held.minor:
        return (accrued,)
    held = PeriodHeld(
        aggregate=funds.id,
        version=funds.version + 2,
        ocid=funds.ocid,
        contract=graded.contract,
        period=graded.period,
        payee=graded.provider,
        amount=split.held,
        grade=graded.grade,
        reason=split.reason,
    )
    return accrued, held
