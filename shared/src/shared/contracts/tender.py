"""Topic `tender`: from the plan to the opening."""

from datetime import date
from uuid import UUID

from pydantic import Field

from shared.contracts.event import Data, EventData, Organisation
from shared.contracts.fields import Amount, DecimalText, Instant, LongText, Salt, Sha256, ShortText
from shared.contracts.payment_terms import PaymentTerms
from shared.contracts.subject import OfBid, OfLot, OfTender

OWNER = "tender"


class Service(Data):
    """An entry of the service catalogue."""

    code: ShortText
    title: ShortText


class Level(Data):
    """A grade of a criterion: what a bid reaches it with, and the score it then has."""

    title: ShortText
    points: DecimalText
    at_least: DecimalText | None = None


class Criterion(Data):
    """One thing bids are scored on; the weights of a tender add up to exactly 100."""

    id: ShortText
    title: ShortText
    kind: ShortText
    weight: DecimalText
    levels: tuple[Level, ...] = ()


class Requirement(Data):
    """One thing a bidder answers; values are text in the form of the data type."""

    id: ShortText
    title: ShortText
    data_type: ShortText
    subject: ShortText | None = None
    expected: ShortText | None = None
    minimum: ShortText | None = None
    maximum: ShortText | None = None
    options: tuple[ShortText, ...] = ()
    eligible_evidence: tuple[ShortText, ...] = ()


class RequirementGroup(Data):
    """One of the ways to meet a criterion: all its requirements are answered."""

    id: ShortText
    title: ShortText
    requirements: tuple[Requirement, ...]


class RequirementCriterion(Data):
    """A criterion that bidders give answers to, those of exactly one of its groups."""

    id: ShortText
    title: ShortText
    kind: ShortText
    groups: tuple[RequirementGroup, ...]


class Lot(Data):
    """A part of a tender that is awarded by itself."""

    id: ShortText
    title: ShortText
    value: Amount


class Delivery(Data):
    """When the service is delivered, and in how many equal periods it is graded and paid."""

    start: date
    end: date
    periods: int


class PinnedPack(Data):
    """The rule pack a procedure was started under; a later pack never touches it."""

    id: ShortText
    version: ShortText


class FinalQuote(Data):
    """The final quote that a price is taken from; `digest` is the SHA-256 of the salt and the envelope."""

    received_at: Instant
    digest: Sha256
    salt: Salt


class OpenedBid(Data):
    """A bid as the opening made it public; price is null until the prices are opened, and where it cannot be read.

    A bid that does not count says why; rule and source are the rule's that says so, if one does. `digest` is the
    financial envelope's, `technical_digest` the technical one's where the bid has one: the SHA-256 of a salt and the
    envelope. The salt of the financial one comes with its price, and never without; where the price is that of a final
    quote, the financial envelope is never opened.
    """

    bid: UUID
    bidder: Organisation
    received_at: Instant
    digest: Sha256
    price: Amount | None
    valid: bool
    reason: ShortText | None
    lot: ShortText | None = None
    technical_digest: Sha256 | None = None
    rule: ShortText | None = None
    source: ShortText | None = None
    salt: Salt | None = None
    final_quote: FinalQuote | None = None


class BudgetShare(Data):
    """What a plan takes from one budget line."""

    line: UUID
    amount: Amount


class Expected(Data):
    """When it is to happen, as far as the plan knows: the tender, the first and the last day of the service."""

    tender: date | None = None
    start: date | None = None
    end: date | None = None


class Planned(EventData, type="tender.planned.v1", owner=OWNER, key="plan"):
    """A need entered the procurement plan, and with that the intention to buy is public."""

    plan: UUID
    title: ShortText
    buyer: Organisation
    service: Service
    estimate: Amount
    budget_line: UUID
    breakdown: tuple[BudgetShare, ...] = ()
    method: ShortText | None = None
    expected: Expected | None = None
    pack: ShortText | None = None
    catalogue: ShortText | None = None
    scheduled_at: Instant | None = None


class PlanChanged(EventData, type="tender.plan-changed.v1", owner=OWNER, key="plan"):
    """A public plan says something else of the need, for a reason."""

    plan: UUID
    title: ShortText
    estimate: Amount
    breakdown: tuple[BudgetShare, ...]
    method: ShortText
    expected: Expected | None
    reason: LongText
    changed_at: Instant


class PlanCompleted(EventData, type="tender.plan-completed.v1", owner=OWNER, key="plan"):
    """All tenders of the plan are done; `tendered` is what they were worth together."""

    plan: UUID
    tendered: Amount
    completed_at: Instant


class PlanCancelled(EventData, type="tender.plan-cancelled.v1", owner=OWNER, key="plan"):
    """The need was given up."""

    plan: UUID
    reason: LongText
    cancelled_at: Instant


class Procurement(Data):
    """The method and why it was chosen; `follows` is the failed tender that this one continues."""

    method: ShortText
    ground: ShortText | None = None
    rationale: LongText | None = None
    follows: UUID | None = None


class FundingRequested(OfTender, type="tender.funding-requested.v1", owner=OWNER):
    """A tender waits to be published until its funds are reserved."""

    plan: UUID
    title: ShortText
    buyer: Organisation
    budget_line: UUID
    amount: Amount
    answer_due: Instant
    pack: PinnedPack | None = None


class ReturnedToDraft(OfTender, type="tender.returned-to-draft.v1", owner=OWNER):
    """The funds were refused; the tender is a draft again."""

    code: ShortText
    reason: ShortText


