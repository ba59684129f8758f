"""What a graded period does to the funds: all of it is owed, the grade says how much is paid and how much held."""

from dataclasses import replace

from budget.domain.events import PeriodAccrued, PeriodHeld, PeriodPaid
from budget.domain.funds import Change, Funds
from budget.domain.funds_data import GradedPeriod
from budget.domain.ledger import Cause, Stage, Transfer
from shared.kernel.events import DomainEvent
from shared.kernel.ids import derived_id
from shared.rules.pack import RulePack
from shared.rules.payment import PaymentSplit, split_payment


def pay_period(funds: Funds, graded: GradedPeriod, pack: RulePack, cause: Cause) -> Change:
    """Accrue a period's amount, pay what its grade makes payable and hold the rest.

    Raises:
        NotAllowed: contract-unknown, payee-differs, period-unknown, period-already-graded, contract-terminated.
        Invalid: grade-unknown.
    """
    commitment = funds.commitment(graded.contract)
    milestone = commitment.milestone(graded)
    split = split_payment(pack, milestone.amount, graded.grade)
    settled = replace(milestone, grade=graded.grade, paid=split.payable, held=split.held, derivation=split.lines)
    due = funds.decision_due
    if split.held.minor and due is None:
        due = pack.ends_at("payment", cause.at, commitment.contract.acceleration)
    events = _events(funds, graded, split, cause)
    after = replace(
        commitment,
        committed=commitment.committed - split.due,
        accrued=commitment.accrued + split.due,
        paid=commitment.paid + split.payable,
        held=commitment.held + split.held,
        milestones=tuple(settled if one.period == graded.period else one for one in commitment.milestones),
    )
    paid = replace(funds.with_commitment(after), version=events[-1].version, decision_due=due)
    return paid, _transfers(funds, graded, split, cause), events


def _transfers(funds: Funds, graded: GradedPeriod, split: PaymentSplit, cause: Cause) -> tuple[Transfer, ...]:
    graded_as = f"Period {graded.period}, grade {graded.grade}"
    moves = (
        (Stage.COMMITTED, Stage.ACCRUED, split.due, f"Period {graded.period} was delivered and accepted."),
        (Stage.ACCRUED, Stage.PAID, split.payable, f"{graded_as}: the share of {split.share} is payable."),
        (Stage.ACCRUED, Stage.HELD, split.held, f"{graded_as}: {split.reason}"),
    )
    return tuple(
        funds.move(cause, from_stage, to_stage, amount, reason)
        for from_stage, to_stage, amount, reason in moves
        if amount.minor
    )


def _events(funds: Funds, graded: GradedPeriod, split: PaymentSplit, cause: Cause) -> tuple[DomainEvent, ...]:
    events: list[DomainEvent] = [
        PeriodAccrued(
            aggregate=funds.id,
            version=funds.version + 1,
            ocid=funds.ocid,
            contract=graded.contract,
            period=graded.period,
            amount=split.due,
        )
    ]
    if split.payable.minor:
        events.append(
            PeriodPaid(
                aggregate=funds.id,
                version=events[-1].version + 1,
                ocid=funds.ocid,
                contract=graded.contract,
                period=graded.period,
                payment=derived_id("payment", graded.contract, graded.period),
                line=funds.line,
                payee=graded.provider,
                amount=split.payable,
                grade=graded.grade,
                share=split.share,
                paid_at=cause.at,
            )
        )
    if split.held.minor:
        events.append(
            PeriodHeld(
                aggregate=funds.id,
                version=events[-1].version + 1,
                ocid=funds.ocid,
                contract=graded.contract,
                period=graded.period,
                payee=graded.provider,
                amount=split.held,
                grade=graded.grade,
                reason=split.reason,
            )
        )
    return tuple(events)
