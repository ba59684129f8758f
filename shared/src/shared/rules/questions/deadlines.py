"""When does a period of a pack end?"""

from datetime import date
from itertools import groupby
from typing import Any

from shared.kernel.calendar import DAY, CountedPeriod, Period, count
from shared.kernel.errors import Invalid
from shared.rules.pack import RulePack
from shared.rules.pack_rule import PackRule
from shared.rules.questions.packs import calendar_with, read_day_at, read_pack_on
from shared.rules.questions.reading import read_object

TO_BE_VERIFIED = "to be verified"

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_UNITS = {"D": "day", "WD": "working day"}


def answer(document: Any) -> dict[str, Any]:
    """Count the period of `{"pack", "rule", "start", "on", "holidays", "working_saturdays"}`.

    Units: days are written as 2026-03-02.
    Shape: on is the day on which the procedure started, and that decides which version of the pack holds; without it
    the period's start does. date is the last day of the period (counted backwards, the latest day that keeps the
    distance); earliest_next, the first day on which the next step may happen, is there where the rule names one.

    Raises:
        Invalid: for a document of another form, with its JSON pointer.
    """
    members = read_object(document, "", ("pack", "rule", "start"), ("on", "holidays", "working_saturdays"))
    start = read_day_at(members["start"], "/start")
    pack = read_pack_on(members["pack"], members.get("on", members["start"]), "/on" if "on" in members else "/start")
    rule, period = _period(pack, members["rule"])
    counted = count(start, period, calendar_with(pack, members))
    return {
        "pack": pack.id,
        "version": pack.version,
        "rule": rule.id,
        "title": rule.title,
        "source": rule.source,
        "mark": rule.mark,
        "verified": rule.verified,
        "date": counted.last.isoformat(),
        **({"earliest_next": (counted.last + DAY).isoformat()} if rule.next_step is not None else {}),
        "steps": _steps(rule, period, start, counted),
    }


def _period(pack: RulePack, rule_id: Any) -> tuple[PackRule, Period]:
    rule = pack.rules.get(rule_id) if isinstance(rule_id, str) else None
    if rule is None or rule.period is None:
        known = ", ".join(sorted(known.id for known in pack.rules.values() if known.period is not None))
        raise Invalid(
            "rule-unknown" if rule is None else "rule-of-another-kind",
            "The rule pack has no such rule." if rule is None else "The rule is no period of days.",
            pointer="/rule",
            satisfied_by=f"One of: {known}.",
        )
    return rule, rule.period


def _steps(rule: PackRule, period: Period, start: date, counted: CountedPeriod) -> list[str]:
    length = f"{period.n} {_UNITS[period.unit]}{'' if period.n == 1 else 's'}"
    steps = [
        f"{rule.title}. The period is {length}{_length_source(rule)}.",
        _first_day(period, start, counted) + _counting_source(rule),
        *(f"{step}{_counting_source(rule)}" for step in _days_off(period, counted)),
    ]
    if counted.last != counted.nth:
        moved = f"That is a day off: the period ends on the next working day, {_named(counted.last)}"
        steps.append(moved + _counting_source(rule))
    if rule.next_step is not None:
        steps.append(f"{rule.next_step} from the day after, {_named(counted.last + DAY)}{_length_source(rule)}.")
    return steps


def _first_day(period: Period, start: date, counted: CountedPeriod) -> str:
    backward = ", counting backwards" if period.direction == "backward" else ""
    excluded = "does not count" if period.first_day == "excluded" else "is a day off and does not count"
    starts = "counts" if counted.first == start else excluded
    return f"The day of the event, {_named(start)}, {starts}: day 1 is {_named(counted.first)}{backward}"


def _days_off(period: Period, counted: CountedPeriod) -> list[str]:
    last = f"Day {period.n} is {_named(counted.nth)}"
    if period.unit == "D":
        return [f"Every day counts, days off too: {last[0].lower()}{last[1:]}"]
    if not counted.skipped:
        return [f"Only working days count, and no day off falls among them: {last[0].lower()}{last[1:]}"]
    return [f"Only working days count, which leaves out {_spans(counted.skipped)}: {last[0].lower()}{last[1:]}"]


def _spans(days: tuple[date, ...]) -> str:
    """Name days off, those that follow each other as from the first to the last."""
    ordered = sorted(days)
    runs = [
        [day for _, day in run]
        for _, run in groupby(enumerate(ordered), key=lambda placed: placed[1].toordinal() - placed[0])
    ]
    return ", ".join(_named(run[0]) if len(run) == 1 else f"{_named(run[0])} to {_named(run[-1])}" for run in runs)


def _named(day: date) -> str:
    return f"{_WEEKDAYS[day.weekday()]} {day.isoformat()}"


def _length_source(rule: PackRule) -> str:
    return _source(rule.source, verified=rule.mark == "read")


def _counting_source(rule: PackRule) -> str:
    counting = rule.counting
    if counting is None or counting.source is None:
        return f"{_length_source(rule)}."
    return f"{_source(counting.source, verified=counting.mark == 'read')}."


def _source(source: str, *, verified: bool) -> str:
    return f" ({source})" if verified else f" ({source}; {TO_BE_VERIFIED})"
