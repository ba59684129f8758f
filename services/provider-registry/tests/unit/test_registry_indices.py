"""Indices of independence and health, whatever the figures are, and what stands beside them."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yearly_figures import figures

from provider_registry.domain.figures import SizeBand
from provider_registry.domain.index_reading import reading
from provider_registry.domain.index_values import Found, Index, Quartiles, quartiles
from provider_registry.domain.indices import INDICES, values

BY_CODE = {index.code: index for index in INDICES}
CENTS = st.integers(0, 10**12).map(lambda minor: str(Decimal(minor).scaleb(-2)))
SOURCES = st.lists(CENTS, max_size=6).map(
    lambda amounts: [
        {"kind": "public-buyer", "buyer": f"office-{number}", "amount": amount} for number, amount in enumerate(amounts)
    ]
)
HEADS = st.integers(0, 100_000)


def found(code: str, **stated: Any) -> Found:
    return BY_CODE[code].find([(2025, figures(2025, stated))])


@given(SOURCES)
def test_share_and_concentration_are_bounded_and_not_rated_without_income(income: list[dict[str, str]]) -> None:
    share, concentration = (
        found(code, income=income).value for code in ("largest-buyer-share", "income-concentration")
    )
    if not any(Decimal(one["amount"]) for one in income):
        assert (share, concentration) == (None, None)
        return
    assert isinstance(share, Fraction)
    assert isinstance(concentration, Fraction)
    # With all income from buyers, the largest one has at least its equal part, and so have the squares.
    assert Fraction(100, len(income)) <= share <= 100
    assert share**2 <= concentration <= 100 * share


@given(SOURCES.filter(lambda income: any(Decimal(one["amount"]) for one in income)), CENTS)
def test_income_from_elsewhere_never_raises_the_largest_buyers_share(
    income: list[dict[str, str]], donations: str
) -> None:
    before = found("largest-buyer-share", income=income).value
    after = found("largest-buyer-share", income=[*income, {"kind": "donations", "amount": donations}]).value
    assert isinstance(before, Fraction)
    assert isinstance(after, Fraction)
    assert after <= before


@given(st.integers(0, 500), st.integers(0, 500))
def test_board_is_no_less_independent_with_one_more_independent_member(independent: int, others: int) -> None:
    one, more = (
        found("board-independence", board_independent=independent + added, board_members=independent + others + added)
        for added in (0, 1)
    )
    if independent + others == 0:
        assert one.missing == ("board_members",)
        return
    assert isinstance(one.value, Fraction)
    assert isinstance(more.value, Fraction)
    assert 0 <= one.value <= more.value <= 100


@given(CENTS, CENTS, CENTS)
def test_ratio_grows_with_what_there_is_and_falls_with_what_is_due(assets: str, more: str, due: str) -> None:
    larger = str(Decimal(assets) + Decimal(more))
    first = found("current-ratio", current_assets=assets, current_liabilities=due).value
    second = found("current-ratio", current_assets=larger, current_liabilities=due).value
    if Decimal(due) == 0:
        assert (first, second) == (None, None)
        return
    assert isinstance(first, Fraction)
    assert isinstance(second, Fraction)
    assert 0 <= first <= second
    doubled = found("current-ratio", current_assets=assets, current_liabilities=str(2 * Decimal(due))).value
    assert doubled == first / 2


@given(HEADS, HEADS, HEADS)
def test_turnover_grows_with_the_leavers(start: int, end: int, leavers: int) -> None:
    first, second = (
        found("staff-turnover", staff_start=start, staff_end=end, leavers=number).value
        for number in (leavers, leavers + 1)
    )
    if start + end == 0:
        assert (first, second) == (None, None)
        return
    assert isinstance(first, Fraction)
    assert isinstance(second, Fraction)
    assert 0 <= first < second


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=8))
def test_run_of_deficits_is_bounded_by_the_years_and_ends_with_a_surplus(results: list[int]) -> None:
    years = [(2010 + place, figures(2010 + place, {"result": str(result)})) for place, result in enumerate(results)]
    run = BY_CODE["deficit-run"].find(years).value
    assert isinstance(run, Fraction)
    assert 0 <= run <= len(results)
    assert (run == 0) is (results[-1] >= 0)
    if run < len(results):
        assert results[len(results) - 1 - int(run)] >= 0


def test_run_of_deficits_ends_where_a_year_was_not_reported() -> None:
    years = [(year, figures(year, {"result": "-1.00"})) for year in (2021, 2022, 2024, 2025)]
    assert BY_CODE["deficit-run"].find(years).value == 2


def test_every_index_is_not_rated_or_nought_where_nothing_but_the_year_is_known() -> None:
    known = {one.code: one.value for one in values([(2025, figures(2025, {}))])}
    assert known == {index.code: "0.00" if index.code == "deficit-run" else None for index in INDICES}


@pytest.mark.parametrize(
    ("heads", "band"),
    [(0, "micro"), (9, "micro"), (10, "small"), (49, "small"), (50, "medium"), (249, "medium"), (250, "large")],
)
def test_size_follows_the_heads_at_the_end_of_the_year(heads: int, band: str) -> None:
    assert figures(2025, {"staff_end": heads}).size_band == SizeBand(band)


def test_size_is_not_known_where_nobody_counted() -> None:
    assert figures(2025, {}).size_band is None


def test_quartiles_are_by_nearest_rank() -> None:
    # Of eight in order, places 2, 4 and 6; of five, places 2 (1.25 rounded up), 3 and 4.
    eight = [Decimal(value) for value in (8, 7, 6, 5, 4, 3, 2, 1)]
    assert quartiles(eight, 5) == Quartiles(8, Decimal(2), Decimal(4), Decimal(6))
    assert quartiles(eight[:5], 5) == Quartiles(5, Decimal(5), Decimal(6), Decimal(7))
    assert quartiles(eight[:4], 5) is None
    assert quartiles([], 0) is None


@given(st.lists(st.decimals(0, 100, places=2), min_size=1, max_size=30))
def test_quartiles_are_values_of_peers_in_order(known: list[Decimal]) -> None:
    lines = quartiles(known, 1)
    assert lines is not None
    assert min(known) <= lines.lower <= lines.median <= lines.upper <= max(known)
    assert {lines.lower, lines.median, lines.upper} <= set(known)


PEERS = Quartiles(8, Decimal(20), Decimal(40), Decimal(60))


@pytest.mark.parametrize(
    ("code", "value", "said"),
    [
        (
            "largest-buyer-share",
            Fraction(61),
            "more than three quarters of 8 providers of the same kind and size, not as",
        ),
        (
            "largest-buyer-share",
            Fraction(19),
            "less than three quarters of 8 providers of the same kind and size, as one",
        ),
        ("largest-buyer-share", Fraction(60), "in the middle half of 8 providers"),
        (
            "reserves-months",
            Fraction(61),
            "the free reserves would last 61.00 months. That is more than three quarters",
        ),
    ],
)
def test_reading_puts_a_value_beside_its_peers(code: str, value: Fraction, said: str) -> None:
    assert said in reading(BY_CODE[code], Found(value, ()), PEERS)


def test_reading_says_what_is_missing_and_compares_no_words() -> None:
    index: Index = BY_CODE["current-ratio"]
    missing = Found(None, (), ("current_assets", "current_liabilities"))
    assert "for lack of: current assets, current liabilities" in reading(index, missing, PEERS)
    opinion = reading(BY_CODE["audit-opinion"], Found("qualified", ()), PEERS)
    assert opinion == "The auditor's opinion is: qualified."
