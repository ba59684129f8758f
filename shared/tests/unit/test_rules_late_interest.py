"""Late-payment interest, held to calculations by hand."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import Invalid
from shared.kernel.money import Money
from shared.rules.late_interest import bears_interest, half_year, late_interest
from shared.rules.pack import available_packs, load_pack

ECB, BANK_OF_ENGLAND = "ecb-main-refinancing-operations", "bank-of-england-base-rate"
RATES = {
    (ECB, "2026-H1"): Decimal("0.0215"),
    (ECB, "2026-H2"): Decimal("0.0200"),
    (BANK_OF_ENGLAND, "2026-H1"): Decimal("0.0375"),
    (BANK_OF_ENGLAND, "2026-H2"): Decimal("0.0350"),
}
DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))
AMOUNTS = st.integers(0, 10**15)


@pytest.mark.parametrize(
    ("pack", "owed", "first", "last", "days", "minor"),
    [
        # China: 100,000.00 * 0.0005 * 12 = 600.00.
        ("cn-services", Money(10_000_000, "CNY"), date(2026, 4, 1), date(2026, 4, 12), 12, 60_000),
        # 33.33 * 0.0005 * 1 = 0.016665, half up 0.02.
        ("cn-services", Money(3_333, "CNY"), date(2026, 4, 1), date(2026, 4, 1), 1, 2),
        # The Union: 10,000.00 * (0.0215 + 0.08) * 30 / 365 = 83.4246...
        ("eu-light", Money(1_000_000, "EUR"), date(2026, 4, 1), date(2026, 4, 30), 30, 8_342),
        # Ten days by 10.15 %, ten by 10.00 %: 10,000.00 * (0.1015 * 10 + 0.10 * 10) / 365 = 55.2054...
        ("eu-light", Money(1_000_000, "EUR"), date(2026, 6, 21), date(2026, 7, 10), 20, 5_521),
        # Britain: the rate of the half-year in which it begins goes on: 12,000.00 * 0.1175 * 20 / 365 = 77.2602...
        ("uk-2023", Money(1_200_000, "GBP"), date(2026, 6, 21), date(2026, 7, 10), 20, 7_726),
        # 12,000.00 * 0.1150 * 10 / 365 = 37.8082...
        ("uk-2023", Money(1_200_000, "GBP"), date(2026, 7, 1), date(2026, 7, 10), 10, 3_781),
        # A whole year over two halves: 365.00 * (0.1015 * 181 + 0.10 * 184) / 365 = 36.7715, half up 36.77.
        ("eu-light", Money(36_500, "EUR"), date(2026, 1, 1), date(2026, 12, 31), 365, 3_677),
    ],
)
def test_interest_is_that_of_the_calculation_by_hand(
    pack: str, owed: Money, first: date, last: date, days: int, minor: int
) -> None:
    interest = late_interest(load_pack(pack), owed, first, last, RATES)
    assert (interest.amount, interest.days) == (Money(minor, owed.currency), days)
    assert interest.unresolved == ()


def test_each_line_says_how_it_came_about() -> None:
    owed = Money(1_000_000, "EUR")
    lines = late_interest(load_pack("eu-light"), owed, date(2026, 6, 21), date(2026, 7, 10), RATES).lines
    assert [line.get("expression") for line in lines] == [
        "10000.00 * 0.1015 * 10 / 365",
        "10000.00 * 0.1000 * 10 / 365",
        None,
    ]
    assert lines[0]["half_year"] == "2026-H1"
    assert lines[-1] == {"step": "late-interest", "days": "20", "amount": "55.21", "currency": "EUR"}


@pytest.mark.parametrize(
    ("pack", "known", "named"),
    [
        ("eu-light", {}, (f"{ECB} 2026-H1", f"{ECB} 2026-H2")),
        ("eu-light", {(ECB, "2026-H1"): Decimal("0.02")}, (f"{ECB} 2026-H2",)),
        # The second half of the year does not matter in Britain, as interest began in the first.
        ("uk-2023", {(BANK_OF_ENGLAND, "2026-H2"): Decimal("0.02")}, (f"{BANK_OF_ENGLAND} 2026-H1",)),
    ],
)
def test_a_rate_that_is_not_known_is_named(
    pack: str, known: dict[tuple[str, str], Decimal], named: tuple[str, ...]
) -> None:
    owed = Money(1_000_000, load_pack(pack).currency or "")
    interest = late_interest(load_pack(pack), owed, date(2026, 6, 21), date(2026, 7, 10), known)
    assert (interest.amount, interest.unresolved, interest.lines) == (None, named, ())


def test_the_model_says_nothing_of_interest() -> None:
    assert {pack: bears_interest(load_pack(pack)) for pack in available_packs()} == {
        "cn-services": True,
        "eu-light": True,
        "model": False,
        "uk-2023": True,
    }


def test_days_that_run_backwards_are_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        late_interest(load_pack("cn-services"), Money(1, "CNY"), date(2026, 4, 2), date(2026, 4, 1), {})
    assert refusal.value.code == "days-reversed"


@pytest.mark.parametrize(("day", "name"), [(date(2026, 6, 30), "2026-H1"), (date(2026, 7, 1), "2026-H2")])
def test_a_half_year_ends_with_june(day: date, name: str) -> None:
    assert half_year(day) == name


@given(owed=AMOUNTS, first=DAYS, length=st.integers(0, 100), pack=st.sampled_from(("cn-services", "eu-light")))
def test_interest_grows_with_each_day_and_is_never_negative(owed: int, first: date, length: int, pack: str) -> None:
    last = min(first + timedelta(days=length), date(2026, 12, 30))
    first = min(first, last)
    currency = load_pack(pack).currency or ""
    sooner, later = (
        late_interest(load_pack(pack), Money(owed, currency), first, day, RATES).amount
        for day in (last, last + timedelta(days=1))
    )
    assert sooner is not None
    assert later is not None
    assert 0 <= sooner.minor <= later.minor


@given(owed=AMOUNTS, first=DAYS, cut=st.integers(0, 100))
def test_a_term_that_is_cut_in_two_bears_as_much(owed: int, first: date, cut: int) -> None:
    """Simple interest bears none itself: only the rounding of each part may differ, by half a minor unit."""
    first = min(first, date(2026, 6, 1))
    middle, last = first + timedelta(days=cut), first + timedelta(days=150)
    whole, before, after = (
        late_interest(load_pack("eu-light"), Money(owed, "EUR"), since, until, RATES).amount
        for since, until in ((first, last), (first, middle), (middle + timedelta(days=1), last))
    )
    assert whole is not None
    assert before is not None
    assert after is not None
    assert abs(whole.minor - before.minor - after.minor) <= 1
