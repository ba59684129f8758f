"""Topic `budget`: what the legislature granted, by quarters and years, and what was made of it by revisions."""

from uuid import UUID

from shared.contracts.event import Data, EventData
from shared.contracts.fields import Amount, Day, Instant, LongText, ShortText
from shared.contracts.subject import OfProcess

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
    sources: tuple[FundingSource, ...] | None = None


class RevisionMove(Data):
    """What a revision adds to a line, or takes from it."""

    line: UUID
    amount: Amount
    sources: tuple[FundingSource, ...] | None = None


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


class ClosingProposed(OfFiscalYear, type="budget.closing-proposed.v1", owner=OWNER):
    """The closing of a year's books is proposed; nothing is closed until another person approves it."""

    policy: ShortText
    decision_due: Instant


class ClosingRejected(OfFiscalYear, type="budget.closing-rejected.v1", owner=OWNER):
    """The books of a year stay open."""

    reason: LongText


class FiscalYearClosed(OfFiscalYear, type="budget.fiscal-year-closed.v1", owner=OWNER):
    """The books of a year are closed for good."""

    policy: ShortText
    closed_at: Instant


class LineClosed(EventData, type="budget.line-closed.v1", owner=OWNER, key="line"):
    """The books of a line are closed: what was free lapsed, and the rest went over to the line of the next year."""

    line: UUID
    onto: UUID
    lapsed: Amount
    carried: Amount


class CarriedOver(EventData, type="budget.carried-over.v1", owner=OWNER, key="line"):
    """A line took over what the line of the year before still owes or binds, with a grant to match."""

    line: UUID
    code: ShortText
    title: ShortText
    fiscal_year: int
    from_line: UUID
    amount: Amount
    available: Amount


class CarriedForward(OfProcess, type="budget.carried-forward.v1", owner=OWNER):
    """A year was closed: what a contracting process has is on the line of the next year, or lapsed."""

    line: UUID
    onto: UUID
    reserved: Amount
    committed: Amount
    accrued: Amount
    held: Amount
    lapsed: Amount
    advance: Amount | None = None


class Renewed(OfProcess, type="budget.renewed.v1", owner=OWNER):
    """What lapsed, or was left to a later year, is set aside and bound by the budget of that year."""

    line: UUID
    fiscal_year: int
    reserved: Amount
    committed: Amount
    available: Amount


class RenewalRefused(OfProcess, type="budget.renewal-refused.v1", owner=OWNER):
    """The budget of the year lacks what lapsed, or was left to it."""

    line: UUID
    fiscal_year: int
    requested: Amount
    available: Amount
    code: ShortText
    reason: ShortText


class CeilingOfYear(Data):
    """Up to how much contracts may promise of a year's budget."""

    year: int
    amount: Amount


class OfCeilings(EventData, key="line"):
    """About the ceilings of a line's code."""

    line: UUID
    code: ShortText


class CeilingsProposed(OfCeilings, type="budget.ceilings-proposed.v1", owner=OWNER):
    """Ceilings of what contracts may promise of later years are proposed."""

    ceilings: tuple[CeilingOfYear, ...]
    decision_due: Instant
    total: Amount | None = None


class CeilingsSet(OfCeilings, type="budget.ceilings-set.v1", owner=OWNER):
    """Ceilings are in force: contracts that go on beyond the year bind this year's part, and promise the rest."""

    ceilings: tuple[CeilingOfYear, ...]
    total: Amount | None = None


class CeilingsRejected(OfCeilings, type="budget.ceilings-rejected.v1", owner=OWNER):
    """The proposed ceilings were dropped."""

    reason: LongText
