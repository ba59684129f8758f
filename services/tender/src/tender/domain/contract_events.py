"""What happens in the life of a contract, once it was generated."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shared.kernel.errors import RuleReference
from shared.kernel.money import Money
from tender.domain.contract_parts import Document, Term
from tender.domain.events import ProcedureEvent
from tender.domain.parts import Milestone, Party


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractEvent(ProcedureEvent):
    """Something that happened to a contract; aggregate is the contract."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSigned(ContractEvent):
    tender: UUID
    award: UUID
    supplier: Party
    code: str
    reason: str
    signature_due: datetime
    recorded_at: datetime
    reference: RuleReference


@dataclass(frozen=True, slots=True, kw_only=True)
class Annulled(ContractEvent):
    tender: UUID
    award: UUID
    supplier: Party
    reason: str
    annulled_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEvent(ContractEvent):
    change: UUID
    ground: str
    reason: str
    difference: Money
    value: Money
    term: Term
    milestones: tuple[Milestone, ...]
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRequested(ChangeEvent):
    answer_due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed(ChangeEvent):
    option: str | None
    signed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFailed(ContractEvent):
    change: UUID
    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspended(ContractEvent):
    reason: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed(ContractEvent):
    at: datetime
    early: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned(ContractEvent):
    before: Party
    supplier: Party
    ground: str
    reason: str
    at: datetime
    reference: RuleReference


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminationNotified(ContractEvent):
    ground: str
    reason: str
    at: datetime
    last_day: date
    consented_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminated(ContractEvent):
    supplier: Party
    ground: str
    reason: str
    amount_paid: Money
    last_day: date
    at: datetime
    without_handover: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverCompleted(ContractEvent):
    successor: str
    items: int
    at: datetime
