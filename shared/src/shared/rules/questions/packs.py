"""Reads which pack a question is put to, and which days are days off."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from shared.kernel.calendar import WorkingCalendar
from shared.kernel.errors import Invalid, NotAllowed
from shared.rules.facts import read_day
from shared.rules.pack import RulePack, available_packs, load_pack, pack_in_force

MOST_DAYS = 1_000
FIRST_YEAR, LAST_YEAR = 1900, 2199


def read_pack_on(pack_id: Any, on: Any, pointer: str) -> RulePack:
    """Return the pack in force on a day, or the newest version of it if the question names no day.

    Raises:
        Invalid: pack-unknown, pack-not-in-force, or what read_day_at refuses.
    """
    if not isinstance(pack_id, str) or pack_id not in available_packs():
        known = f"One of: {', '.join(available_packs())}."
        raise Invalid("pack-unknown", "There is no such rule pack.", pointer="/pack", satisfied_by=known)
    if on is None:
        return load_pack(pack_id)
    try:
        return pack_in_force(pack_id, read_day_at(on, pointer))
    except NotAllowed as refusal:
        raise Invalid(refusal.code, refusal.detail, pointer=pointer, satisfied_by=refusal.satisfied_by) from refusal


def read_day_at(value: Any, pointer: str) -> date:
    """Read a day.

    Raises:
        Invalid: day-malformed, or day-out-of-range.
    """
    day = read_day(value)
    if day is None:
        raise Invalid("day-malformed", "A day of the calendar is written as text, as 2026-03-02.", pointer=pointer)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        detail = f"A day is of a year from {FIRST_YEAR} to {LAST_YEAR}."
        raise Invalid("day-out-of-range", detail, pointer=pointer)
    return day


def calendar_with(pack: RulePack, members: Mapping[str, Any]) -> WorkingCalendar:
    """Return the pack's calendar with the question's days off and the days of a weekend that are worked for them.

    Raises:
        Invalid: days-not-a-list, days-too-many, day-not-in-weekend, day-both-off-and-worked, or what read_day_at
            refuses.
    """
    calendar = pack.calendar
    holidays = _days(members.get("holidays", []), "/holidays")
    worked = _days(members.get("working_saturdays", []), "/working_saturdays")
    for place, day in enumerate(worked):
        if day.isoweekday() not in calendar.weekend:
            detail = "A day that is made up is one of a weekend."
            raise Invalid("day-not-in-weekend", detail, pointer=f"/working_saturdays/{place}")
    try:
        return replace(
            calendar,
            holidays=(calendar.holidays - set(worked)) | set(holidays),
            working_days=(calendar.working_days - set(holidays)) | set(worked),
        )
    except Invalid as refusal:
        raise Invalid(refusal.code, refusal.detail, pointer="/working_saturdays") from refusal


def _days(value: Any, pointer: str) -> list[date]:
    if not isinstance(value, list):
        raise Invalid("days-not-a-list", "Here stands a list of days.", pointer=pointer)
    if len(value) > MOST_DAYS:
        raise Invalid("days-too-many", f"At most {MOST_DAYS} days are named.", pointer=pointer)
    return [read_day_at(day, f"{pointer}/{place}") for place, day in enumerate(value)]
