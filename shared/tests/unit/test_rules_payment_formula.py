"""What a payment formula makes of an amount: it adds up to the minor unit, and every step can be worked out again."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import Invalid
from shared.kernel.money import LARGEST, Money
from shared.rules.pack import available_packs, load_pack
from shared.rules.payment_formula import (
    DECISION,
    GradeShare,
    IndicatorDeduction,
    PaymentFormula,
    ReleaseCondition,
    check_formula,
    pack_formula,
)
from shared.rules.payment_split import Settlement, settle

MODEL = load_pack("model")
AFTER_90_DAYS = ReleaseCondition("days-after", days=90)
NEXT_B = ReleaseCondition("next-grade-at-least", grade="B")


def shares(*figures: str) -> tuple[GradeShare, ...]:
    return tuple(
        GradeShare(grade, Decimal(figure), f"As {grade}.") for grade, figure in zip("ABCD", figures, strict=True)
    )


def indicator(kpi: str = "attendance", **changed: Any) -> IndicatorDeduction:
    terms = {"target": "95", "step": "1", "share": "0.01", "cap": "0.10", **changed}
    direction = terms.pop("direction", "higher")
    return IndicatorDeduction(kpi=kpi, direction=direction, **{name: Decimal(value) for name, value in terms.items()})


ALL_PAID = shares("1", "1", "1", "1")
NO_DAYS = ReleaseCondition("days-after", days=0)
FORMULA = PaymentFormula(
    grades=shares("1", "0.95", "0.80", "0"),
    indicators=(indicator(), indicator("complaints", target="3", direction="lower", share="0.02", cap="0.06")),
    guarantee=Decimal("0.50"),
    deduction_cap=Decimal("0.12"),
    retention_share=Decimal("0.05"),
    retention_release=AFTER_90_DAYS,
    shortcoming_release=NEXT_B,
)


def euros(text: str) -> Money:
    return Money(int(Decimal(text) * 100), "EUR")


def figures(settled: Settlement) -> tuple[Money, Money, Money]:
    assert settled.payable + settled.held + settled.deducted == settled.due
    return settled.payable, settled.held, settled.deducted


def test_deduction_of_the_fiscal_vector_frees_exactly_what_is_not_accrued() -> None:
    # Five steps below the target at one per cent each: 300,000 * 0.05 = 15,000 and 285,000 are accrued.
    formula = PaymentFormula(grades=shares("1", "0.95", "0.80", "0"), indicators=(indicator(),))
    settled = settle(formula, euros("300000"), "A", {"attendance": Decimal(90)})
    assert figures(settled) == (euros("285000"), euros("0"), euros("15000"))
    assert settle(formula, euros("500000"), "A", {"attendance": Decimal(95)}).payable == euros("500000")


def test_steps_follow_each_other_as_the_terms_say() -> None:
    # 1,000.00: attendance 92.5 misses by 2.5, two full steps, 0.02: 20.00. Complaints 5 miss by 2: 0.04: 40.00.
    # Accepted 940.00; 5 % retained: 47.00; rest 893.00; grade C pays 0.80: 714.40; held 940.00 - 714.40 = 225.60.
    settled = settle(FORMULA, euros("1000"), "C", {"attendance": Decimal("92.5"), "complaints": Decimal(5)})
    assert figures(settled) == (euros("714.40"), euros("225.60"), euros("60.00"))
    assert [(part.reason, part.amount, part.release) for part in settled.holds] == [
        ("retention-money", euros("47.00"), AFTER_90_DAYS),
        ("shortcoming", euros("178.60"), NEXT_B),
    ]
    assert settled.lines == (
        {"step": "due", "amount": "1000.00", "currency": "EUR"},
        {"step": "guaranteed", "expression": "1000.00 * 0.50, half up", "amount": "500.00", "currency": "EUR"},
        {
            "step": "indicator", "kpi": "attendance", "target": "95", "value": "92.5", "better": "higher",
            "step-size": "1", "steps-missed": "2", "share-each": "0.01", "cap": "0.10", "share": "0.02",
        },
        {
            "step": "deduction", "kpi": "attendance", "expression": "1000.00 * 0.02, half up",
            "amount": "20.00", "currency": "EUR",
        },
        {
            "step": "indicator", "kpi": "complaints", "target": "3", "value": "5", "better": "lower",
            "step-size": "1", "steps-missed": "2", "share-each": "0.02", "cap": "0.06", "share": "0.04",
        },
        {
            "step": "deduction", "kpi": "complaints", "expression": "1000.00 * 0.04, half up",
            "amount": "40.00", "currency": "EUR",
        },
        {"step": "accepted", "expression": "1000.00 - 60.00", "amount": "940.00", "currency": "EUR"},
        {"step": "retained", "expression": "940.00 * 0.05, half up", "amount": "47.00", "currency": "EUR"},
        {"step": "share", "grade": "C", "share": "0.80"},
        {"step": "payable", "expression": "893.00 * 0.80, half up", "amount": "714.40", "currency": "EUR"},
        {"step": "held", "expression": "940.00 - 714.40", "amount": "225.60", "currency": "EUR"},
    )  # fmt: skip


def test_caps_and_guarantee_are_told_where_they_bind() -> None:
    # Attendance 0: capped at 0.10: 100.00. Complaints 10: capped at 0.06, of which the cap of all leaves 20.00.
    settled = settle(FORMULA, euros("1000"), "D", {"attendance": Decimal(0), "complaints": Decimal(10)})
    # Grade D pays nothing, but half is guaranteed: accepted 880.00, retained 44.00, held 880.00 - 500.00 = 380.00.
    assert figures(settled) == (euros("500.00"), euros("380.00"), euros("120.00"))
    told = {(step["step"], step.get("kpi")): step for step in settled.lines}
    assert told["deduction", "complaints"]["at-most"] == "20.00"
    assert told["payable", None] == {
        "step": "payable", "expression": "836.00 * 0, half up", "at-least": "500.00", "amount": "500.00",
        "currency": "EUR",
    }  # fmt: skip


def test_nothing_is_deducted_for_what_was_not_measured() -> None:
    settled = settle(FORMULA, euros("100"), "A", {"complaints": Decimal(3)})
    assert settled.deducted == euros("0")
    assert {"step": "indicator", "kpi": "attendance", "value": "not measured", "deducted": "nothing"} in settled.lines


amounts = st.one_of(st.integers(0, 10_000), st.integers(0, LARGEST))
share_of = st.decimals(0, 1, places=4)
indicators = st.builds(
    IndicatorDeduction,
    kpi=st.sampled_from(["attendance", "complaints", "response"]),
    target=st.decimals(-100, 100, places=2),
    direction=st.sampled_from(["higher", "lower"]),
    step=st.decimals("0.01", 50, places=2),
    share=share_of,
    cap=share_of,
)


@st.composite
def formulas(draw: st.DrawFn) -> PaymentFormula:
    retention = draw(share_of)
    formula = PaymentFormula(
        grades=shares(
            *(str(share) for share in sorted(draw(st.lists(share_of, min_size=4, max_size=4)), reverse=True))
        ),
        indicators=tuple(draw(st.lists(indicators, max_size=3, unique_by=lambda one: one.kpi))),
        guarantee=draw(st.decimals(0, 1 - retention, places=4)),
        deduction_cap=draw(share_of),
        retention_share=retention,
    )
    check_formula(formula, MODEL)
    return formula


@st.composite
def measured(draw: st.DrawFn) -> tuple[PaymentFormula, dict[str, Decimal]]:
    formula = draw(formulas())
    return formula, {
        one.kpi: draw(st.decimals(-200, 200, places=2)) for one in formula.indicators if draw(st.booleans())
    }


@given(measured(), amounts, st.sampled_from("ABCD"), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_parts_add_up_and_the_guarantee_is_kept_whatever_the_terms(
    told: tuple[PaymentFormula, dict[str, Decimal]], minor: int, grade: str, currency: str
) -> None:
    formula, values = told
    due = Money(minor, currency)
    settled = settle(formula, due, grade, values)
    assert settled.payable + settled.held + settled.deducted == due
    assert min(settled.payable.minor, settled.held.minor, settled.deducted.minor) >= 0
    assert settled.payable >= due.share(formula.guarantee)
    assert settled.deducted <= due.share(formula.deduction_cap)
    assert all(part.amount.minor > 0 for part in settled.holds)
    # The derivation says the same: its deductions add up to what is deducted, in the currency's main unit.
    told_deductions = sum(Decimal(step["amount"]) for step in settled.lines if step["step"] == "deduction")
    assert told_deductions == settled.deducted.amount
    last = {step["step"]: step["amount"] for step in settled.lines if "amount" in step}
    assert (Decimal(last["payable"]), Decimal(last["held"])) == (settled.payable.amount, settled.held.amount)


@given(measured(), amounts, st.sampled_from(["AB", "BC", "CD"]))
def test_better_grade_never_pays_less_or_deducts_more(
    told: tuple[PaymentFormula, dict[str, Decimal]], minor: int, pair: str
) -> None:
    formula, values = told
    better, worse = (settle(formula, Money(minor, "EUR"), grade, values) for grade in pair)
    assert better.payable >= worse.payable
    assert better.deducted == worse.deducted


@given(formulas(), amounts, st.data())
def test_better_measurement_never_deducts_more(formula: PaymentFormula, minor: int, data: st.DataObject) -> None:
    low, high = sorted(data.draw(st.lists(st.decimals(-200, 200, places=2), min_size=2, max_size=2)))
    worse = {one.kpi: low if one.direction == "higher" else high for one in formula.indicators}
    better = {one.kpi: high if one.direction == "higher" else low for one in formula.indicators}
    due = Money(minor, "EUR")
    assert settle(formula, due, "A", better).deducted <= settle(formula, due, "A", worse).deducted


@pytest.mark.parametrize("pack_id", available_packs())
def test_formula_of_a_pack_does_what_its_shares_by_grade_say(pack_id: str) -> None:
    formula = pack_formula(load_pack(pack_id))
    # 12,345 * 0.95 = 11,727.75
    settled = settle(formula, Money(12345, "EUR"), "B")
    assert (settled.payable.minor, settled.held.minor, settled.deducted.minor) == (11728, 617, 0)
    assert [(part.reason, part.release) for part in settled.holds] == [("shortcoming", DECISION)]


@pytest.mark.parametrize(
    ("changed", "code", "pointer"),
    [
        ({"grades": shares("1", "0.95", "0.80", "1.01")}, "payment-share-out-of-range", "grades/3/share"),
        ({"grades": shares("1", "0.95", "0.96", "0")}, "payment-share-rises", "grades/2/share"),
        ({"grades": ALL_PAID[:3]}, "payment-grade-missing", "grades"),
        ({"grades": (*ALL_PAID, GradeShare("E", Decimal(0), "As E."))}, "payment-grade-unknown", "grades/4/grade"),
        ({"retention_share": Decimal("-0.01")}, "payment-share-out-of-range", "retention_share"),
        ({"deduction_cap": Decimal("NaN")}, "payment-share-out-of-range", "deduction_cap"),
        ({"guarantee": Decimal("0.9501")}, "payment-guarantee-above-rest", "guarantee"),
        ({"indicators": (indicator(), indicator())}, "kpi-repeated", "indicators"),
        ({"indicators": (indicator(step="0"),)}, "payment-step-not-positive", "indicators/0/step"),
        ({"indicators": (indicator(target="Infinity"),)}, "kpi-not-a-number", "indicators/0"),
        ({"indicators": (indicator(share="1.5"),)}, "payment-share-out-of-range", "indicators/0/share"),
        ({"indicators": (indicator(cap="-1"),)}, "payment-share-out-of-range", "indicators/0/cap"),
        ({"retention_release": ReleaseCondition("days-after")}, "payment-release-incomplete", "retention_release"),
        ({"retention_release": NO_DAYS}, "payment-days-out-of-range", "retention_release/days"),
        ({"retention_release": ReleaseCondition("decision", "B")}, "payment-release-incomplete", "retention_release"),
        (
            {"shortcoming_release": ReleaseCondition("next-grade-at-least", "Z")},
            "payment-release-grade-unknown",
            "shortcoming_release/grade",
        ),
    ],
)  # fmt: skip
def test_terms_are_refused_each_for_its_own_reason(changed: dict[str, Any], code: str, pointer: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_formula(replace(FORMULA, **changed), MODEL, "/terms")
    assert (refusal.value.code, refusal.value.pointer) == (code, f"/terms/{pointer}")
    assert refusal.value.reference == MODEL.reference("payment-formula")


@pytest.mark.parametrize(
    ("minor", "grade", "values", "code"),
    [(1, "Z", {}, "grade-unknown"), (1, "A", {"weather": Decimal(1)}, "kpi-unknown"), (-1, "A", {}, "due-negative")],
)
def test_period_is_refused_each_for_its_own_reason(
    minor: int, grade: str, values: dict[str, Decimal], code: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        settle(FORMULA, Money(minor, "EUR"), grade, values, MODEL.reference("payment-formula"))
    assert refusal.value.code == code
    assert grade not in refusal.value.detail or grade == "A"
