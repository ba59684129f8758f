"""Periods against worked dates of six regimes, clock changes, and invariants."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from itertools import pairwise
from typing import Final, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.calendar import CountedPeriod, Period, WorkingCalendar, count, ends_at, last_day, years
from shared.kernel.errors import Invalid

MONDAY = date(2026, 3, 2)
NEXT: Final = "next-working-day"


def calendar(zone: str = "UTC", *, off: tuple[date, ...] = (), worked: tuple[date, ...] = ()) -> WorkingCalendar:
    return WorkingCalendar(zone, frozenset({6, 7}), frozenset(off), frozenset(worked))


QINGMING = tuple(date(2026, 4, day) for day in (4, 5, 6))


@pytest.mark.parametrize(
    ("start", "period", "off", "expected"),
    [
        # China: the first day is excluded, a last day off moves to the next working day (Order 87 art. 85).
        pytest.param(MONDAY, Period(5, "WD", "excluded", NEXT), (), date(2026, 3, 9), id="cn-documents-5-wd"),
        pytest.param(MONDAY, Period(20, "D", "excluded", NEXT), (), date(2026, 3, 23), id="cn-tender-20-d-from-sunday"),
        pytest.param(date(2026, 3, 16), Period(1, "WD", "excluded", NEXT), (), date(2026, 3, 17), id="cn-result-1-wd"),
        pytest.param(
            date(2026, 3, 17), Period(7, "WD", "excluded", NEXT), (), date(2026, 3, 26), id="cn-question-7-wd"
        ),
        pytest.param(date(2026, 3, 26), Period(7, "WD", "excluded", NEXT), (), date(2026, 4, 6), id="cn-answer-7-wd"),
        pytest.param(
            date(2026, 3, 26), Period(7, "WD", "excluded", NEXT), QINGMING, date(2026, 4, 7), id="cn-answer-qingming"
        ),
        pytest.param(date(2026, 3, 18), Period(30, "D", "excluded", NEXT), (), date(2026, 4, 17), id="cn-sign-30-d"),
        # European Union: the day of the event is excluded, a last day off moves (Regulation 1182/71).
        pytest.param(MONDAY, Period(35, "D", "excluded", NEXT), (), date(2026, 4, 6), id="eu-open-35-d"),
        pytest.param(
            MONDAY, Period(35, "D", "excluded", NEXT), (date(2026, 4, 6),), date(2026, 4, 7), id="eu-open-easter-monday"
        ),
        pytest.param(MONDAY, Period(30, "D", "excluded", NEXT), (), date(2026, 4, 1), id="eu-open-electronic-30-d"),
        pytest.param(MONDAY, Period(10, "D", "excluded", NEXT), (), date(2026, 3, 12), id="eu-standstill-10-d"),
        # United Kingdom: tendering starts the day after, the standstill counts its first day (Procurement Act 51, 54).
        pytest.param(MONDAY, Period(25, "D", "excluded", "none"), (), date(2026, 3, 27), id="uk-tendering-25-d"),
        pytest.param(MONDAY, Period(8, "WD", "included", "none"), (), date(2026, 3, 11), id="uk-standstill-8-wd"),
    ],
)
def test_last_day_is_the_published_one_when_counted_as_the_regime_counts(
    start: date, period: Period, off: tuple[date, ...], expected: date
) -> None:
    assert last_day(start, period, calendar(off=off)) == expected


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        pytest.param(Period(15, "D", "excluded", "none", "backward"), date(2026, 3, 8), id="15-days-before"),
        pytest.param(Period(15, "D", "included", "none", "backward"), date(2026, 3, 9), id="15-days-the-23rd-counted"),
        # Friday 20 and Thursday 19 March are the two working days before Monday 23.
        pytest.param(Period(2, "WD", "excluded", "none", "backward"), date(2026, 3, 19), id="2-working-days-before"),
    ],
)
def test_period_ends_before_its_start_when_it_is_counted_backwards(period: Period, expected: date) -> None:
    assert last_day(date(2026, 3, 23), period, calendar()) == expected


def test_days_passed_over_are_named_when_working_days_are_counted() -> None:
    counted = count(date(2026, 3, 6), Period(1, "WD", "excluded", NEXT), calendar(off=(date(2026, 3, 9),)))
    weekend_and_holiday = tuple(date(2026, 3, day) for day in (7, 8, 9))
    assert counted == CountedPeriod(date(2026, 3, 10), date(2026, 3, 10), date(2026, 3, 10), weekend_and_holiday)


def test_nth_day_is_kept_when_the_last_day_moves() -> None:
    counted = count(MONDAY, Period(20, "D", "excluded", NEXT), calendar())
    assert counted == CountedPeriod(date(2026, 3, 3), date(2026, 3, 22), date(2026, 3, 23), ())


def test_period_is_refused_when_it_is_counted_backwards_and_rolls_forwards() -> None:
    with pytest.raises(Invalid, match="backward-period-rolls"):
        Period(5, "D", "excluded", NEXT, "backward")


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        (Period(20, "D", "excluded", "none"), date(2026, 3, 22)),
        (Period(20, "D", "excluded", NEXT), date(2026, 3, 23)),
    ],
)
def test_last_day_moves_off_a_sunday_only_when_the_regime_rolls(period: Period, expected: date) -> None:
    assert last_day(MONDAY, period, calendar()) == expected


@pytest.mark.parametrize("period", [Period(1, "D", "included", "none"), Period(1, "WD", "included", "none")])
def test_one_day_ends_the_same_day_when_the_first_day_is_included(period: Period) -> None:
    assert last_day(MONDAY, period, calendar()) == MONDAY


def test_a_day_off_does_not_count_when_it_is_the_included_first_day() -> None:
    # Sunday 1 March counts for nothing: the first working day is Monday 2 March.
    assert last_day(date(2026, 3, 1), Period(1, "WD", "included", "none"), calendar()) == MONDAY


def test_make_up_saturday_counts_when_it_is_in_the_calendar() -> None:
    saturday = date(2026, 3, 7)
    five = Period(5, "WD", "excluded", NEXT)
    assert last_day(MONDAY, five, calendar(worked=(saturday,))) == saturday
    assert last_day(MONDAY, Period(5, "D", "excluded", NEXT), calendar(worked=(saturday,))) == saturday


@pytest.mark.parametrize(
    ("zone", "last", "expected"),
    [
        # Clocks forward on 29 March 2026 at 02:00, back on 25 October at 03:00: days of 23 and 25 hours.
        pytest.param("Europe/Berlin", date(2026, 3, 28), "2026-03-28T23:00Z", id="before-a-short-day"),
        pytest.param("Europe/Berlin", date(2026, 3, 29), "2026-03-29T22:00Z", id="short-day"),
        pytest.param("Europe/Berlin", date(2026, 10, 24), "2026-10-24T22:00Z", id="before-a-long-day"),
        pytest.param("Europe/Berlin", date(2026, 10, 25), "2026-10-25T23:00Z", id="long-day"),
        # 4 November 2018 began at 01:00 (UTC-2): midnight is the instant of the change, 03:00 UTC.
        pytest.param("America/Sao_Paulo", date(2018, 11, 3), "2018-11-04T03:00Z", id="midnight-does-not-exist"),
        # On 18 February 2018 00:00 became 23:00 of the 17th: the 17th ends an hour later, at UTC-3.
        pytest.param("America/Sao_Paulo", date(2018, 2, 17), "2018-02-18T03:00Z", id="last-hour-twice"),
        # On 3 November 2024 01:00 (UTC-4) became 00:00 (UTC-5): the 2nd is over at the first midnight.
        pytest.param("America/Havana", date(2024, 11, 2), "2024-11-03T04:00Z", id="midnight-twice"),
        # Samoa skipped 30 December 2011 (UTC-10 to UTC+14): the 29th ends at 10:00 UTC.
        pytest.param("Pacific/Apia", date(2011, 12, 29), "2011-12-30T10:00Z", id="next-day-does-not-exist"),
    ],
)
def test_period_ends_at_local_midnight_when_clocks_change(zone: str, last: date, expected: str) -> None:
    noon_of_last = datetime(last.year, last.month, last.day, 17, tzinfo=UTC)
    one_day = Period(1, "D", "included", "none")
    assert ends_at(noon_of_last, one_day, calendar(zone)) == datetime.fromisoformat(expected)


def test_standstill_ends_at_midnight_of_each_zone_when_it_is_counted_from_an_instant() -> None:
    start = datetime(2026, 3, 2, 9, tzinfo=UTC)
    uk = ends_at(start, Period(8, "WD", "included", "none"), calendar("Europe/London"))
    eu = ends_at(start, Period(10, "D", "excluded", NEXT), calendar("Europe/Brussels"))
    assert (uk, eu) == (datetime(2026, 3, 12, tzinfo=UTC), datetime(2026, 3, 12, 23, tzinfo=UTC))


def test_time_is_up_after_the_latest_day_when_a_period_is_counted_backwards() -> None:
    # Fifteen days before Monday 23 March is the 8th: what comes on that day is in time.
    deadline = datetime(2026, 3, 23, 9, tzinfo=UTC)
    period = Period(15, "D", "excluded", "none", "backward")
    assert ends_at(deadline, period, calendar()) == datetime(2026, 3, 9, tzinfo=UTC)


def test_start_day_is_the_local_one_when_utc_is_still_on_the_day_before() -> None:
    # 23:30 UTC on 2 March is 07:30 on 3 March in Shanghai; one day later ends at midnight after the 4th.
    late = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    shanghai = ends_at(late, Period(1, "D", "excluded", "none"), calendar("Asia/Shanghai"))
    assert shanghai == datetime(2026, 3, 4, 16, tzinfo=UTC)
    assert shanghai.tzinfo is UTC


def test_end_is_the_same_when_the_same_instant_comes_with_another_offset() -> None:
    period = Period(3, "WD", "excluded", NEXT)
    instant = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    elsewhere = instant.astimezone(timezone(timedelta(hours=9)))
    assert ends_at(elsewhere, period, calendar("Europe/Berlin")) == ends_at(instant, period, calendar("Europe/Berlin"))


def test_instant_is_refused_when_it_has_no_offset() -> None:
    naive = datetime(2026, 3, 2)  # noqa: DTZ001 - the refused case
    with pytest.raises(Invalid, match="instant-without-offset"):
        ends_at(naive, Period(1, "D", "excluded", "none"), calendar())


@pytest.mark.parametrize("n", [0, -1])
def test_period_is_refused_when_it_is_shorter_than_a_day(n: int) -> None:
    with pytest.raises(Invalid, match="period-not-positive"):
        Period(n, "D", "excluded", "none")


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "Europe", "../zoneinfo/UTC"])
def test_calendar_is_refused_when_its_time_zone_is_unknown(zone: str) -> None:
    with pytest.raises(Invalid, match="time-zone-unknown"):
        calendar(zone)


@pytest.mark.parametrize("weekend", [frozenset(range(1, 8)), frozenset({0}), frozenset({8})])
def test_calendar_is_refused_when_its_weekend_is_not_part_of_a_week(weekend: frozenset[int]) -> None:
    with pytest.raises(Invalid, match="weekend-not-part-of-week"):
        WorkingCalendar("UTC", weekend, frozenset(), frozenset())


def test_calendar_is_refused_when_a_day_is_both_off_and_worked() -> None:
    with pytest.raises(Invalid, match="day-both-off-and-worked"):
        calendar(off=(MONDAY,), worked=(MONDAY,))


DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))
COUNTS = st.integers(1, 60)
FIRST_DAYS = st.sampled_from(["excluded", "included"])
IN_DAYS = st.builds(Period, COUNTS, st.just("D"), FIRST_DAYS, st.just("none"))
IN_WORKING_DAYS = st.builds(Period, COUNTS, st.just("WD"), FIRST_DAYS, st.sampled_from([NEXT, "none"]))
BACKWARD = st.builds(Period, COUNTS, st.sampled_from(["D", "WD"]), FIRST_DAYS, st.just("none"), st.just("backward"))
ROLLING = st.builds(Period, COUNTS, st.just("D"), FIRST_DAYS, st.just(NEXT))
CALENDARS = st.builds(
    lambda weekend, off, worked: WorkingCalendar("UTC", weekend, off - worked, worked),
    st.frozensets(st.integers(1, 7), max_size=6),
    st.frozensets(DAYS, max_size=40),
    st.frozensets(DAYS, max_size=40),
)


@given(DAYS, IN_DAYS | IN_WORKING_DAYS, CALENDARS)
def test_last_day_never_falls_when_the_period_grows(start: date, period: Period, days: WorkingCalendar) -> None:
    lengths = (replace(period, n=n, roll=NEXT) for n in (period.n, period.n + 1))
    shorter, longer = (last_day(start, length, days) for length in lengths)
    assert shorter <= longer
    assert period.unit == "D" or shorter < longer


@given(DAYS, IN_WORKING_DAYS, CALENDARS)
def test_last_day_is_the_nth_working_day_when_working_days_are_counted(
    start: date, period: Period, days: WorkingCalendar
) -> None:
    last = last_day(start, period, days)
    first = start.toordinal() + (period.first_day == "excluded")
    counted = [day for day in map(date.fromordinal, range(first, last.toordinal() + 1)) if days.is_working_day(day)]
    assert len(counted) == period.n
    assert counted[-1] == last


@given(DAYS, IN_DAYS, CALENDARS)
def test_rolled_day_is_the_first_working_day_when_the_last_day_is_off(
    start: date, period: Period, days: WorkingCalendar
) -> None:
    fixed, rolled = last_day(start, period, days), last_day(start, replace(period, roll=NEXT), days)
    skipped = range(fixed.toordinal(), rolled.toordinal())
    assert (fixed - start).days == period.n - (period.first_day == "included")
    assert days.is_working_day(rolled)
    assert not any(days.is_working_day(date.fromordinal(day)) for day in skipped)


@given(
    DAYS, st.sampled_from(["Europe/Berlin", "America/Sao_Paulo", "Pacific/Apia", "Asia/Kathmandu", "America/Havana"])
)
def test_ends_are_a_day_apart_give_or_take_an_hour_when_days_follow_each_other(start: date, zone: str) -> None:
    noon = datetime(start.year, start.month, start.day, 12, tzinfo=UTC)
    ends = [ends_at(noon, Period(n, "D", "included", "none"), calendar(zone)) for n in (1, 2, 3)]
    assert all(timedelta(hours=23) <= after - before <= timedelta(hours=25) for before, after in pairwise(ends))


@given(DAYS, st.integers(0, 40), IN_DAYS | IN_WORKING_DAYS | ROLLING | BACKWARD, CALENDARS)
def test_last_day_never_falls_when_the_start_is_later(
    start: date, later: int, period: Period, days: WorkingCalendar
) -> None:
    assert last_day(start, period, days) <= last_day(start + timedelta(days=later), period, days)


@given(DAYS, IN_WORKING_DAYS | ROLLING, CALENDARS)
def test_last_day_is_worked_when_the_period_rolls_or_counts_working_days(
    start: date, period: Period, days: WorkingCalendar
) -> None:
    assert days.is_working_day(last_day(start, period, days))


@given(DAYS, IN_DAYS | IN_WORKING_DAYS | ROLLING | BACKWARD, CALENDARS, st.integers(-90, 90))
def test_period_is_never_shorter_when_a_holiday_is_added(
    start: date, period: Period, days: WorkingCalendar, apart: int
) -> None:
    holiday = start + timedelta(days=apart)
    more = replace(days, holidays=days.holidays | {holiday}, working_days=days.working_days - {holiday})
    before, after = (last_day(start, period, known) for known in (days, more))
    assert after <= before if period.direction == "backward" else before <= after


@given(DAYS, COUNTS, st.sampled_from(["D", "WD"]), CALENDARS)
def test_period_reaches_its_start_again_when_it_was_counted_backwards(
    start: date, n: int, unit: Literal["D", "WD"], days: WorkingCalendar
) -> None:
    earlier = last_day(start, Period(n, unit, "excluded", "none", "backward"), days)
    again = last_day(earlier, Period(n, unit, "excluded", "none"), days)
    # From a day off the count forwards ends on the first working day from there.
    assert again == start if unit == "D" or days.is_working_day(start) else again > start


@pytest.mark.parametrize(
    ("start", "after", "expected"),
    [
        (date(2026, 7, 1), date(2030, 7, 1), Fraction(4)),
        (date(2026, 4, 1), date(2026, 4, 1), Fraction(0)),
        # What is left of a year counts by the days of that year: to 2028-04-01 there is a 29th of February.
        (date(2026, 4, 1), date(2027, 4, 2), 1 + Fraction(1, 366)),
        (date(2026, 7, 1), date(2027, 1, 1), Fraction(184, 365)),
        (date(2025, 4, 11), date(2026, 4, 10), Fraction(364, 365)),
        # A term from the 29th of February has its last day on the 28th.
        (date(2024, 2, 29), date(2025, 2, 28), Fraction(365, 366)),
        (date(2024, 2, 29), date(2025, 3, 1), Fraction(1)),
        (date(2024, 2, 29), date(2028, 2, 29), Fraction(4)),
        # The fourth year runs from the 1st of March 2027 to the 29th of February 2028.
        (date(2024, 2, 29), date(2028, 2, 28), 3 + Fraction(364, 365)),
    ],
)
def test_years_are_counted_by_anniversaries_and_the_rest_by_the_days_of_its_year(
    start: date, after: date, expected: Fraction
) -> None:
    assert years(start, after) == expected
