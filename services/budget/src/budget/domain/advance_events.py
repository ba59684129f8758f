"""What happens to advances."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.kernel.events import DomainEvent
from shared.kernel.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvancePaid(DomainEvent):
    ocid: str
    contract: UUID
    order: UUID
    payment: UUID
    payee: str
    amount: Money
    paid_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceRecovered(DomainEvent):
    ocid: str
    contract: UUID
    period: str
    payee: str
    amount: Money
    outstanding: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceRepaid(DomainEvent):
    ocid: str
    contract: UUID
    order: UUID
    repayment: UUID
    payee: str
    amount: Money
    outstanding: Money
    repaid_at: datetime
