"""Money adds up exactly, is never rounded unseen, and refuses what does not fit."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import Invalid
from shared.kernel.money import LARGEST, Money, exponent, money, total, zero

MINORS = st.integers(-LARGEST, LARGEST)
CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD"])
FRACTIONS = st.decimals(0, 1, allow_nan=False, allow_infinity=False, places=12)


@given(MINORS, st.integers(1, 1000))
def test_parts_add_up_and_differ_by_one_at_most_when_an_amount_is_split(minor: int, parts: int) -> None:
    pieces = Money(minor, "EUR").split(parts)
    assert len(pieces) == parts
    assert sum(piece.minor for piece in pieces) == minor
    assert pieces[0].minor - pieces[-1].minor in {0, 1}
    assert [piece.minor for piece in pieces] == sorted((piece.minor for piece in pieces), reverse=True)


def test_first_parts_are_larger_when_the_amount_does_not_divide() -> None:
    # 10.00 / 3 = 3.34 + 3.33 + 3.33; -0.05 / 3 = -0.01 - 0.02 - 0.02
    assert [piece.minor for piece in Money(1000, "EUR").split(3)] == [334, 333, 333]
    assert [piece.minor for piece in Money(-5, "EUR").split(3)] == [-1, -2, -2]


@pytest.mark.parametrize("parts", [0, -1])
def test_split_is_refused_when_there_is_no_part(parts: int) -> None:
    with pytest.raises(Invalid, match="parts-not-positive"):
        Money(1, "EUR").split(parts)


@given(MINORS, FRACTIONS)
def test_share_is_the_nearest_minor_unit_when_a_fraction_is_taken(minor: int, fraction: Decimal) -> None:
    taken = Money(minor, "EUR").share(fraction).minor
    # In units of 10**-12 there is no rounding left: |taken - minor * fraction| <= 1/2.
    scaled = minor * int(fraction.scaleb(12))
    assert 2 * abs(taken * 10**12 - scaled) <= 10**12
    assert min(0, minor) <= taken <= max(0, minor)


@given(MINORS, FRACTIONS)
def test_share_and_its_rest_make_the_whole_when_they_are_added(minor: int, fraction: Decimal) -> None:
    whole = Money(minor, "EUR")
    assert whole.share(fraction) + (whole - whole.share(fraction)) == whole


@pytest.mark.parametrize(
    ("minor", "fraction", "expected"),
    [
        (1, "0.5", 1),  # half a cent goes up
        (-1, "0.5", -1),  # away from zero
        (3, "0.49", 1),  # 1.47
        (12345, "0.95", 11728),  # 11727.75
        (5, "0.1", 1),  # 0.5
        # 9223372036854775807 * 0.5 = 4611686018427387903.5
        (LARGEST, "0.5", 4611686018427387904),
        # 28 digits are not enough: 10**18 * 0.49999999999999999949... must not be rounded twice
        (10**18, "0.0000000000000000004999999999999", 0),
    ],
)
def test_share_is_rounded_half_up_once_when_it_has_a_fraction(minor: int, fraction: str, expected: int) -> None:
    assert Money(minor, "EUR").share(Decimal(fraction)).minor == expected


@given(MINORS, CURRENCIES)
def test_amount_reads_back_when_it_was_written(minor: int, currency: str) -> None:
    written = Money(minor, currency)
    assert money(written.amount, currency) == written


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("1234567890123456.78", "EUR", 123456789012345678),
        ("1500", "JPY", 1500),
        ("1.234", "KWD", 1234),
        ("1.00000000000000000000000000000000000000", "EUR", 100),
        ("1e3", "EUR", 100_000),
        ("-0.01", "EUR", -1),
        ("0E+40", "EUR", 0),
        ("0E-999999", "EUR", 0),
    ],
)
def test_amount_is_exact_when_it_is_read(amount: str, currency: str, minor: int) -> None:
    assert money(Decimal(amount), currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        ("NaN", "EUR", "amount-not-finite"),
        ("sNaN", "EUR", "amount-not-finite"),
        ("Infinity", "EUR", "amount-not-finite"),
        ("0.001", "EUR", "amount-too-fine"),
        ("0.1", "JPY", "amount-too-fine"),
        ("1.00000000000000000000000000000000000001", "EUR", "amount-too-fine"),
        ("1E-999999999", "EUR", "amount-too-fine"),
        ("92233720368547758.08", "EUR", "amount-too-large"),  # 2**63 cents
        ("1E+999999999", "EUR", "amount-too-large"),
    ],
)
def test_amount_is_refused_when_it_cannot_be_held_exactly(amount: str, currency: str, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        money(Decimal(amount), currency)


@pytest.mark.parametrize("currency", ["eur", "EU", "EURO", "E1R", "E R", "ÉUR", ""])
def test_currency_is_refused_when_it_is_not_three_capital_letters(currency: str) -> None:
    with pytest.raises(Invalid, match="currency-unknown"):
        Money(1, currency)


@pytest.mark.parametrize("operation", ["__add__", "__sub__", "__lt__", "__le__", "__gt__", "__ge__"])
def test_amounts_are_refused_when_their_currencies_differ(operation: str) -> None:
    with pytest.raises(Invalid, match="currencies-differ"):
        getattr(Money(1, "EUR"), operation)(Money(1, "USD"))


@given(MINORS, MINORS)
def test_amounts_compare_as_their_minor_units_when_the_currency_is_one(one: int, other: int) -> None:
    first, second = Money(one, "EUR"), Money(other, "EUR")
    assert (first < second, first <= second, first > second, first >= second) == (
        one < other,
        one <= other,
        one > other,
        one >= other,
    )


def test_sum_is_refused_when_it_does_not_fit() -> None:
    with pytest.raises(Invalid, match="amount-too-large"):
        Money(LARGEST, "EUR") + Money(1, "EUR")


def test_total_is_zero_of_the_currency_when_there_is_nothing_to_add() -> None:
    assert total([], "JPY") == zero("JPY") == Money(0, "JPY")
    assert total([Money(1, "EUR"), Money(2, "EUR")], "EUR") == Money(3, "EUR")


def test_main_unit_has_the_decimals_of_iso_4217_when_it_is_shown() -> None:
    assert [exponent(currency) for currency in ("EUR", "JPY", "KWD")] == [2, 0, 3]
    assert [str(Money(1500, currency).amount) for currency in ("EUR", "JPY", "KWD")] == ["15.00", "1500", "1.500"]
