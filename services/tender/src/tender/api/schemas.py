"""What goes over the wire."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.contracts.fields import (
    Amount,
    DecimalText,
    Instant,
    LongText,
    OrganisationId,
    PositiveAmount,
    Sha256,
    ShortText,
)
from tender.domain.contract import ContractStatus
from tender.domain.parts import Status
from tender.domain.requirement_values import DataType
from tender.domain.requirements import RequirementKind

LARGEST_ENVELOPE = 512 * 1024
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{0,79}$")]
RequirementValue = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Base64 = Annotated[
    str,
    StringConstraints(min_length=4, max_length=LARGEST_ENVELOPE * 4 // 3 + 4, pattern=r"^[A-Za-z0-9+/]+={0,2}$"),
]


class Request(BaseModel):
    """A body; what the API does not name is refused."""

    model_config = ConfigDict(extra="forbid")


class View(BaseModel):
    """An answer, read from the domain's own attributes."""

    model_config = ConfigDict(from_attributes=True)


class PlanBody(Request):
    """A need; the buyer is the organisation the token speaks for."""

    title: ShortText
    buyer_name: ShortText
    service: Code
    estimate: PositiveAmount
    budget_line: UUID


class LotBody(Request):
    id: Code
    title: ShortText
    value: PositiveAmount


class LevelBody(Request):
    """A grade of a quality criterion: what a bid reaches it with, and the score it then has."""

    title: ShortText
    points: DecimalText
    at_least: DecimalText | None = None


class CriterionBody(Request):
    """What bids are scored on; with levels a score is one of theirs, and they rise."""

    id: Code
    title: ShortText
    kind: Literal["price", "quality"]
    weight: DecimalText
    levels: Annotated[list[LevelBody], Field(max_length=10)] = []


class RequirementBody(Request):
    """One thing to be answered; values are text: true, 12, 12.50, 2026-03-02, a code, or free text."""

    id: Code
    title: ShortText
    data_type: DataType
    subject: Code | None = None
    expected: RequirementValue | None = None
    minimum: RequirementValue | None = None
    maximum: RequirementValue | None = None
    options: Annotated[list[RequirementValue], Field(max_length=20)] = []
    evidence: Annotated[list[Code], Field(max_length=10)] = []


class RequirementGroupBody(Request):
    """One of the ways to meet a criterion."""

    id: Code
    title: ShortText
    requirements: Annotated[list[RequirementBody], Field(min_length=1, max_length=40)]


class RequirementCriterionBody(Request):
    """A criterion, of which a bidder answers all requirements of exactly one group."""

    id: Code
    title: ShortText
    kind: RequirementKind
    groups: Annotated[list[RequirementGroupBody], Field(min_length=1, max_length=10)]


class DeliveryBody(Request):
    """The days of delivery, and in how many equal periods it is graded and paid."""

    start: date
    end: date
    periods: Annotated[int, Field(ge=1, le=120, strict=True)]


class ContentBody(Request):
    """What an office writes in a tender; the weights add up to exactly 100, the lots to the value."""

    title: ShortText
    description: LongText
    value: PositiveAmount
    lots: Annotated[list[LotBody], Field(min_length=1, max_length=1)]
    criteria: Annotated[list[CriterionBody], Field(min_length=1, max_length=40)]
    delivery: DeliveryBody
    requirements: Annotated[list[RequirementCriterionBody], Field(max_length=40)] = []


class DraftBody(ContentBody):
    """A new tender; an acceleration of 86400 makes a day pass in a second, in a sandbox only."""

    plan: UUID
    acceleration: Annotated[int, Field(ge=1, le=8_640_000, strict=True)] = 1


class BidBody(Request):
    """A sealed bid: the envelope in base64, opaque to the API whatever the scheme."""

    lot: Code
    scheme: Code | Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}/v[0-9]{1,3}$")]
    envelope: Base64


class ScoreBody(Request):
    bid: UUID
    criterion: Code
    value: DecimalText


class SheetBody(Request):
    """One panel member's scores, from 0 to 100, for every valid bid and each quality criterion."""

    scores: Annotated[list[ScoreBody], Field(min_length=1, max_length=4000)]


class PartyView(View):
    id: OrganisationId
    name: str


class ServiceView(View):
    code: str
    title: str


class PlanView(View):
    id: UUID
    title: str
    buyer: PartyView
    service: ServiceView
    estimate: Amount
    budget_line: UUID


class LotView(View):
    id: str
    title: str
    value: Amount


class LevelView(View):
    title: str
    points: DecimalText
    at_least: DecimalText | None


class CriterionView(View):
    id: str
    title: str
    kind: str
    weight: DecimalText
    levels: list[LevelView]


class RequirementView(View):
    id: str
    title: str
    data_type: DataType
    subject: str | None
    expected: str | None
    minimum: str | None
    maximum: str | None
    options: list[str]
    evidence: list[str]


class RequirementGroupView(View):
    id: str
    title: str
    requirements: list[RequirementView]


class RequirementCriterionView(View):
    id: str
    title: str
    kind: RequirementKind
    groups: list[RequirementGroupView]


class DeliveryView(View):
    start: date
    end: date
    periods: int


class ContentView(View):
    title: str
    description: str
    value: Amount
    lots: list[LotView]
    criteria: list[CriterionView]
    delivery: DeliveryView
    requirements: list[RequirementCriterionView]


class AwardView(View):
    id: UUID
    supplier: PartyView
    value: Amount
    standstill_ends_at: Instant
    contract: UUID | None


class TenderView(View):
    id: UUID
    ocid: str
    plan: UUID
    buyer: PartyView
    service: ServiceView
    content: ContentView
    pack: str
    pack_version: str
    acceleration: int
    status: Status
    returned_because: str | None
    published_at: Instant | None
    closes_at: Instant | None
    opened_at: Instant | None
    due_at: Instant | None
    award: AwardView | None
    questions_until: Instant | None
    unanswered: int


class BidView(View):
    bid: UUID
    bidder: PartyView
    received_at: Instant
    digest: Sha256
    price: Amount | None
    valid: bool
    reason: str | None


class ReceiptView(View):
    """What was received and when; `signed` is a compact JWS that /v1/receipt-keys verifies, empty for a dry run."""

    bid: UUID
    digest: Sha256
    received_at: Instant
    signed: str


class SignedReceipt(View):
    signed: str


class MilestoneView(View):
    period: str
    start: date
    end: date
    amount: Amount


class ContractView(View):
    id: UUID
    ocid: str
    tender: UUID
    award: UUID
    title: str
    buyer: PartyView
    supplier: PartyView
    service: ServiceView
    value: Amount
    milestones: list[MilestoneView]
    status: ContractStatus
    signature_due: Instant | None
    signed_at: Instant | None


class ExcludedView(View):
    code: str
    title: str
    source: str


class CatalogueView(View):
    version: str
    services: list[ServiceView]
    negative: list[ExcludedView]


def criterion(body: CriterionBody) -> tuple[str, str, Literal["price", "quality"], Decimal]:
    """Take a criterion apart."""
    return body.id, body.title, body.kind, body.weight
