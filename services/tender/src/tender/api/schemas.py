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
from tender.domain.parts import Status

LARGEST_ENVELOPE = 512 * 1024
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{0,79}$")]
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


class CriterionBody(Request):
    id: Code
    title: ShortText
    kind: Literal["price", "quality"]
    weight: DecimalText


class DeliveryBody(Request):
    """The days of delivery, and in how many equal periods it is graded and paid."""

    start: date
    end: date
    periods: Annotated[int, Field(ge=1, le=120, strict=True)]


class OptionBody(Request):
    """A renewal; `share` is what it is worth, as a share of the contract's value."""

    id: Code
    title: ShortText
    months: Annotated[int, Field(ge=1, le=120, strict=True)]
    share: DecimalText
    exercise_before: date


class TermsBody(Request):
    """What the tender says of its contract; `performance_security` is a share of the contract's value.

    `threshold` names the rule of the pack with the threshold that applies; `regime` and `stable_for_years` are facts
    that rules of some packs ask for.
    """

    options: Annotated[list[OptionBody], Field(default_factory=list, max_length=20)]
    performance_security: DecimalText | None = None
    bid_security: Amount | None = None
    stable_for_years: bool = False
    regime: Literal["light", "full"] | None = None
    threshold: Code | None = None


class ContentBody(Request):
    """What an office writes in a tender; the weights add up to exactly 100, the lots to the value."""

    title: ShortText
    description: LongText
    value: PositiveAmount
    lots: Annotated[list[LotBody], Field(min_length=1, max_length=1)]
    criteria: Annotated[list[CriterionBody], Field(min_length=1, max_length=40)]
    delivery: DeliveryBody
    terms: TermsBody | None = None


class DraftBody(ContentBody):
    """A new tender; an acceleration of 86400 makes a day pass in a second, in a sandbox only."""

    plan: UUID
    acceleration: Annotated[int, Field(ge=1, le=8_640_000, strict=True)] = 1


class CancellationBody(Request):
    reason: LongText


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


class CriterionView(View):
    id: str
    title: str
    kind: str
    weight: DecimalText


class DeliveryView(View):
    start: date
    end: date
    periods: int


class OptionTermsView(View):
    id: str
    title: str
    months: int
    share: DecimalText
    exercise_before: date


class TermsView(View):
    options: list[OptionTermsView]
    performance_security: DecimalText | None
    bid_security: Amount | None
    stable_for_years: bool
    regime: str | None
    threshold: str | None


class ContentView(View):
    title: str
    description: str
    value: Amount
    lots: list[LotView]
    criteria: list[CriterionView]
    delivery: DeliveryView
    terms: TermsView


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
