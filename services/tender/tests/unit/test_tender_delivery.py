"""Delivery cut into periods, and the contract's value over them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import Invalid
from shared.kernel.money import Money
from tender.domain.parts import Delivery, Milestone, milestones

DAY = timedelta(days=1)


@st.composite
def deliveries(draw: st.DrawFn) -> Delivery:
    start = draw(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
    days = draw(st.integers(1, 1500))
    return Delivery(start, start + (days - 1) * DAY, draw(st.integers(1, min(days, 120))))


@given(deliveries())
def test_every_day_is_in_exactly_one_period_when_a_delivery_is_split(delivery: Delivery) -> None:
    spans = delivery.split()
    covered = [start + n * DAY for start, end in spans for n in range((end - start).days + 1)]
    assert covered == [delivery.start + n * DAY for n in range((delivery.end - delivery.start).days + 1)]
    assert len(spans) == delivery.periods


@given(deliveries())
def test_periods_differ_by_a_day_at_most_when_a_delivery_is_split(delivery: Delivery) -> None:
    lengths = [(end - start).days for start, end in delivery.split()]
    assert min(lengths) >= 0
    assert max(lengths) - min(lengths) <= 1


@given(deliveries(), st.integers(1, 10**15))
def test_amounts_add_up_exactly_when_a_value_is_divided_over_periods(delivery: Delivery, minor: int) -> None:
    parts = milestones(delivery, Money(minor, "JPY"))
    assert sum(part.amount.minor for part in parts) == minor
    assert max(part.amount.minor for part in parts) - min(part.amount.minor for part in parts) <= 1
    assert [part.period for part in parts] == [str(number) for number in range(1, delivery.periods + 1)]
    assert tuple((part.start, part.end) for part in parts) == delivery.split()


def test_milestones_are_these_when_a_quarter_is_cut_in_three() -> None:
    # 92 days in three periods: the bounds are 92/3 = 30.67 and 61.33 days, cut down to 30 and 61.
    # 100.00 EUR in three parts: 33.34 + 33.33 + 33.33.
    assert milestones(Delivery(date(2026, 7, 1), date(2026, 9, 30), 3), Money(10_000, "EUR")) == (
        Milestone("1", date(2026, 7, 1), date(2026, 7, 30), Money(3334, "EUR")),
        Milestone("2", date(2026, 7, 31), date(2026, 8, 30), Money(3333, "EUR")),
        Milestone("3", date(2026, 8, 31), date(2026, 9, 30), Money(3333, "EUR")),
    )


@pytest.mark.parametrize(("days", "periods"), [(2, 3), (1, 0), (1, -1)])
def test_split_is_refused_when_a_period_would_have_no_day(days: int, periods: int) -> None:
    start = date(2026, 7, 1)
    with pytest.raises(Invalid, match="delivery-too-short"):
        Delivery(start, start + (days - 1) * DAY, periods).split()


def test_last_day_of_the_calendar_can_be_delivered_on_when_a_delivery_is_split() -> None:
    assert Delivery(date(9999, 12, 30), date.max, 2).split()[-1] == (date.max, date.max)
