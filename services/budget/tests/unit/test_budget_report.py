from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from budget.domain.report import Owed, PaidOrder, age, by_provider, forecast, punctuality
from shared.kernel.money import Money

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)


def eur(units: int) -> Money:
    return Money(units * 100, "EUR")


def owed(days_late: int, units: int) -> Owed:
    """An amount whose term ended so many midnights ago; the first day after it is the first that is late."""
    return Owed(datetime(2026, 3, 15, tzinfo=UTC) - timedelta(days=days_late - 1), eur(units))


@pytest.mark.parametrize(
    ("days_late", "band"),
    [
        (-200, "not due yet"),
        (0, "not due yet"),
        (1, "1 to 30 days"),
        (30, "1 to 30 days"),
        (31, "31 to 60 days"),
        (60, "31 to 60 days"),
        (61, "61 to 90 days"),
        (90, "61 to 90 days"),
        (91, "91 days or more"),
        (2_000, "91 days or more"),
    ],
)
def test_what_is_owed_is_in_one_band(days_late: int, band: str) -> None:
    bands = age([owed(days_late, 70)], NOW)
    assert [(one.band, one.orders, one.amount) for one in bands if one.orders] == [(band, 1, eur(70))]
    assert len(bands) == 5


def test_an_order_is_not_late_before_the_instant_at_which_its_term_is_over() -> None:
    due = Owed(NOW, eur(1))
    assert [one.band for one in age([due], NOW - timedelta.resolution) if one.orders] == ["not due yet"]
    assert [one.band for one in age([due], NOW) if one.orders] == ["1 to 30 days"]


def test_currencies_are_not_added_when_they_differ() -> None:
    bands = age([owed(5, 70), owed(5, 30), Owed(NOW, Money(9, "USD"))], NOW)
    assert [(one.currency, one.orders, one.amount.minor) for one in bands if one.orders] == [
        ("EUR", 2, 10_000),
        ("USD", 1, 9),
    ]
    assert age([], NOW) == ()


def test_what_is_past_due_is_forecast_for_the_present_month() -> None:
    ordered = [
        owed(40, 100),
        Owed(datetime(2026, 4, 1, tzinfo=UTC), eur(10)),
        Owed(datetime(2026, 4, 2, tzinfo=UTC), eur(1)),
    ]
    expected = [Owed(datetime(2026, 4, 30, tzinfo=UTC), eur(500)), Owed(datetime(2027, 1, 5, tzinfo=UTC), eur(7))]
    # A term that is over on the first of April ends with the last day of March.
    assert [(one.month, one.ordered, one.expected, one.amount) for one in forecast(ordered, expected, NOW)] == [
        (date(2026, 3, 1), eur(110), eur(0), eur(110)),
        (date(2026, 4, 1), eur(1), eur(500), eur(501)),
        (date(2027, 1, 1), eur(0), eur(7), eur(7)),
    ]


def test_each_provider_has_its_share_the_largest_first() -> None:
    rows = by_provider([("small", 1, eur(100)), ("large", 3, eur(200)), ("other", 1, Money(5, "USD"))])
    assert [(row.payee, row.payments, row.share) for row in rows] == [
        ("large", 3, Decimal("0.6667")),
        ("small", 1, Decimal("0.3333")),
        ("other", 1, Decimal("1.0000")),
    ]


def paid(after_days: int, units: int = 100) -> PaidOrder:
    """An order that was accepted on the first of March at noon, is due within 30 days, and was paid so much later."""
    accepted = datetime(2026, 3, 1, 12, tzinfo=UTC)
    return PaidOrder(accepted, datetime(2026, 4, 1, tzinfo=UTC), accepted + timedelta(days=after_days), eur(units))


def test_orders_are_late_from_the_day_after_the_term() -> None:
    # Paid on 11 March, 31 March, 1 April (a day late) and 11 April (11 days late); 10 + 30 + 31 + 41 days make 28.0.
    (row,) = punctuality([paid(10), paid(30), paid(31, 50), paid(41, 25)], [owed(3, 1), owed(0, 1)], [eur(2)], NOW)
    assert (row.paid, row.on_time, row.late, row.open_and_late) == (4, 2, 2, 1)
    assert (row.share_on_time, row.average_days_to_pay, row.most_days_late) == (Decimal("0.5000"), Decimal("28.0"), 11)
    assert (row.late_amount, row.interest) == (eur(75), eur(2))


def test_nothing_is_rated_when_nothing_was_paid() -> None:
    (row,) = punctuality([], [owed(3, 1)], [], NOW)
    assert (row.paid, row.share_on_time, row.average_days_to_pay, row.most_days_late) == (0, None, None, 0)
    assert punctuality([], [], [], NOW) == ()
