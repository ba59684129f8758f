"""Statutory periods: days and working days counted as a rule book says, on a calendar that is data."""

from calendar import isleap
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import Literal
from zoneinfo import ZoneInfo

from shared.kernel.errors import Invalid

WEEK = frozenset(range(1, 8))
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Tell working days from days off in one jurisdiction.

    Units: weekend in ISO weekdays, Monday 1 to Sunday 7; working_days are make-up days, worked although in a weekend.

    Raises:
        Invalid: time-zone-unknown, weekend-not-part-of-week, or day-both-off-and-worked.
    """

    time_zone: str
    weekend: frozenset[int]
    holidays: frozenset[date]
    working_days: frozenset[date]

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.time_zone)
        except (KeyError, ValueError, OSError) as unknown:
            raise Invalid("time-zone-unknown", "The time zone is not in the IANA time zone database.") from unknown
        if not self.weekend < WEEK:
            raise Invalid(
                "weekend-not-part-of-week", "A weekend is some of the ISO weekdays 1 to 7, never all of them."
            )
        if self.holidays & self.working_days:
            raise Invalid("day-both-off-and-worked", "A day is a holiday or a make-up working day, not both.")

    def is_working_day(self, day: date) -> bool:
        """Tell whether the day is worked."""
        return day in self.working_days or (day.isoweekday() not in self.weekend and day not in self.holidays)

    def day_of(self, instant: datetime) -> date:
        """Return the day that an instant falls on."""
        return instant.astimezone(ZoneInfo(self.time_zone)).date()

    def end_of(self, day: date) -> datetime:
        """Return the first instant after a day, in UTC."""
        # Where clocks are put forward at midnight it does not exist: fold=0 then gives the instant of the change.
        return datetime.combine(day + DAY, time.min, tzinfo=ZoneInfo(self.time_zone)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Period:
    """State a length of time together with the way the rule book counts it.

    Units: n in days (D) or working days (WD); roll moves a last day that is not worked.
    Shape: backward counts from the start towards the past, as in "at least 15 days before the deadline".

    Raises:
        Invalid: period-not-positive, if n is below one; backward-period-rolls.
    """

    n: int
    unit: Literal["D", "WD"]
    first_day: Literal["excluded", "included"]
    roll: Literal["next-working-day", "none"]
    direction: Literal["forward", "backward"] = "forward"

    def __post_init__(self) -> None:
        if self.n < 1:
            raise Invalid("period-not-positive", "A period is one day or longer.")
        if self.direction == "backward" and self.roll != "none":
            raise Invalid("backward-period-rolls", "A period counted backwards does not move forwards at its end.")


@dataclass(frozen=True, slots=True)
class CountedPeriod:
    """Hold how a period was counted: its first day, its nth day, the last day once moved, the days passed over.

    Shape: skipped are the days off among the days counted, in the order of counting; only working days skip any.
    """

    first: date
    nth: date
    last: date
    skipped: tuple[date, ...]


def count(start: date, period: Period, calendar: WorkingCalendar) -> CountedPeriod:
    """Count a period's days from its start."""
    step = DAY if period.direction == "forward" else -DAY
    day = start if period.first_day == "included" else start + step
    if period.unit == "D":
        nth = day + (period.n - 1) * step
        last = _working_day_from(nth, calendar) if period.roll == "next-working-day" else nth
        return CountedPeriod(day, nth, last, ())
    counted: list[date] = []
    skipped: list[date] = []
    while len(counted) < period.n:
        (counted if calendar.is_working_day(day) else skipped).append(day)
        day += step
    return CountedPeriod(counted[0], counted[-1], counted[-1], tuple(skipped))


def last_day(start: date, period: Period, calendar: WorkingCalendar) -> date:
    """Return the last day that belongs to the period; counted backwards, the latest day that keeps its distance."""
    return count(start, period, calendar).last


def ends_at(start: datetime, period: Period, calendar: WorkingCalendar) -> datetime:
    """Return the first instant after the period's last day, in UTC; the start day is taken in the calendar's time zone.

    Raises:
        Invalid: instant-without-offset, if start is not aware.
    """
    if start.utcoffset() is None:
        raise Invalid("instant-without-offset", "An instant carries its offset from UTC.")
    return calendar.end_of(last_day(calendar.day_of(start), period, calendar))


def _working_day_from(day: date, calendar: WorkingCalendar) -> date:
    while not calendar.is_working_day(day):
        day += DAY
    return day


def years(start: date, after: date) -> Fraction:
    """Count the years from a day to another: whole ones by anniversaries, the rest by the days of its own year.

    For a term that is the day after its last: a year from the 1st of January ends with the 31st of December. Who begins
    on the 29th of February has the anniversary on the 1st of March of years that have no such day, so that the term's
    last day is the 28th.
    """
    whole = after.year - start.year
    if anniversary(start, whole) > after:
        whole -= 1
    since, until = anniversary(start, whole), anniversary(start, whole + 1)
    return whole + Fraction((after - since).days, (until - since).days)


def anniversary(day: date, years: int) -> date:
    """Return a day so many years later; the 29th of February becomes the 1st of March where there is none."""
    leap_day, year = (day.month, day.day) == (2, 29), day.year + years
    return date(year, 3, 1) if leap_day and not isleap(year) else day.replace(year=year)
