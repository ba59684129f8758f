"""What goes over the wire."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.contracts.fields import (
    Amount,
    DecimalText,
    Instant,
    LongText,
    OrganisationId,
    Salt,
    Sha256,
)
from shared.contracts.payment_terms import PaymentTerms
from shared.platform.commands import etag
from tender.domain.bid import BidStatus
from tender.domain.negotiation_parts import NegotiationStatus
from tender.domain.parts import AwardStatus, LotStatus, Status
from tender.domain.requirement_values import DataType
from tender.domain.requirements import RequirementKind
from tender.domain.tender import Tender

LARGEST_ENVELOPE = 512 * 1024
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{0,79}$")]
Base64 = Annotated[
    str,
    StringConstraints(min_length=4, max_length=LARGEST_ENVELOPE * 4 // 3 + 4, pattern=r"^[A-Za-z0-9+/]+={0,2}$"),
]
Scheme = Code | Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}/v[0-9]{1,3}$")]


class Request(BaseModel):
    """A body; what the API does not name is refused."""

    model_config = ConfigDict(extra="forbid")


class View(BaseModel):
    """An answer, read from the domain's own attributes."""

    model_config = ConfigDict(from_attributes=True)


class ReasonBody(Request):
    reason: LongText


class BidBody(Request):
    """A sealed bid: its envelopes in base64, opaque to the API whatever the scheme.

    The technical one holds what is offered, the financial one the price; each is opened by itself.
    """

    lot: Code
    scheme: Scheme
    technical: Base64 | None = None
    financial: Base64


MOST_SCORES = 100_000
LARGEST_SCORES = 200 * MOST_SCORES
"""Bytes of a request that gives so many scores."""


class ScoreBody(Request):
    bid: UUID
    criterion: Code
    value: DecimalText


class SheetBody(Request):
    """One panel member's scores, from 0 to 100, for every valid bid and each quality criterion."""

    scores: Annotated[list[ScoreBody], Field(min_length=1, max_length=MOST_SCORES)]


class PartyView(View):
    id: OrganisationId
    name: str


class ServiceView(View):
    code: str
    title: str


class DeductionsView(View):
    """What is taken off the price of a favoured bid before it is compared, in percent; null: the pack's least."""

    small_micro: DecimalText | None
    consortium: DecimalText | None


class ProcurementView(View):
    method: str
    ground: str | None
    rationale: str | None
    closes_at: Instant | None
    follows: UUID | None
    facts: dict[str, Any]
    deductions: DeductionsView


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


class FrameworkTermsView(View):
    start: date
    end: date
    stage_two: str
    most_suppliers: int


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
    framework: FrameworkTermsView | None
    procurement: ProcurementView
    requirements: list[RequirementCriterionView]
    terms: TermsView
    payment_terms: PaymentTerms | None


class RankedBidView(View):
    bid: UUID
    bidder: PartyView
    rank: int
    price: Amount
    price_points: DecimalText
    quality_points: dict[str, DecimalText]
    total: DecimalText


class ListedAwardView(View):
    id: UUID
    lot: str
    bid: UUID
    supplier: PartyView
    value: Amount
    status: AwardStatus
    standstill_ends_at: Instant
    standstill_rule: str | None
    contract: UUID | None
    cancelled_because: str | None


class AwardView(ListedAwardView):
    """An award with the places that everybody may read, of as many bids as were `ranked`.

    Where the rule pack does not make the whole ranking public, `ranking_digest` stands for it.
    """

    ranking: list[RankedBidView] = Field(validation_alias="public_ranking")
    ranked: int
    ranking_digest: Sha256 | None


class ListedFrameworkProposalView(View):
    suppliers: list[PartyView]
    proposed_at: Instant
    standstill_ends_at: Instant
    standstill_rule: str | None


class FrameworkProposalView(ListedFrameworkProposalView):
    """Who is to be admitted, with the places that everybody may read, as in an award."""

    ranking: list[RankedBidView] = Field(validation_alias="public_ranking")
    ranked: int
    ranking_digest: Sha256 | None


class ListedLotView(View):
    id: str
    status: LotStatus
    awards: Sequence[ListedAwardView]
    framework: ListedFrameworkProposalView | None


class LotProgressView(ListedLotView):
    awards: Sequence[AwardView]
    framework: FrameworkProposalView | None


class PriceInquiryView(View):
    """What a bidder was asked about its price; what it answered stays with those who decide."""

    bid: UUID
    lot: str
    triggers: list[str]
    asked_at: Instant
    due_at: Instant
    explained_at: Instant | None
    accepted: bool | None
    reason: str | None


class DeficiencyView(View):
    bid: UUID
    lot: str
    what: str
    notified_at: Instant
    due_at: Instant
    correction: Sha256 | None
    corrected_at: Instant | None
    corrected: bool | None


class TieDrawView(View):
    lot: str
    bids: list[UUID]
    source: str | None
    not_before: Instant | None
    randomness: str | None
    order: list[UUID]


class FinalQuotesView(View):
    """How far the talks and final quotes of the present round have come; more is at /v1/tenders/{id}/negotiations."""

    round: int
    status: NegotiationStatus
    requested_at: Instant | None
    closes_at: Instant | None
    opened_at: Instant | None


class ListedTenderView(View):
    """A tender as lists have it: without what every bid got, which is many times the rest."""

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
    prices_opened_at: Instant | None
    due_at: Instant | None
    lots: Sequence[ListedLotView]
    inquiries: list[PriceInquiryView]
    deficiencies: list[DeficiencyView]
    tie_draws: list[TieDrawView]
    negotiation: FinalQuotesView | None
    questions_until: Instant | None
    unanswered: int


class TenderView(ListedTenderView):
    """A tender, with what is public of the ranking of every award."""

    lots: Sequence[LotProgressView]


class RuleView(View):
    rule: str
    source: str


class OpenedQuoteView(View):
    """The final quote that the price of a bid is taken from; `digest` is the SHA-256 of `salt` and its envelope."""

    received_at: Instant
    digest: Sha256
    salt: Salt


class BidView(View):
    """An opened bid; its price is null until the prices are opened, and where it could not be read.

    `digest` is the SHA-256 of `salt` (its bytes) followed by the financial envelope. The salt comes with the price, and
    where that is never opened not at all: as where the price is that of a final quote. Nothing is deducted where the
    declared size is not confirmed.
    """

    bid: UUID
    lot: str
    bidder: PartyView
    received_at: Instant
    digest: Sha256
    price: Amount | None
    valid: bool
    reason: str | None
    technical_digest: Sha256 | None
    salt: Salt | None
    rule: RuleView | None
    deduction: DecimalText
    findings: list[str]
    size_confirmed: bool
    final_quote: OpenedQuoteView | None
    size_reason: str | None
    requirement: str | None


class ReceiptView(View):
    """What was received and when; `signed` is a compact JWS that /v1/receipt-keys verifies, empty for a dry run.

    A digest is the SHA-256 of its salt (the bytes) followed by the envelope. The salts are for the bidder alone: with
    one, anybody could find by trying which price is in the envelope.
    """

    bid: UUID
    status: BidStatus
    digest: Sha256
    technical_digest: Sha256 | None
    salt: Salt
    technical_salt: Salt | None
    received_at: Instant
    signed: str


class SignedReceipt(View):
    signed: str


class MilestoneView(View):
    period: str
    start: date
    end: date
    amount: Amount


def show_tender(tender: Tender, response: Response) -> TenderView:
    """Show a tender, and say which version of it is shown."""
    response.headers["ETag"] = etag(tender.version)
    return TenderView.model_validate(tender)
