"""The deadline for bids: it never moves back, what is told late moves it on, and it waits for every answer.

The rule as an outsider follows it, with the rule pack's period `clarification` (5 days, say):
1. Questions are taken until the end of the latest day that lies the period before the deadline; an answer does not
   move that day, an amendment does.
2. An answer or an amendment moves the deadline to the end of the first day that lies the period after it, unless the
   deadline is later anyway.
3. While more questions are unanswered than `questions-unanswered` admits, or an amendment that was ordered is not
   published, the deadline does not pass: bids are taken, and none is opened.
"""

from datetime import datetime, timedelta
from fractions import Fraction

from shared.kernel.calendar import DAY, last_day
from shared.kernel.clock import hasten
from shared.kernel.errors import RuleReference
from shared.rules.checks import check_rule
from shared.rules.pack import RulePack
from shared.rules.result import RuleResult, Verdict

NOTICE = "clarification"
_UNANSWERED = "questions-unanswered"


def questions_until(closes_at: datetime, pack: RulePack, acceleration: int = 1) -> datetime:
    """Return the instant from which on no question is taken.

    Units: aware UTC; acceleration as of the procedure.
    """
    # The deadline is the first instant that is too late, so its day is the one before.
    day = pack.calendar.day_of(closes_at - timedelta(microseconds=1))
    latest = last_day(day, pack.period(NOTICE), pack.calendar)
    return hasten(closes_at, pack.calendar.end_of(latest), acceleration)


def earliest_deadline(told_at: datetime, pack: RulePack, acceleration: int = 1) -> datetime:
    """Return the earliest deadline before which something told now has been known for long enough.

    Units: aware UTC; acceleration as of the procedure.
    """
    told, period = pack.calendar.day_of(told_at), pack.period(NOTICE)
    day = told
    while last_day(day, period, pack.calendar) < told:
        day += DAY
    return hasten(told_at, pack.calendar.end_of(day), acceleration)


def moved_on(closes_at: datetime, told_at: datetime, pack: RulePack, acceleration: int = 1) -> datetime:
    """Return the deadline after something was told: the same, or as much later as the rule asks for."""
    return max(closes_at, earliest_deadline(told_at, pack, acceleration))


def answers_awaited(unanswered: int, pack: RulePack) -> RuleResult:
    """Hold the number of unanswered questions to the pack; a pack without the rule waits for none."""
    if _UNANSWERED not in pack.rules:
        return RuleResult(Verdict.NOT_APPLICABLE, RuleReference(_UNANSWERED, pack.title), "There is no such rule.")
    facts = {"questions.unanswered": Fraction(unanswered)}
    return check_rule(pack.rule(_UNANSWERED), facts, pack.calendar).result


def bidding_ended(
    closes_at: datetime | None, unanswered: int, at: datetime, pack: RulePack, *, amendment_ordered: bool
) -> bool:
    """Tell whether a bid received at that instant is late."""
    if closes_at is None or at < closes_at or amendment_ordered:
        return False
    return answers_awaited(unanswered, pack).verdict is not Verdict.FAIL
