"""What happens in a procedure."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from shared.kernel.errors import RuleReference
from shared.kernel.events import DomainEvent
from shared.kernel.money import Money
from shared.rules.payment_formula import PaymentFormula
from tender.domain.catalogue import Service
from tender.domain.contract_terms import AgreedPayment
from tender.domain.draw_parts import Closing, Draw
from tender.domain.parts import AwardCriterion, Delivery, Lot, Milestone, OpenedBid, Party, RankedBid
from tender.domain.procurement import Procurement
from tender.domain.qualification_parts import UnconfirmedSize
from tender.domain.requirements import RequirementCriterion
from tender.domain.withheld import Withheld


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
    pack: str
    pack_version: str


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
    procurement: Procurement
    requirements: tuple[RequirementCriterion, ...] = ()
    questions_until: datetime | None = None
    payment_terms: PaymentFormula | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened(ProcedureEvent):
    opened_at: datetime
    bids: tuple[OpenedBid, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FundsUnneeded(ProcedureEvent):
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsuccessful(ProcedureEvent):
    bids: int
    reason: str
    reference: RuleReference


@dataclass(frozen=True, slots=True, kw_only=True)
class LotUnsuccessful(ProcedureEvent):
    lot: str
    amount: Money
    reason: str
    reference: RuleReference
    bids: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled(ProcedureEvent):
    reason: str
    ground: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LotCancelled(ProcedureEvent):
    lot: str
    amount: Money
    reason: str


@dataclass(frozen=True, slots=True)
class AcceptedBid:
    """A bid that qualified although its answers leave requirements open, why, and which findings were waived."""

    bid: UUID
    reason: str
    waived: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BidsQualified(ProcedureEvent):
    qualified: tuple[UUID, ...]
    accepted: tuple[AcceptedBid, ...] = ()
    unconfirmed: tuple[UnconfirmedSize, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BidExcluded(ProcedureEvent):
    bid: UUID
    lot: str
    bidder: Party
    reason: str
    reference: RuleReference | None
    requirement: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TalksRecorded(ProcedureEvent):
    bid: UUID
    lot: str
    held_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsChanged(ProcedureEvent):
    told_at: datetime
    bids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalQuotesRequested(ProcedureEvent):
    requested_at: datetime
    closes_at: datetime
    bids: tuple[UUID, ...]
    terms_changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PricesOpened(ProcedureEvent):
    opened_at: datetime
    bids: tuple[OpenedBid, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceExplanationRequested(ProcedureEvent):
    bid: UUID
    lot: str
    bidder: Party
    triggers: tuple[str, ...]
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceExplained(ProcedureEvent):
    bid: UUID
    lot: str
    explained_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceExplanationDecided(ProcedureEvent):
    bid: UUID
    lot: str
    accepted: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeficiencyNotified(ProcedureEvent):
    bid: UUID
    lot: str
    bidder: Party
    what: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeficiencyCorrected(ProcedureEvent):
    bid: UUID
    lot: str
    digest: str
    corrected_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeficiencyDecided(ProcedureEvent):
    bid: UUID
    lot: str
    accepted: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TieDrawAnnounced(ProcedureEvent):
    lot: str
    closing: Closing


@dataclass(frozen=True, slots=True, kw_only=True)
class TieDrawn(ProcedureEvent):
    lot: str
    draw: Draw


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardProposed(ProcedureEvent):
    lot: str
    award: UUID
    supplier: Party
    value: Money
    ranking: tuple[RankedBid, ...]
    formula: str
    derivation: tuple[dict[str, Any], ...]
    standstill_ends_at: datetime
    standstill_rule: str | None
    ranked: int
    ranking_digest: str | None = None
    withheld: Withheld | None = None
    parts: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingContinued(ProcedureEvent):
    lot: str
    award: UUID | None
    part: int
    parts: int
    ranking: tuple[RankedBid, ...]
    derivation: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardConfirmed(ProcedureEvent):
    lot: str
    award: UUID
    contract: UUID
    supplier: Party
    value: Money
    signature_due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardCancelled(ProcedureEvent):
    lot: str
    award: UUID
    bid: UUID
    supplier: Party
    reason: str


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
    handlers: tuple[str, ...] | None = None
    payment: AgreedPayment | None = None
