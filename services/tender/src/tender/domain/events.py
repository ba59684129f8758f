"""What happens in a procedure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.kernel.events import DomainEvent
from shared.kernel.money import Money
from tender.domain.catalogue import Service
from tender.domain.parts import AwardCriterion, Delivery, Lot, Milestone, OpenedBid, Party, RankedBid


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned(DomainEvent):
    title: str
    buyer: Party
    service: Service
    estimate: Money
    budget_line: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureEvent(DomainEvent):
    ocid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingRequested(ProcedureEvent):
    plan: UUID
    title: str
    buyer: Party
    budget_line: UUID
    amount: Money
    answer_due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedToDraft(ProcedureEvent):
    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Published(ProcedureEvent):
    plan: UUID
    title: str
    description: str
    buyer: Party
    service: Service
    value: Money
    lots: tuple[Lot, ...]
    criteria: tuple[AwardCriterion, ...]
    delivery: Delivery
    published_at: datetime
    closes_at: datetime
    pack: str
    pack_version: str
    acceleration: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened(ProcedureEvent):
    opened_at: datetime
    bids: tuple[OpenedBid, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsuccessful(ProcedureEvent):
    bids: int
    reason: str
    rule: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled(ProcedureEvent):
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardProposed(ProcedureEvent):
    award: UUID
    supplier: Party
    value: Money
    ranking: tuple[RankedBid, ...]
    formula: str
    derivation: tuple[dict[str, Any], ...]
    standstill_ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardConfirmed(ProcedureEvent):
    award: UUID
    contract: UUID
    supplier: Party
    value: Money
    signature_due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractGenerated(ProcedureEvent):
    award: UUID
    buyer: Party
    supplier: Party
    value: Money
    milestones: tuple[Milestone, ...]
    signature_due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierSigned(ProcedureEvent):
    supplier: Party
    signed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractSigned(ProcedureEvent):
    tender: UUID
    award: UUID
    title: str
    buyer: Party
    supplier: Party
    service: Service
    value: Money
    milestones: tuple[Milestone, ...]
    signed_at: datetime
    pack: str
    pack_version: str
    acceleration: int
    release: Money | None = None
