"""What invoices and the bank's statements say of payments."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shared.kernel.events import DomainEvent
from shared.kernel.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoiced(DomainEvent):
    ocid: str
    contract: UUID
    order: UUID
    period: str
    payee: str
    amount: Money
    received_at: datetime
    due_at: datetime
    rule: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReturned(DomainEvent):
    ocid: str
    contract: UUID
    order: UUID
    period: str
    payment: UUID
    payee: str
    amount: Money
    reason: str | None
    returned_at: datetime
    rejected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MismatchFound(DomainEvent):
    outcome: str
    payment: UUID | None
    ocid: str | None
    contract: UUID | None
    expected: Money | None
    found: Money | None
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MismatchSettled(DomainEvent):
    outcome: str
    state: str
