"""Topic `budget`: what the legislature granted, by quarters and years, and what was made of it by revisions."""

from uuid import UUID

from shared.contracts.event import Data, EventData
from shared.contracts.fields import Amount, Day, Instant, LongText, ShortText

OWNER = "budget"


class FundingSource(Data):
    """Where a part of what is granted comes from."""

    kind: ShortText
    funder: ShortText
    amount: Amount


class Appropriated(EventData, type="budget.appropriated.v1", owner=OWNER, key="line"):
    """The legislature granted an amount for a line of a fiscal year."""

    line: UUID
    code: ShortText
    title: ShortText
    fiscal_year: int
    amount: Amount
    available: Amount
    programme: ShortText | None = None
    sources: tuple[FundingSource, ...] | None = None
    quarters: tuple[Amount, ...] | None = None


class QuarterOpened(EventData, type="budget.quarter-opened.v1", owner=OWNER, key="line"):
    """A quarter has begun, and what was granted for it is available."""

    line: UUID
    quarter: int
    amount: Amount
    available: Amount


class Revised(EventData, type="budget.revised.v1", owner=OWNER, key="line"):
    """A revision of the budget is in force: a line has more than before, or less."""

    line: UUID
    revision: UUID
    kind: ShortText
    amount: Amount
    appropriated: Amount
    available: Amount


class RevisionMove(Data):
    """What a revision adds to a line, or takes from it."""

    line: UUID
    amount: Amount


class OfRevision(EventData, key="revision"):
    """About a revision of the budget."""

    revision: UUID


class RevisionProposed(OfRevision, type="budget.revision-proposed.v1", owner=OWNER):
    """A revision of the budget is proposed; nothing moves until another person approves it."""

    kind: ShortText
    moves: tuple[RevisionMove, ...]
    reason: LongText
    decision: ShortText
    decision_due: Instant


class RevisionRejected(OfRevision, type="budget.revision-rejected.v1", owner=OWNER):
    """A revision of the budget was dropped."""

    reason: LongText


class OfFiscalYear(EventData, key="fiscal_year"):
    """About a fiscal year."""

    fiscal_year: int


class FiscalYearDeclared(OfFiscalYear, type="budget.fiscal-year-declared.v1", owner=OWNER):
    """The days of a fiscal year are set, and what becomes at its end of what is set aside or bound."""

    starts: Day
    ends: Day
    time_zone: ShortText
    policy: ShortText
