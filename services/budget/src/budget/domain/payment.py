"""What an accepted period does to the funds: its parts are owed, held and deducted as the contract's formula says."""

from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

from budget.domain.advance import Advance, Recovery, replaced, spread
from budget.domain.advance_events import AdvanceRecovered
from budget.domain.advance_recovery import Recovered, recover
from budget.domain.commitment import Commitment
from budget.domain.events import PeriodAccrued, PeriodDeducted, PeriodHeld
from budget.domain.funds import Change, Funds
from budget.domain.funds_data import Contract, GradedPeriod
from budget.domain.hold import Hold, new_hold
from budget.domain.ledger import Cause, Stage, Transfer
from budget.domain.payment_order import OrderKind, Payment, PaymentOrder, new_order
from shared.kernel.events import DomainEvent
from shared.kernel.ids import derived_id
from shared.kernel.money import Money
from shared.rules.pack import RulePack
from shared.rules.payment_formula import RULE, PaymentFormula, pack_formula
from shared.rules.payment_split import Settlement, settle

MEASURED = "Measured below the target."


class Acceptance(NamedTuple):
    """What the acceptance of a period changes; there is no order where nothing is payable."""

    funds: Funds
    transfers: tuple[Transfer, ...]
    events: tuple[DomainEvent, ...]
    order: PaymentOrder | None
    holds: tuple[Hold, ...]


def formula_of(contract: Contract, pack: RulePack) -> PaymentFormula:
    """Return the formula that a contract is paid by; one that was signed without has the pack's shares by grade."""
    return contract.payment or pack_formula(pack)


def accept_period(funds: Funds, graded: GradedPeriod, pack: RulePack, cause: Cause) -> Acceptance:
    """Owe, hold and deduct what the contract's formula says of a period, and recover what was paid in advance.

    What is recovered, owed, held and deducted adds up to what the period is worth.

    Raises:
        NotAllowed: contract-unknown, payee-differs, period-unknown, period-already-graded, contract-terminated.
        Invalid: grade-unknown.
    """
    commitment = funds.commitment(graded.contract)
    milestone = commitment.milestone(graded)
    formula = formula_of(commitment.contract, pack)
    split = settle(formula, milestone.amount, graded.grade, _priced(graded, formula), pack.reference(RULE))
    recovered = recover(commitment, graded.period, graded.provider, split)
    moved = _moved(funds, graded, split, recovered, cause)
    settled = replace(
        milestone,
        grade=graded.grade,
        payable=recovered.payable,
        held=recovered.held,
        deducted=split.deducted,
        derivation=recovered.lines,
        payee=graded.provider,
        recovered=recovered.amount if recovered.amount.minor else None,
    )
    after = replace(
        commitment,
        committed=commitment.committed - split.due + recovered.amount + recovered.uncovered,
        accrued=commitment.accrued + split.due - split.deducted,
        paid=commitment.paid + recovered.amount,
        held=commitment.held + recovered.held,
        deducted=commitment.given_back + split.deducted - recovered.uncovered,
        milestones=tuple(settled if one.period == graded.period else one for one in commitment.milestones),
        advances=_less_recovered(funds, commitment, graded, recovered.amount, cause),
    )
    acceleration = commitment.contract.acceleration
    holds = tuple(
        new_hold(
            part,
            pack,
            ocid=funds.ocid,
            line=funds.line,
            contract=graded.contract,
            period=graded.period,
            payee=graded.provider,
            grade=graded.grade,
            share=split.share,
            at=cause.at,
            acceleration=acceleration,
        )
        for part in recovered.holds
    )
    events = _events(funds, graded, split, recovered, holds, after.outstanding_of(graded.provider))
    order = new_order(
        derived_id("payment-order", graded.contract, graded.period),
        kind=OrderKind.PERIOD,
        ocid=funds.ocid,
        line=funds.line,
        contract=graded.contract,
        period=graded.period,
        payee=graded.provider,
        amount=recovered.payable,
        grade=graded.grade,
        share=split.share,
        accepted_at=cause.at,
        due_at=pack.ends_at("payment", cause.at, acceleration),
        derivation=recovered.lines,
    )
    return Acceptance(
        replace(funds.with_commitment(after), version=funds.version + len(events)),
        moved,
        events,
        order if recovered.payable.minor else None,
        holds,
    )


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


def count_release(funds: Funds, hold: Hold, amount: Money, reason: str, cause: Cause) -> Change:
    """Owe what was held; the event is the hold's.

    Raises:
        NotAllowed: contract-unknown.
    """
    before = funds.commitment(hold.contract)
    after = funds.with_commitment(replace(before, held=before.held - amount))
    return after, (funds.move(cause, Stage.HELD, Stage.ACCRUED, amount, f"Period {hold.period}: {reason}"),), ()