class Published(OfTender, type="tender.published.v1", owner=OWNER):
    """Anybody may bid until the deadline; a bid received at that instant is late.

    Without payment_terms the contract has those of its rule pack.
    """

    plan: UUID
    title: ShortText
    description: LongText
    buyer: Organisation
    service: Service
    value: Amount
    lots: tuple[Lot, ...]
    criteria: tuple[Criterion, ...]
    delivery: Delivery
    published_at: Instant
    closes_at: Instant
    pack: PinnedPack
    acceleration: int = Field(ge=1)
    procurement: Procurement | None = None
    requirements: tuple[RequirementCriterion, ...] = ()
    questions_until: Instant | None = None
    payment_terms: PaymentTerms | None = None


class QuestionAsked(OfTender, type="tender.question-asked.v1", owner=OWNER):
    """Somebody asked about a tender; two questions of one asker can be told, who it is cannot."""

    question: UUID
    asker: Sha256
    text: LongText
    lot: ShortText | None
    criterion: ShortText | None
    asked_at: Instant
    answer_due: Instant


class QuestionAnswered(OfTender, type="tender.question-answered.v1", owner=OWNER):
    """The office answered a question, or corrected its answer; told late, it moves the deadline."""

    question: UUID
    text: LongText
    number: int = Field(ge=1)
    answered_at: Instant
    old_closes_at: Instant
    closes_at: Instant


class Amended(OfTender, type="tender.amended.v1", owner=OWNER):
    """A published tender was changed; this is its whole new content, and earlier bids count once they are confirmed."""

    amendment: UUID
    number: int = Field(ge=1)
    reason: LongText
    changed: tuple[ShortText, ...]
    title: ShortText
    description: LongText
    value: Amount
    lots: tuple[Lot, ...]
    criteria: tuple[Criterion, ...]
    requirements: tuple[RequirementCriterion, ...]
    delivery: Delivery
    amended_at: Instant
    old_closes_at: Instant
    closes_at: Instant
    questions_until: Instant
    payment_terms: PaymentTerms | None = None


class Opened(OfTender, type="tender.opened.v1", owner=OWNER):
    """The deadline passed, enough bids were there, and the envelopes were opened."""

    opened_at: Instant
    bids: tuple[OpenedBid, ...]


class AcceptedBid(Data):
    """A bid that qualified although its answers leave requirements open, why, and what was waived."""

    bid: UUID
    reason: LongText
    waived: tuple[ShortText, ...] = ()


class UnconfirmedSize(Data):
    """A bid whose declared size was not confirmed, and why: nothing is taken off its price."""

    bid: UUID
    reason: LongText


class FundsUnneeded(OfTender, type="tender.funds-unneeded.v1", owner=OWNER):
    """The bids were opened on a value that amendments had lowered: the rest of what was reserved is not needed."""

    amount: Amount


class BidsQualified(OfTender, type="tender.bids-qualified.v1", owner=OWNER):
    """It was decided which bids meet the conditions of participation; they alone are scored."""

    qualified: tuple[UUID, ...]
    accepted: tuple[AcceptedBid, ...] = ()
    unconfirmed: tuple[UnconfirmedSize, ...] = ()


class BidExcluded(OfBid, type="tender.bid-excluded.v1", owner=OWNER):
    """A bid does not count any more; rule and source are the rule's that says so, if one does.

    Whoever is disqualified is so by a rule, or by a requirement of the tender that it does not meet.
    """

    bidder: Organisation
    reason: LongText
    rule: ShortText | None = None
    source: ShortText | None = None
    requirement: ShortText | None = None


class TalksRecorded(OfBid, type="tender.talks-recorded.v1", owner=OWNER):
    """The team talked with one bidder by itself; who was there, and what was said, stays with them until the award."""

    held_on: date


class TermsChanged(OfTender, type="tender.terms-changed.v1", owner=OWNER):
    """What the talks changed was told, at the same time, to all bidders who take part; it is public with the award."""

    told_at: Instant
    bids: tuple[UUID, ...]


class FinalQuotesRequested(OfTender, type="tender.final-quotes-requested.v1", owner=OWNER):
    """All who take part are asked for a final quote, sealed until the deadline; their first prices are never opened."""

    requested_at: Instant
    closes_at: Instant
    bids: tuple[UUID, ...]
    terms_changed: bool


class PricesOpened(OfTender, type="tender.prices-opened.v1", owner=OWNER):
    """The quality was settled, and the prices of the bids that qualified were opened."""

    opened_at: Instant
    bids: tuple[OpenedBid, ...]


class LotUnsuccessful(OfLot, type="tender.lot-unsuccessful.v1", owner=OWNER):
    """A lot ended without an award; the amount that was set aside for it is not needed any more.

    `bids` is how many bids a count gate found too few.
    """

    amount: Amount
    reason: ShortText
    rule: ShortText | None = None
    source: ShortText | None = None
    bids: int | None = None


class LotCancelled(OfLot, type="tender.lot-cancelled.v1", owner=OWNER):
    """The office ended a lot; the amount that was set aside for it is not needed any more."""

    amount: Amount
    reason: LongText
    rule: ShortText | None = None
    source: ShortText | None = None


class Unsuccessful(OfTender, type="tender.unsuccessful.v1", owner=OWNER):
    """A count gate of the rule pack ended the procedure."""

    bids: int
    reason: ShortText
    rule: ShortText
    source: ShortText


class Cancelled(OfTender, type="tender.cancelled.v1", owner=OWNER):
    """The office ended the procedure before a contract."""

    reason: LongText
    ground: ShortText | None = None
