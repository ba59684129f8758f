"""How long each party of a supervised contract has to act."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from shared.kernel.clock import hasten
from shared.rules.pack import RulePack


def day_of(at: datetime, pack: RulePack) -> date:
    """Return the day it is in the pack's time zone."""
    return pack.calendar.day_of(at)


def period_ended(pack: RulePack, period_end: date, signed_at: datetime, acceleration: int) -> datetime:
    """Return the instant at which a period is over.

    Units: with an acceleration everything after the signature passes so many times faster, the period itself included.
    """
    last_instant = datetime.combine(period_end, time.max, tzinfo=ZoneInfo(pack.calendar.time_zone))
    return hasten(signed_at, last_instant, acceleration)


def report_due(
    pack: RulePack, *, period_end: date, signed_at: datetime, since: datetime, acceleration: int
) -> datetime:
    """Return when a period's report is due: counted from its end, or from when the supervisor could begin if later."""
    ended = period_ended(pack, period_end, signed_at, acceleration)
    return pack.ends_at("inspection-report", max(ended, since), acceleration)
