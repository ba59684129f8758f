"""Grades against hand calculations, at the edges of the scale, and their invariants."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import Invalid
from shared.rules.grading import Finding, KpiObservation, attainment, grade_period
from shared.rules.pack import load_pack

MODEL = load_pack("model")
GRADES = "ABCD"


def kpi(observed: str, target: str = "100", direction: str = "higher", name: str = "kpi") -> KpiObservation:
    return KpiObservation(name, name.title(), Decimal(target), Decimal(observed), direction)  # type: ignore[arg-type]


def findings(*severities: str) -> list[Finding]:
    return [Finding(severity, "As reported.") for severity in severities]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("observed", "target", "direction", "expected"),
    [
        pytest.param("95", "95", "higher", "100", id="met"),
        pytest.param("99", "95", "higher", "100", id="capped"),
        pytest.param("76", "95", "higher", "80", id="short"),
        pytest.param("0", "95", "higher", "0", id="nothing"),
        pytest.param("-5", "95", "higher", "0", id="below-nothing"),
        pytest.param("0", "0", "higher", "100", id="zero-target-met"),
        pytest.param("-1", "0", "higher", "0", id="zero-target-missed"),
        pytest.param("4", "4", "lower", "100", id="lower-met"),
        pytest.param("2", "4", "lower", "100", id="lower-capped"),
        pytest.param("5", "4", "lower", "80", id="lower-exceeded"),
        pytest.param("0", "4", "lower", "100", id="lower-nothing-observed"),
        pytest.param("0", "0", "lower", "100", id="lower-zero-target-met"),
        pytest.param("1", "0", "lower", "0", id="lower-zero-target-missed"),
        pytest.param("-1", "0", "lower", "100", id="lower-below-zero-target"),
    ],
)
def test_attainment_is_capped_and_defined_when_a_figure_is_zero(
    observed: str, target: str, direction: str, expected: str
) -> None:
    assert attainment(kpi(observed, target, direction)) == Fraction(expected)


def test_score_is_the_mean_less_deductions_when_there_are_findings() -> None:
    # Attained: 98/98 = 100; 45/60 = 75; 3/4 = 75 (lower is better). Mean 250/3 = 83.3333.
    # Findings: two minor 6, one major 10. Score 83.3333 - 16 = 67.3333, half up 67.33: C.
    observations = [
        kpi("98", "98", name="cleanliness"),
        kpi("45", "60", name="visits"),
        kpi("4", "3", "lower", "delay"),
    ]
    result = grade_period(MODEL, observations, findings("minor", "major", "minor"))
    assert (result.score, result.grade) == (Decimal("67.33"), "C")
    assert result.derivation == (
        {"step": "attainment", "kpi": "cleanliness", "title": "Cleanliness", "target": "98", "observed": "98",
         "better": "higher", "exact": "100", "percent": "100.0000"},
        {"step": "attainment", "kpi": "visits", "title": "Visits", "target": "60", "observed": "45",
         "better": "higher", "exact": "75", "percent": "75.0000"},
        {"step": "attainment", "kpi": "delay", "title": "Delay", "target": "3", "observed": "4",
         "better": "lower", "exact": "75", "percent": "75.0000"},
        {"step": "mean-attainment", "indicators": "3", "exact": "250/3", "percent": "83.3333"},
        {"step": "deduction", "severity": "minor", "findings": "2", "each": "3", "points": "6"},
        {"step": "deduction", "severity": "major", "findings": "1", "each": "10", "points": "10"},
        {"step": "score", "expression": "max(0, 250/3 - 16), half up", "score": "67.33"},
        {"step": "grade", "grade": "C", "from": "60"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("observed", "score", "grade"),
    [
        ("100", "100.00", "A"),
        ("90", "90.00", "A"),
        ("89.995", "90.00", "A"),  # the published score decides: half up
        ("89.99", "89.99", "B"),
        ("80", "80.00", "B"),
        ("79.99", "79.99", "C"),
        ("60", "60.00", "C"),
        ("59.99", "59.99", "D"),
        ("0", "0.00", "D"),
    ],
)
def test_grade_changes_at_90_80_and_60_when_there_are_no_findings(observed: str, score: str, grade: str) -> None:
    result = grade_period(MODEL, [kpi(observed)], [])
    assert (result.score, result.grade) == (Decimal(score), grade)


def test_grade_is_capped_when_a_finding_is_critical() -> None:
    # 100 - 30 = 70 would be a C.
    result = grade_period(MODEL, [kpi("100")], findings("critical"))
    assert (result.score, result.grade) == (Decimal("70.00"), "D")
    assert result.derivation[-2:] == (
        {"step": "grade", "grade": "C", "from": "60"},
        {"step": "cap", "severity": "critical", "at-most": "D"},
    )


def test_score_stops_at_zero_when_deductions_exceed_it() -> None:
    # 100 - 4 * 30 = -20
    assert grade_period(MODEL, [kpi("100")], findings(*["critical"] * 4)).score == Decimal("0.00")


def test_findings_text_stays_out_when_the_derivation_is_published() -> None:
    finding = Finding("minor", "Mrs Example was not at home.")
    assert "Example" not in repr(grade_period(MODEL, [kpi("100")], [finding]).derivation)


def test_grading_is_refused_with_the_rule_when_there_is_no_indicator() -> None:
    with pytest.raises(Invalid) as refusal:
        grade_period(MODEL, [], [])
    assert refusal.value.code == "kpi-missing"
    assert refusal.value.reference == MODEL.reference("grading")


def test_grading_is_refused_when_an_indicator_comes_twice() -> None:
    with pytest.raises(Invalid, match="kpi-repeated"):
        grade_period(MODEL, [kpi("1"), kpi("2")], [])


def test_grading_is_refused_when_a_severity_is_unknown() -> None:
    with pytest.raises(Invalid) as refusal:
        grade_period(MODEL, [kpi("1")], findings("cosmetic"))
    assert refusal.value.code == "severity-unknown"
    assert refusal.value.satisfied_by == "One of: minor, major, critical."


@pytest.mark.parametrize(
    ("observed", "target", "code"),
    [("NaN", "1", "kpi-not-a-number"), ("1", "Infinity", "kpi-not-a-number"), ("1", "-1", "kpi-target-negative")],
)
def test_indicator_is_refused_when_it_cannot_be_attained(observed: str, target: str, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        kpi(observed, target)


FIGURES = st.decimals(0, 1000, allow_nan=False, allow_infinity=False, places=3)
KPIS = st.builds(
    lambda target, observed, direction: KpiObservation("kpi", "Kpi", target, observed, direction),
    FIGURES,
    FIGURES,
    st.sampled_from(["higher", "lower"]),
)
FINDINGS = st.lists(st.builds(Finding, st.sampled_from(["minor", "major", "critical"]), st.just("Text.")), max_size=6)


@given(KPIS, FINDINGS)
def test_score_stays_between_0_and_100_when_anything_is_observed(
    observation: KpiObservation, found: list[Finding]
) -> None:
    result = grade_period(MODEL, [observation], found)
    assert 0 <= result.score <= 100
    assert all(isinstance(text, str) for step in result.derivation for pair in step.items() for text in pair)


@given(KPIS, FINDINGS, st.sampled_from(["minor", "major", "critical"]))
def test_grade_never_improves_when_a_finding_is_added(
    observation: KpiObservation, found: list[Finding], severity: str
) -> None:
    before = grade_period(MODEL, [observation], found)
    after = grade_period(MODEL, [observation], [*found, *findings(severity)])
    assert after.score <= before.score
    assert GRADES.index(after.grade) >= GRADES.index(before.grade)
