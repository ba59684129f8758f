"""Time comes from one injected source; nothing else in the code asks the operating system for it."""

from datetime import UTC, datetime, timedelta
from typing import Protocol

from shared.kernel.errors import Invalid

DAY_AS_SECOND = 86_400


class Clock(Protocol):
    """Tells the present instant."""

    def now(self) -> datetime:
        """Return the present instant, aware and in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - the one place that may ask


def hasten(start: datetime, end: datetime, acceleration: int) -> datetime:
    """Shorten the span from start to end by the factor a sandbox procedure asked for.

    With a factor of 86,400 a day passes in a second; with 1 nothing changes.

    Raises:
        Invalid: acceleration-out-of-range, unless 1 <= acceleration <= 8,640,000.
    """
    if not 1 <= acceleration <= 100 * DAY_AS_SECOND:
        raise Invalid("acceleration-out-of-range", "The acceleration is a whole number from 1 to 8640000.")
    return start + timedelta(microseconds=(end - start) // timedelta(microseconds=1) // acceleration)