def count_forfeiture(funds: Funds, hold: Hold, amount: Money, reason: str, cause: Cause) -> Change:
    """Give back to the line what was held and is forfeited.

    Raises:
        NotAllowed: contract-unknown.
    """
    before = funds.commitment(hold.contract)
    after = funds.with_commitment(
        replace(
            before,
            held=before.held - amount,
            accrued=before.accrued - amount,
            deducted=before.given_back + amount,
        )
    )
    event = PeriodDeducted(
        aggregate=funds.id,
        version=after.version,
        ocid=funds.ocid,
        contract=hold.contract,
        period=hold.period,
        line=funds.line,
        payee=hold.payee,
        amount=amount,
        reason=reason,
        hold=hold.id,
    )
    moved = funds.move(cause, Stage.HELD, Stage.AVAILABLE, amount, f"Period {hold.period}: {reason}")
    return after, (moved,), (event,)


def _priced(graded: GradedPeriod, formula: PaymentFormula) -> dict[str, Decimal]:
    # What the contract sets no price on counts in the grade alone.
    priced = {one.kpi for one in formula.indicators}
    return {kpi: value for kpi, value in graded.kpis if kpi in priced}


def _moved(
    funds: Funds, graded: GradedPeriod, split: Settlement, recovered: Recovered, cause: Cause
) -> tuple[Transfer, ...]:
    of_period = f"Period {graded.period}"
    accepted = f"{of_period} was delivered and accepted with grade {graded.grade}."
    held = " ".join(part.text for part in recovered.holds)
    moves = (
        (Stage.COMMITTED, Stage.ACCRUED, split.due - split.deducted - recovered.amount, accepted),
        (Stage.COMMITTED, Stage.AVAILABLE, split.deducted - recovered.uncovered, f"{of_period}: {MEASURED}"),
        (Stage.ACCRUED, Stage.HELD, recovered.held, f"{of_period}, grade {graded.grade}: {held}"),
    )
    transfers = [
        funds.move(cause, from_stage, to_stage, amount, reason)
        for from_stage, to_stage, amount, reason in moves
        if amount.minor
    ]
    parts = spread(funds.commitment(graded.contract).advances, graded.provider, recovered.amount)
    paid_off = f"{of_period} was delivered, and had been paid in advance."
    return (
        *transfers,
        *(
            funds.move(_recovering(cause, advance), Stage.ADVANCE, Stage.PAID, part, paid_off)
            for advance, part in parts
        ),
    )


def _recovering(cause: Cause, advance: Advance) -> Cause:
    return Cause(derived_id("advance-recovery", cause.event, advance.order), cause.at)


def _less_recovered(
    funds: Funds, commitment: Commitment, graded: GradedPeriod, amount: Money, cause: Cause
) -> tuple[Advance, ...]:
    advances = commitment.advances
    for advance, part in spread(advances, graded.provider, amount):
        by = _recovering(cause, advance)
        recovery = Recovery(
            period=graded.period,
            line=funds.line,
            cause=by.event,
            amount=part,
            at=cause.at,
        )
        advances = replaced(advances, replace(advance, recoveries=(*advance.recoveries, recovery)))
    return advances


def _events(
    funds: Funds,
    graded: GradedPeriod,
    split: Settlement,
    recovered: Recovered,
    holds: tuple[Hold, ...],
    outstanding: Money,
) -> tuple[DomainEvent, ...]:
    of_funds: dict[str, Any] = {
        "aggregate": funds.id,
        "ocid": funds.ocid,
        "contract": graded.contract,
        "period": graded.period,
    }
    events: list[DomainEvent] = [
        PeriodAccrued(**of_funds, version=funds.version + 1, amount=split.due - split.deducted)
    ]
    given_back = split.deducted - recovered.uncovered
    if given_back.minor:
        events.append(
            PeriodDeducted(
                **of_funds,
                version=funds.version + 2,
                line=funds.line,
                payee=graded.provider,
                amount=given_back,
                reason=MEASURED,
            )
        )
    if recovered.amount.minor:
        events.append(
            AdvanceRecovered(
                **of_funds,
                version=funds.version + 1 + len(events),
                payee=graded.provider,
                amount=recovered.amount,
                outstanding=outstanding,
            )
        )
    for hold in holds:
        events.append(
            PeriodHeld(
                **of_funds,
                version=funds.version + 1 + len(events),
                payee=graded.provider,
                amount=hold.amount,
                grade=graded.grade,
                reason=hold.text,
                hold=hold.id,
                release=hold.condition,
                appeal_until=hold.appeal_until,
            )
        )
    return tuple(events)
