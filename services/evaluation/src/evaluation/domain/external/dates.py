"""Dates as publishers write them."""

import re
from datetime import UTC, datetime, timedelta

_WRITTEN = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})"
    r"(?:[Tt ](?P<time>\d{2}:\d{2})(?::(?P<second>\d{2})(?:\.(?P<fraction>\d+))?)?"
    r" ?(?P<zone>[Zz]|[+-]\d{2}:?\d{2})?)?",
    re.ASCII,
)
LAST_SECOND = 60  # a leap second


def instant(text: str) -> tuple[datetime | None, str | None]:
    """Read an instant: RFC 3339, and the ways of leaving parts of it out that are found in published data.

    Shape: the instant in UTC, and the code of what is wrong. time-zone-missing and time-missing are read as UTC and as
    the start of the day; date-invalid gives no instant. Digits beyond the microsecond are dropped.
    """
    written = _WRITTEN.fullmatch(text.strip())
    if written is None:
        return None, "date-invalid"
    second = int(written["second"] or 0)
    try:
        minute = datetime.fromisoformat(f"{written['date']}T{written['time'] or '00:00'}{_zone(written['zone'])}")
        found = minute.astimezone(UTC) + timedelta(seconds=second, microseconds=_micro(written["fraction"]))
    except (ValueError, OverflowError):
        return None, "date-invalid"
    if second > LAST_SECOND:
        return None, "date-invalid"
    if written["time"] is None:
        return found, "time-missing"
    return found, None if written["zone"] else "time-zone-missing"


def _zone(written: str | None) -> str:
    return "+00:00" if written is None or written in "Zz" else written


def _micro(fraction: str | None) -> int:
    return int((fraction or "0")[:6].ljust(6, "0"))
