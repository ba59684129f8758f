"""The grade of a supervised period: indicators attained, less findings."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from shared.kernel.errors import Invalid
from shared.rules.derivation import Derivation, Step, half_up, plain
from shared.rules.pack import RulePack

Severity = Literal["minor", "major", "critical"]


@dataclass(frozen=True, slots=True)
class KpiObservation:
    """Hold what one key performance indicator was to reach and what was observed.

    Units: target and observed in the indicator's own unit; direction says which way is better.

    Raises:
        Invalid: kpi-not-a-number, or kpi-target-negative.
    """

    id: str
    title: str
    target: Decimal
    observed: Decimal
    direction: Literal["higher", "lower"]

    def __post_init__(self) -> None:
        if not (self.target.is_finite() and self.observed.is_finite()):
            raise Invalid("kpi-not-a-number", "An indicator's target and observation are numbers.")
        if self.target < 0:
            raise Invalid("kpi-target-negative", "An indicator's target is not negative.")


@dataclass(frozen=True, slots=True)
class Finding:
    """Hold one shortcoming that the supervisor found."""

    severity: Severity
    text: str


@dataclass(frozen=True, slots=True)
class PeriodGrade:
    """Hold a period's grade.

    Units: score from 0 to 100, two decimals half up; the grade follows from the score as published.
    """

    score: Decimal
    grade: str
    derivation: Derivation


def attainment(kpi: KpiObservation) -> Fraction:
    """Return how far an indicator was attained; one that is met is attained in full, whatever its target.

    Units: percent, 0 to 100.
    """
    target, observed = Fraction(kpi.target), Fraction(kpi.observed)
    met = observed >= target if kpi.direction == "higher" else observed <= target
    if met:
        return Fraction(100)
    if observed <= 0:
        return Fraction(0)
    return 100 * (observed / target if kpi.direction == "higher" else target / observed)


def grade_period(pack: RulePack, kpis: Sequence[KpiObservation], findings: Sequence[Finding]) -> PeriodGrade:
    """Grade a period as the pack's scale says.

    Raises:
        Invalid: kpi-missing, kpi-repeated, or severity-unknown.
    """
    grading = pack.table("grading")
    reference = pack.reference("grading")
    if not kpis:
        raise Invalid("kpi-missing", "A period is graded on one indicator or more.", reference=reference)
    if len({kpi.id for kpi in kpis}) < len(kpis):
        raise Invalid("kpi-repeated", "An indicator counts once in a period.", reference=reference)
    if not {finding.severity for finding in findings} <= grading["deductions"].keys():
        known = f"One of: {', '.join(grading['deductions'])}."
        raise Invalid(
            "severity-unknown", "The rule pack has no such severity.", reference=reference, satisfied_by=known
        )
    mean = sum((attainment(kpi) for kpi in kpis), Fraction(0)) / len(kpis)
    deductions = _deductions(grading, findings)
    deducted = sum((Fraction(step["points"]) for step in deductions), Fraction(0))
    score = half_up(max(Fraction(0), mean - deducted), 2)
    by_score = next(band for band in grading["scale"] if score >= Decimal(band["from"]))
    grade, caps = _capped(grading, by_score["grade"], findings)
    derivation: Derivation = (
        *(_attainment_step(kpi) for kpi in kpis),
        {
            "step": "mean-attainment",
            "indicators": str(len(kpis)),
            "exact": str(mean),
            "percent": plain(half_up(mean, 4)),
        },
        *deductions,
        {"step": "score", "expression": f"max(0, {mean} - {deducted}), half up", "score": plain(score)},
        {"step": "grade", "grade": by_score["grade"], "from": str(by_score["from"])},
        *caps,
    )
    return PeriodGrade(score, grade, derivation)


def _attainment_step(kpi: KpiObservation) -> Step:
    attained = attainment(kpi)
    return {
        "step": "attainment",
        "kpi": kpi.id,
        "title": kpi.title,
        "target": plain(kpi.target),
        "observed": plain(kpi.observed),
        "better": kpi.direction,
        "exact": str(attained),
        "percent": plain(half_up(attained, 4)),
    }


def _deductions(grading: Mapping[str, Any], findings: Sequence[Finding]) -> tuple[Step, ...]:
    counts = Counter(finding.severity for finding in findings)
    return tuple(
        {
            "step": "deduction",
            "severity": severity,
            "findings": str(counts[severity]),
            "each": str(each),
            "points": plain(counts[severity] * Decimal(each)),
        }
        for severity, each in grading["deductions"].items()
        if counts[severity]
    )


def _capped(grading: Mapping[str, Any], grade: str, findings: Sequence[Finding]) -> tuple[str, tuple[Step, ...]]:
    best_first = [band["grade"] for band in grading["scale"]]
    severities = {finding.severity for finding in findings}
    caps = {severity: cap for severity, cap in grading["caps"].items() if severity in severities}
    lowered = max([grade, *caps.values()], key=best_first.index)
    return lowered, tuple({"step": "cap", "severity": severity, "at-most": cap} for severity, cap in caps.items())
