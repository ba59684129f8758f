"""What is payable and what is held make the amount due, to the minor unit."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import Invalid
from shared.kernel.money import LARGEST, Money
from shared.rules.pack import load_pack
from shared.rules.payment import split_payment

MODEL = load_pack("model")


@pytest.mark.parametrize(
    ("grade", "payable", "held"),
    [
        ("A", 12345, 0),
        ("B", 11728, 617),  # 12345 * 0.95 = 11727.75
        ("C", 9876, 2469),  # 12345 * 0.80 = 9876
        ("D", 0, 12345),
    ],
)
def test_grade_decides_the_payable_share_when_an_amount_is_due(grade: str, payable: int, held: int) -> None:
    split = split_payment(MODEL, Money(12345, "EUR"), grade)
    assert (split.payable, split.held) == (Money(payable, "EUR"), Money(held, "EUR"))


@given(st.integers(0, LARGEST), st.sampled_from("ABCD"), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_parts_add_up_exactly_when_an_amount_is_split(minor: int, grade: str, currency: str) -> None:
    split = split_payment(MODEL, Money(minor, currency), grade)
    assert split.payable + split.held == split.due == Money(minor, currency)
    assert min(split.payable.minor, split.held.minor) >= 0


def test_lines_show_the_calculation_when_an_amount_is_split() -> None:
    split = split_payment(MODEL, Money(12345, "EUR"), "B")
    assert split.share == Decimal("0.95")
    assert split.reason == "The service had small shortcomings; a twentieth is held until they are put right."
    assert split.lines == (
        {"step": "due", "amount": "123.45", "currency": "EUR"},
        {"step": "share", "grade": "B", "share": "0.95"},
        {"step": "payable", "expression": "123.45 * 0.95, half up", "amount": "117.28", "currency": "EUR"},
        {"step": "held", "expression": "123.45 - 117.28", "amount": "6.17", "currency": "EUR"},
    )


def test_grade_is_refused_without_echo_when_the_pack_has_none_of_the_name() -> None:
    with pytest.raises(Invalid) as refusal:
        split_payment(MODEL, Money(1, "EUR"), "Z")
    assert refusal.value.code == "grade-unknown"
    assert refusal.value.satisfied_by == "One of: A, B, C, D."
    assert "Z" not in refusal.value.detail


def test_amount_is_refused_when_it_is_negative() -> None:
    with pytest.raises(Invalid, match="due-negative"):
        split_payment(MODEL, Money(-1, "EUR"), "A")
