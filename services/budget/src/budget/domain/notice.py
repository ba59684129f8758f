"""The notice to a provider: what of a period is paid, held and deducted, with a sentence for every step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from budget.domain.funds import Funds
from budget.domain.funds_data import Milestone
from budget.domain.hold import Hold
from budget.domain.payment_order import OrderKind, PaymentOrder
from shared.kernel.errors import not_here
from shared.kernel.money import Money, total, zero
from shared.rules.derivation import Derivation, Step
from shared.rules.payment_formula import ReleaseCondition

# A step that was limited says so in the sentence below.
_SENTENCES: Mapping[str, str] = {
    "due": "The period is worth {sum}.",
    "guaranteed": "In any case {sum} of it are paid: {expression}.",
    "indicator": "Indicator {kpi}: {value} measured, {target} agreed, {better} is better. {missed}",
    "deduction": "Deducted for {kpi}: {sum}, that is {expression}{limit}.",
    "accepted": "That leaves {sum}: {expression}.",
    "retained": "Retained: {sum}, that is {expression}{limit}.",
    "share": "Grade {grade} makes a share of {share} of what is left payable.",
    "payable": "Payable: {sum}, that is {expression}{limit}.",
    "held": "Held: {sum}, that is {expression}.",
    "withheld": "Of the period {sum} were held: {text}",
    "released": "Released: {sum}. {reason}",
    "still-withheld": "Still held: {sum}.",
    "advance-recovered": "Paid in advance, and recovered now: {sum}, that is {expression}{limit}.",
    "held-after-advance": "Held after that: {sum}, that is {expression}, as the provider has the rest already.",
    "to-pay": "To be paid now: {sum}, that is {expression}.",
    "owed-back": "The provider owes back {sum} of the advance, as no period is left to recover it.",
    "advance-returned": "Recovered from an advance that the bank returned, so it is owed again: {sum}.",
}
_NOT_MEASURED = "Indicator {kpi} was not measured; nothing is deducted for it."
_MISSED = "Full steps of {step-size} missed: {steps-missed}, at {share-each} each, at most {cap}: a share of {share}."


@dataclass(frozen=True, slots=True)
class Line:
    """One step of the calculation in words, as it stands in the derivation too."""

    text: str
    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What became of one graded period until now.

    Units: due is what the period is worth; paid, payable, held and deducted add up to it; recovered is the part of paid
    that had been paid in advance.
    Shape: lines are of the acceptance; each further order has its own. Of a period that was deducted to nothing there
    are neither holds nor orders.
    """

    ocid: str
    contract: UUID
    period: str
    payee: str
    grade: str
    due: Money
    paid: Money
    payable: Money
    held: Money
    deducted: Money
    recovered: Money
    lines: tuple[Line, ...]
    holds: tuple[Hold, ...]
    orders: tuple[PaymentOrder, ...]


def notice(funds: Funds, contract: UUID, period: str, holds: Sequence[Hold], orders: Sequence[PaymentOrder]) -> Notice:
    """Write the notice of a period that was graded; interest is owed beside what the period is worth.

    Raises:
        NotFound: not-found, also for a period that is not graded yet.
        NotAllowed: contract-unknown.
    """
    bound = funds.commitment(contract)
    found = next((one for one in bound.milestones if one.period == period), None)
    if found is None or found.grade is None:
        raise not_here()
    currency = found.amount.currency
    of_period = [one for one in orders if one.kind in {OrderKind.PERIOD, OrderKind.RELEASE}]
    payees = [found.payee, *(one.payee for one in holds), *(one.payee for one in of_period)]
    forfeited = total([one.forfeited for one in holds], currency)
    recovered = found.recovered or zero(currency)
    return Notice(
        ocid=funds.ocid,
        contract=contract,
        period=period,
        payee=next((one for one in payees if one), bound.contract.payee),
        grade=found.grade,
        due=found.amount,
        paid=total([one.paid for one in of_period], currency) + recovered,
        payable=total([one.open for one in of_period], currency),
        held=total([one.rest for one in holds], currency),
        deducted=_deducted(found) + forfeited,
        recovered=recovered,
        lines=explained(found.derivation),
        holds=tuple(holds),
        orders=tuple(orders),
    )


def explained(derivation: Derivation) -> tuple[Line, ...]:
    """Write every step of a derivation in words."""
    return tuple(Line(_words(step), step) for step in derivation)


def release_words(condition: ReleaseCondition) -> str:
    """Say what ends a hold."""
    match condition.when:
        case "next-grade-at-least":
            return f"It is paid once a later period is graded {condition.grade} or better, or two persons decide so."
        case "days-after":
            return f"It is paid {condition.days} days after the acceptance, or once two persons decide so."
    return "It is paid once two persons decide so."


def _deducted(milestone: Milestone) -> Money:
    return milestone.deducted or zero(milestone.amount.currency)


def _words(step: Step) -> str:
    name = step["step"]
    if name not in _SENTENCES:
        # What another rule worked out is told as it stands, so that no step is left out.
        return "; ".join(f"{field} {value}" for field, value in step.items())
    if name == "indicator" and "target" not in step:
        return _NOT_MEASURED.format(**step)
    amount = f"{step['amount']} {step['currency']}" if "amount" in step else ""
    missed = _MISSED.format(**step) if name == "indicator" else ""
    return _SENTENCES[name].format(**step, sum=amount, missed=missed, limit=_limit(step))


def _limit(step: Step) -> str:
    if "still-bound" in step:
        return f", raised as only {step['still-bound']} are still bound"
    if "at-most" in step:
        return f", of which the limits leave {step['at-most']}"
    return f", raised to the {step['at-least']} that are guaranteed" if "at-least" in step else ""
