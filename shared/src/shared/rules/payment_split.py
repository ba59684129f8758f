"""What a payment formula makes of one period's amount: payable, held and deducted, each unit derived."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from shared.kernel.errors import Invalid, RuleReference
from shared.kernel.money import Money, total, zero
from shared.rules.derivation import Derivation, Step, amount_of, plain
from shared.rules.payment_formula import IndicatorDeduction, PaymentFormula, ReleaseCondition


@dataclass(frozen=True, slots=True)
class HeldPart:
    """Hold one amount that is withheld, why, and what ends it."""

    reason: Literal["retention-money", "shortcoming"]
    text: str
    amount: Money
    release: ReleaseCondition


@dataclass(frozen=True, slots=True)
class Settlement:
    """Hold what becomes of an amount due.

    Units: payable, held and deducted add up to due exactly; share is the grade's, from 0 to 1.
    """

    due: Money
    payable: Money
    deducted: Money
    holds: tuple[HeldPart, ...]
    share: Decimal
    reason: str
    lines: Derivation

    @property
    def held(self) -> Money:
        """What is withheld, all reasons together."""
        return total([part.amount for part in self.holds], self.due.currency)


def settle(
    formula: PaymentFormula,
    due: Money,
    grade: str,
    measured: Mapping[str, Decimal] | None = None,
    reference: RuleReference | None = None,
) -> Settlement:
    """Work out what of an amount is payable, held and deducted; every product is rounded half up to the minor unit.

    Deductions come first, in the order of the indicators; then the retention is taken of what is left, then the grade's
    share of the rest is payable and what remains is held. Neither deductions nor holds touch what is guaranteed. What
    was not measured is not deducted.

    Raises:
        Invalid: grade-unknown, kpi-unknown, or due-negative.
    """
    by_grade = formula.grade_share(grade, reference)
    values = measured or {}
    if due.minor < 0:
        raise Invalid("due-negative", "An amount due is not negative.", reference=reference, pointer="/due/amount")
    if not values.keys() <= {one.kpi for one in formula.indicators}:
        detail = "The payment formula deducts nothing for such an indicator."
        known = ", ".join(one.kpi for one in formula.indicators) or "none"
        raise Invalid("kpi-unknown", detail, reference=reference, satisfied_by=f"One of: {known}.", pointer="/kpis")
    guaranteed = due.share(formula.guarantee)
    deducted, deductions = _deduct(formula, due, due - guaranteed, values)
    accepted = due - deducted
    retained = min(accepted.share(formula.retention_share), accepted - guaranteed)
    rest = accepted - retained
    payable = max(rest.share(by_grade.share), guaranteed)
    parts = (
        HeldPart("retention-money", "Retained as the contract says.", retained, formula.retention_release),
        HeldPart("shortcoming", by_grade.reason, rest - payable, formula.shortcoming_release),
    )
    lines = (
        {"step": "due", **amount_of(due)},
        *_guarantee_step(formula, due, guaranteed),
        *deductions,
        *_accepted_step(due, deducted, accepted),
        *_retention_step(formula, accepted, retained),
        {"step": "share", "grade": grade, "share": plain(by_grade.share)},
        _payable_step(rest, by_grade.share, payable),
        {
            "step": "held",
            "expression": f"{plain(accepted.amount)} - {plain(payable.amount)}",
            **amount_of(accepted - payable),
        },
    )
    holds = tuple(part for part in parts if part.amount.minor)
    return Settlement(due, payable, deducted, holds, by_grade.share, by_grade.reason, lines)


def _deduct(
    formula: PaymentFormula, due: Money, free: Money, values: Mapping[str, Decimal]
) -> tuple[Money, tuple[Step, ...]]:
    left = min(due.share(formula.deduction_cap), free)
    steps: list[Step] = []
    deducted = zero(due.currency)
    for one in formula.indicators:
        if one.kpi not in values:
            steps.append({"step": "indicator", "kpi": one.kpi, "value": "not measured", "deducted": "nothing"})
            continue
        missed = _steps_missed(one, values[one.kpi])
        share = min(one.cap, missed * one.share)
        asked = due.share(share)
        amount = min(asked, left)
        steps += [
            _indicator_step(one, values[one.kpi], missed, share),
            {
                "step": "deduction",
                "kpi": one.kpi,
                "expression": f"{plain(due.amount)} * {plain(share)}, half up",
                **({"at-most": plain(left.amount)} if amount < asked else {}),
                **amount_of(amount),
            },
        ]
        deducted, left = deducted + amount, left - amount
    return deducted, tuple(steps)


def _steps_missed(one: IndicatorDeduction, value: Decimal) -> int:
    gap = (
        Fraction(one.target) - Fraction(value) if one.direction == "higher" else Fraction(value) - Fraction(one.target)
    )
    return max(0, gap // Fraction(one.step))


def _indicator_step(one: IndicatorDeduction, value: Decimal, missed: int, share: Decimal) -> Step:
    return {
        "step": "indicator",
        "kpi": one.kpi,
        "target": plain(one.target),
        "value": plain(value),
        "better": one.direction,
        "step-size": plain(one.step),
        "steps-missed": str(missed),
        "share-each": plain(one.share),
        "cap": plain(one.cap),
        "share": plain(share),
    }


def _guarantee_step(formula: PaymentFormula, due: Money, guaranteed: Money) -> tuple[Step, ...]:
    if not formula.guarantee:
        return ()
    expression = f"{plain(due.amount)} * {plain(formula.guarantee)}, half up"
    return ({"step": "guaranteed", "expression": expression, **amount_of(guaranteed)},)


def _accepted_step(due: Money, deducted: Money, accepted: Money) -> tuple[Step, ...]:
    if not deducted.minor:
        return ()
    return (
        {
            "step": "accepted",
            "expression": f"{plain(due.amount)} - {plain(deducted.amount)}",
            **amount_of(accepted),
        },
    )


def _retention_step(formula: PaymentFormula, accepted: Money, retained: Money) -> tuple[Step, ...]:
    if not formula.retention_share:
        return ()
    expression = f"{plain(accepted.amount)} * {plain(formula.retention_share)}, half up"
    lowered = {"at-most": plain(retained.amount)} if retained < accepted.share(formula.retention_share) else {}
    return ({"step": "retained", "expression": expression, **lowered, **amount_of(retained)},)


def _payable_step(rest: Money, share: Decimal, payable: Money) -> Step:
    by_share = rest.share(share)
    raised = {"at-least": plain(payable.amount)} if payable > by_share else {}
    expression = f"{plain(rest.amount)} * {plain(share)}, half up"
    return {"step": "payable", "expression": expression, **raised, **amount_of(payable)}
