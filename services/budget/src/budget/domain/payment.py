"""What a graded period does to the funds: all of it is owed, the grade says how much is paid and how much held."""

from dataclasses import replace

from budget.domain.events import PeriodAccrued, PeriodHeld, PeriodPaid
from budget.domain.funds import Change, Funds
from budget.domain.funds_data import Contract, GradedPeriod, Milestone
from budget.domain.ledger import Cause, Stage, Transfer
from shared.kernel.errors import NotAllowed
from shared.kernel.events import DomainEvent
from shared.kernel.ids import derived_id
from shared.rules.pack import RulePack
from shared.rules.payment import PaymentSplit, split_payment


def pay_period(funds: Funds, graded: GradedPeriod, pack: RulePack, cause: Cause) -> Change:
    """Accrue a period's amount, pay what its grade makes payable and hold the rest.

    Raises:
        NotAllowed: contract-unknown, payee-differs, period-unknown, period-already-graded.
        Invalid: grade-unknown.
    """
    contract = _contract(funds, graded)
    milestone = _milestone(funds, graded)
    split = split_payment(pack, milestone.amount, graded.grade)
    settled = replace(milestone, grade=graded.grade, paid=split.payable, held=split.held, derivation=split.lines)
    due = funds.decision_due
    if split.held.minor and due is None:
        due = pack.ends_at("payment", cause.at, contract.acceleration)
    events = _events(funds, contract, graded, split, cause)
    after = replace(
        funds,
        version=events[-1].version,
        committed=funds.committed - split.due,
        accrued=funds.accrued + split.due,
        paid=funds.paid + split.payable,
        held=funds.held + split.held,
        milestones=tuple(settled if one.period == graded.period else one for one in funds.milestones),
        decision_due=due,
    )
    return after, _transfers(funds, graded, split, cause), events


def _contract(funds: Funds, graded: GradedPeriod) -> Contract:
    if funds.contract is None or funds.contract.id != graded.contract:
        raise NotAllowed("contract-unknown", "No funds are bound by such a contract.")
    if funds.contract.payee != graded.provider:
        raise NotAllowed("payee-differs", "The graded provider is not the contract's supplier.")
    return funds.contract


def _milestone(funds: Funds, graded: GradedPeriod) -> Milestone:
    for milestone in funds.milestones:
        if milestone.period == graded.period:
            if milestone.grade is not None:
                raise NotAllowed("period-already-graded", "The period was graded and settled before.")
            return milestone
    raise NotAllowed("period-unknown", "The contract has no such period.")


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


def _events(
    funds: Funds, contract: Contract, graded: GradedPeriod, split: PaymentSplit, cause: Cause
) -> tuple[DomainEvent, ...]:
    events: list[DomainEvent] = [
        PeriodAccrued(
            aggregate=funds.id,
            version=funds.version + 1,
            ocid=funds.ocid,
            contract=contract.id,
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
                contract=contract.id,
                period=graded.period,
                payment=derived_id("payment", contract.id, graded.period),
                line=funds.line,
                payee=contract.payee,
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
                contract=contract.id,
                period=graded.period,
                payee=contract.payee,
                amount=split.held,
                grade=graded.grade,
                reason=split.reason,
            )
        )
    return tuple(events)
