"""What happens to the budget.

`available` is what the line has left; it is stated once the transfers are in the ledger, which alone knows it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from budget.domain.grant import Source
from budget.domain.year_events import FundsRenewed, LineCarriedOver
from shared.kernel.errors import RuleReference
from shared.kernel.events import DomainEvent
from shared.kernel.money import Money
from shared.rules.derivation import Derivation
from shared.rules.payment_formula import ReleaseCondition


@dataclass(frozen=True, slots=True, kw_only=True)
class LineAppropriated(DomainEvent):
    code: str
    title: str
    fiscal_year: int
    amount: Money
    programme: str | None = None
    sources: tuple[Source, ...] = ()
    quarters: tuple[Money, ...] = ()
    available: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarterOpened(DomainEvent):
    quarter: int
    amount: Money
    available: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRevised(DomainEvent):
    revision: UUID
    kind: str
    amount: Money
    appropriated: Money
    sources: tuple[Source, ...] = ()
    available: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FundsReserved(DomainEvent):
    ocid: str
    tender: UUID
    line: UUID
    amount: Money
    available: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FundsRefused(DomainEvent):
    ocid: str
    tender: UUID
    line: UUID
    requested: Money
    available: Money | None
    code: str
    reason: str
    reference: RuleReference


@dataclass(frozen=True, slots=True, kw_only=True)
class FundsCommitted(DomainEvent):
    ocid: str
    contract: UUID
    line: UUID
    amount: Money
    later: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCommitted(DomainEvent):
    ocid: str
    contract: UUID
    change: UUID
    line: UUID
    amount: Money
    available: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRefused(DomainEvent):
    ocid: str
    contract: UUID
    change: UUID
    line: UUID
    requested: Money
    available: Money
    code: str
    reason: str
    reference: RuleReference


@dataclass(frozen=True, slots=True, kw_only=True)
class FundsReleased(DomainEvent):
    ocid: str
    line: UUID
    amount: Money
    reason: str
    contract: UUID | None = None
    available: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodAccrued(DomainEvent):
    ocid: str
    contract: UUID
    period: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDue(DomainEvent):
    ocid: str
    contract: UUID
    order: UUID
    kind: str
    period: str
    payee: str
    amount: Money
    accepted_at: datetime
    due_at: datetime
    derivation: Derivation


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentApproved(DomainEvent):
    ocid: str
    contract: UUID
    order: UUID
    period: str
    payee: str
    amount: Money
    approved_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodPaid(DomainEvent):
    ocid: str
    contract: UUID
    period: str
    payment: UUID
    payee: str
    amount: Money
    grade: str
    share: Decimal
    paid_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodDeducted(DomainEvent):
    ocid: str
    contract: UUID
    period: str
    line: UUID
    payee: str
    amount: Money
    reason: str
    hold: UUID | None = None
    available: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodHeld(DomainEvent):
    ocid: str
    contract: UUID
    period: str
    payee: str
    amount: Money
    grade: str
    reason: str
    hold: UUID
    release: ReleaseCondition
    appeal_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationMade(DomainEvent):
    line: UUID
    amount: Money
    purpose: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationReleased(DomainEvent):
    line: UUID
    amount: Money
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationExpired(DomainEvent):
    line: UUID
    amount: Money
    expired_at: datetime


_STATING = (
    LineAppropriated,
    LineCarriedOver,
    LineRevised,
    QuarterOpened,
    FundsReserved,
    FundsReleased,
    FundsRenewed,
    ChangeCommitted,
    PeriodDeducted,
)


def stating_available(events: Sequence[DomainEvent], available: Money | None) -> tuple[DomainEvent, ...]:
    """State in the events that say so what the line has left after them; none says nothing."""
    if available is None:
        return tuple(events)
    return tuple(replace(event, available=available) if isinstance(event, _STATING) else event for event in events)
