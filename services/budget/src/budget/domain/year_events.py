"""What happens to a fiscal year."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shared.kernel.events import DomainEvent
from shared.kernel.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class FiscalYearDeclared(DomainEvent):
    fiscal_year: int
    starts: date
    ends: date
    time_zone: str
    policy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingProposed(DomainEvent):
    fiscal_year: int
    policy: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingRejected(DomainEvent):
    fiscal_year: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FiscalYearClosed(DomainEvent):
    fiscal_year: int
    policy: str
    closed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LineClosed(DomainEvent):
    """The line's books are closed; `onto` is the line of the next year."""

    lapsed: Money
    carried: Money
    onto: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCarriedOver(DomainEvent):
    code: str
    title: str
    fiscal_year: int
    amount: Money
    from_line: UUID
    available: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FundsCarriedForward(DomainEvent):
    """What a process has on the line of the next year; `lapsed` is what it lost, to be funded anew."""

    ocid: str
    line: UUID
    onto: UUID
    reserved: Money
    committed: Money
    accrued: Money
    held: Money
    lapsed: Money
    advance: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FundsRenewed(DomainEvent):
    """What lapsed, or was left to the budget of this year, is set aside and bound."""

    ocid: str
    line: UUID
    fiscal_year: int
    reserved: Money
    committed: Money
    available: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalRefused(DomainEvent):
    ocid: str
    line: UUID
    fiscal_year: int
    requested: Money
    available: Money
    code: str
    reason: str
