"""What becomes of a plan."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shared.kernel.events import DomainEvent
from shared.kernel.money import Money
from tender.domain.catalogue import Service
from tender.domain.parts import Party


@dataclass(frozen=True, slots=True)
class BudgetShare:
    """What a plan takes from one budget line."""

    line: UUID
    amount: Money


@dataclass(frozen=True, slots=True)
class Expected:
    """When it is to happen, as far as the plan knows."""

    tender: date | None = None
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned(DomainEvent):
    title: str
    buyer: Party
    service: Service
    estimate: Money
    budget_line: UUID
    breakdown: tuple[BudgetShare, ...] = ()
    method: str = "open"
    expected: Expected | None = None
    pack: str = "model"
    catalogue: str | None = None
    scheduled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChanged(DomainEvent):
    title: str
    estimate: Money
    breakdown: tuple[BudgetShare, ...]
    method: str
    expected: Expected | None
    reason: str
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCompleted(DomainEvent):
    completed_at: datetime
    tendered: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCancelled(DomainEvent):
    cancelled_at: datetime
    reason: str
