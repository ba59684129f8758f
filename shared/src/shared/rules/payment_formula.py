"""How a contract turns a period's grade and measurements into what is paid, held and deducted: a formula as data."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from shared.kernel.errors import Invalid, RuleReference
from shared.rules.pack import RulePack

RULE = "payment-formula"
LONGEST_HOLD = 3660

_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class ReleaseCondition:
    """Say what ends a hold: a next period of at least a grade, so many days, or a decision.

    Shape: grade goes with next-grade-at-least, days with days-after, and neither with decision.
    """

    when: Literal["next-grade-at-least", "days-after", "decision"]
    grade: str | None = None
    days: int | None = None


DECISION = ReleaseCondition("decision")


@dataclass(frozen=True, slots=True)
class GradeShare:
    """Hold which share a grade makes payable, from 0 to 1, and why the rest is held."""

    grade: str
    share: Decimal
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorDeduction:
    """Hold what is deducted for each full step by which an indicator misses its target.

    Units: target and step in the indicator's own unit; share for each step and cap are parts of the amount due.
    """

    kpi: str
    target: Decimal
    direction: Literal["higher", "lower"]
    step: Decimal
    share: Decimal
    cap: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFormula:
    """Hold a contract's terms of payment.

    Units: shares from 0 to 1: retention_share of what is accepted, guarantee and deduction_cap of the amount due.
    Shape: grades from the best to the worst.
    """

    grades: tuple[GradeShare, ...]
    indicators: tuple[IndicatorDeduction, ...] = ()
    guarantee: Decimal = Decimal(0)
    deduction_cap: Decimal = _ONE
    retention_share: Decimal = Decimal(0)
    retention_release: ReleaseCondition = DECISION
    shortcoming_release: ReleaseCondition = DECISION

    def grade_share(self, grade: str, reference: RuleReference | None = None) -> GradeShare:
        """Return what a grade makes payable.

        Raises:
            Invalid: grade-unknown.
        """
        found = next((one for one in self.grades if one.grade == grade), None)
        if found is None:
            one_of = f"One of: {', '.join(one.grade for one in self.grades)}."
            detail = "The payment formula has no such grade."
            raise Invalid("grade-unknown", detail, reference=reference, satisfied_by=one_of, pointer="/grade")
        return found

    def reaches(self, grade: str, least: str) -> bool:
        """Whether a grade is at least as good as another."""
        order = [one.grade for one in self.grades]
        return order.index(grade) <= order.index(least)


def pack_formula(pack: RulePack) -> PaymentFormula:
    """Return the formula of a contract that states none: the pack's, with its shares by grade.

    Raises:
        Invalid: what check_formula() refuses, if the pack contradicts itself.
    """
    terms, shares = pack.table(RULE), pack.table("payment-by-grade")
    formula = PaymentFormula(
        grades=tuple(
            GradeShare(grade, Decimal(shares[grade]["share"]), shares[grade]["reason"]) for grade in grades_of(pack)
        ),
        guarantee=Decimal(terms["guarantee"]),
        deduction_cap=Decimal(terms["deduction_cap"]),
        retention_share=Decimal(terms["retention_share"]),
        retention_release=ReleaseCondition(**terms["retention_release"]),
        shortcoming_release=ReleaseCondition(**terms["shortcoming_release"]),
    )
    check_formula(formula, pack)
    return formula


def grades_of(pack: RulePack) -> tuple[str, ...]:
    """Return the grades of a pack's scale, the best first."""
    return tuple(band["grade"] for band in pack.table("grading")["scale"])


def check_formula(formula: PaymentFormula, pack: RulePack, pointer: str = "") -> None:
    """Refuse terms of payment that contradict themselves, or the pack's scale of grades.

    Raises:
        Invalid: payment-grade-unknown, payment-grade-missing, payment-share-out-of-range, payment-share-rises,
            payment-guarantee-above-rest, kpi-repeated, kpi-not-a-number, payment-step-not-positive,
            payment-release-incomplete, payment-days-out-of-range, payment-release-grade-unknown.
    """
    reference = pack.reference(RULE)
    _check_grades(formula.grades, grades_of(pack), reference, f"{pointer}/grades")
    _check_shares(formula, reference, pointer)
    _check_indicators(formula.indicators, reference, f"{pointer}/indicators")
    for name, release in (
        ("retention_release", formula.retention_release),
        ("shortcoming_release", formula.shortcoming_release),
    ):
        _check_release(release, grades_of(pack), reference, f"{pointer}/{name}")


def _check_grades(grades: Sequence[GradeShare], scale: Sequence[str], reference: RuleReference, pointer: str) -> None:
    one_of = f"These, each once and in this order: {', '.join(scale)}."
    if unknown := [place for place, one in enumerate(grades) if one.grade not in scale]:
        raise Invalid(
            "payment-grade-unknown",
            "The rule pack's scale has no such grade.",
            reference=reference,
            satisfied_by=one_of,
            pointer=f"{pointer}/{unknown[0]}/grade",
        )
    if tuple(one.grade for one in grades) != tuple(scale):
        detail = "The terms of payment name every grade of the scale once, the best first."
        raise Invalid("payment-grade-missing", detail, reference=reference, satisfied_by=one_of, pointer=pointer)
    for place, one in enumerate(grades):
        _check_share(one.share, reference, f"{pointer}/{place}/share")
        if place and one.share > grades[place - 1].share:
            raise Invalid(
                "payment-share-rises",
                "A worse grade makes no larger share payable.",
                reference=reference,
                satisfied_by="Shares that do not rise from the best grade to the worst.",
                pointer=f"{pointer}/{place}/share",
            )


def _check_shares(formula: PaymentFormula, reference: RuleReference, pointer: str) -> None:
    for name in ("guarantee", "deduction_cap", "retention_share"):
        _check_share(getattr(formula, name), reference, f"{pointer}/{name}")
    if formula.guarantee > _ONE - formula.retention_share:
        raise Invalid(
            "payment-guarantee-above-rest",
            "More is guaranteed than the retention leaves.",
            reference=reference,
            satisfied_by="A guarantee of at most 1 less the retention.",
            pointer=f"{pointer}/guarantee",
        )


def _check_share(share: Decimal, reference: RuleReference, pointer: str) -> None:
    if not share.is_finite() or not 0 <= share <= _ONE:
        raise Invalid(
            "payment-share-out-of-range",
            "A share is from 0 to 1.",
            reference=reference,
            satisfied_by="A share from 0 to 1.",
            pointer=pointer,
        )


def _check_indicators(indicators: Sequence[IndicatorDeduction], reference: RuleReference, pointer: str) -> None:
    if len({one.kpi for one in indicators}) < len(indicators):
        detail = "The terms of payment name an indicator once."
        raise Invalid("kpi-repeated", detail, reference=reference, pointer=pointer)
    for place, one in enumerate(indicators):
        here = f"{pointer}/{place}"
        if not (one.target.is_finite() and one.step.is_finite()):
            detail = "An indicator's target and step are numbers."
            raise Invalid("kpi-not-a-number", detail, reference=reference, pointer=here)
        if one.step <= 0:
            raise Invalid(
                "payment-step-not-positive",
                "A step below the target is above zero.",
                reference=reference,
                satisfied_by="A step above zero, in the indicator's unit.",
                pointer=f"{here}/step",
            )
        _check_share(one.share, reference, f"{here}/share")
        _check_share(one.cap, reference, f"{here}/cap")


def _check_release(release: ReleaseCondition, scale: Sequence[str], reference: RuleReference, pointer: str) -> None:
    needed = {"next-grade-at-least": (True, False), "days-after": (False, True), "decision": (False, False)}
    if (release.grade is not None, release.days is not None) != needed[release.when]:
        raise Invalid(
            "payment-release-incomplete",
            "A hold ends with a grade, after days, or by a decision, and says just that.",
            reference=reference,
            satisfied_by="A grade for next-grade-at-least, days for days-after, neither for decision.",
            pointer=pointer,
        )
    if release.grade is not None and release.grade not in scale:
        raise Invalid(
            "payment-release-grade-unknown",
            "The rule pack's scale has no such grade.",
            reference=reference,
            satisfied_by=f"One of: {', '.join(scale)}.",
            pointer=f"{pointer}/grade",
        )
    if release.days is not None and not 1 <= release.days <= LONGEST_HOLD:
        raise Invalid(
            "payment-days-out-of-range",
            f"A hold lasts from 1 to {LONGEST_HOLD} days.",
            reference=reference,
            satisfied_by=f"A number of days from 1 to {LONGEST_HOLD}.",
            pointer=f"{pointer}/days",
        )
