"""Topic `tender`: from the plan to the opening."""

from datetime import date
from uuid import UUID

from pydantic import Field

from shared.contracts.event import Data, EventData, Organisation
from shared.contracts.fields import Amount, DecimalText, Instant, LongText, Ocid, Sha256, ShortText

OWNER = "tender"


class Service(Data):
    """An entry of the service catalogue."""

    code: ShortText
    title: ShortText


class Criterion(Data):
    """One thing bids are scored on; the weights of a tender add up to exactly 100."""

    id: ShortText
    title: ShortText
    kind: ShortText
    weight: DecimalText


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


class OpenedBid(Data):
    """A bid as the opening made it public; price is null where the content could not be read."""

    bid: UUID
    bidder: Organisation
    received_at: Instant
    digest: Sha256
    price: Amount | None
    valid: bool
    reason: ShortText | None


class Planned(EventData, type="tender.planned.v1", owner=OWNER, key="plan"):
    """A need entered the procurement plan."""

    plan: UUID
    title: ShortText
    buyer: Organisation
    service: Service
    estimate: Amount
    budget_line: UUID


class FundingRequested(EventData, type="tender.funding-requested.v1", owner=OWNER, key="ocid"):
    """A tender waits to be published until its funds are reserved."""

    ocid: Ocid
    tender: UUID
    plan: UUID
    title: ShortText
    buyer: Organisation
    budget_line: UUID
    amount: Amount
    answer_due: Instant


class ReturnedToDraft(EventData, type="tender.returned-to-draft.v1", owner=OWNER, key="ocid"):
    """The funds were refused; the tender is a draft again."""

    ocid: Ocid
    tender: UUID
    code: ShortText
    reason: ShortText


class Published(EventData, type="tender.published.v1", owner=OWNER, key="ocid"):
    """Anybody may bid until the deadline; a bid received at that instant is late."""

    ocid: Ocid
    tender: UUID
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


class Opened(EventData, type="tender.opened.v1", owner=OWNER, key="ocid"):
    """The deadline passed, enough bids were there, and the envelopes were opened."""

    ocid: Ocid
    tender: UUID
    opened_at: Instant
    bids: tuple[OpenedBid, ...]


class Unsuccessful(EventData, type="tender.unsuccessful.v1", owner=OWNER, key="ocid"):
    """A count gate of the rule pack ended the procedure."""

    ocid: Ocid
    tender: UUID
    bids: int
    reason: ShortText
    rule: ShortText
    source: ShortText


class Cancelled(EventData, type="tender.cancelled.v1", owner=OWNER, key="ocid"):
    """The office ended the procedure before a contract."""

    ocid: Ocid
    tender: UUID
    reason: LongText


class Beacon(Data):
    """Public randomness that was named before anybody could know it: a round of drand, or numbers of public records."""

    source: ShortText
    at: Instant
    chain: Sha256 | None = None
    round: int | None = None
    records: tuple[ShortText, ...] = ()


class SkippedLabel(Data):
    """Somebody whom a rule kept away after the order was known."""

    label: UUID
    rule: ShortText
    source: ShortText


class PanelScore(Data):
    """What one member of the panel gave one bid on one criterion, from 0 to 100."""

    member: UUID
    bid: UUID
    criterion: ShortText
    value: DecimalText


class FinalScore(Data):
    """The score the ranking takes: the mean, or what the panel agreed on in its place and why."""

    bid: UUID
    criterion: ShortText
    mean: DecimalText
    value: DecimalText
    ground: ShortText | None = None
    reason: LongText | None = None


class ReportSignature(Data):
    """How a member of the panel stands to the report."""

    member: UUID
    vote: ShortText
    reasons: LongText | None = None


class PanelPoolClosed(EventData, type="tender.panel-pool-closed.v1", owner=OWNER, key="ocid"):
    """Pool, commitment and beacon of a panel's draw are fixed, before anybody can know the randomness."""

    ocid: Ocid
    tender: UUID
    method: ShortText
    pool: tuple[UUID, ...]
    commitment: Sha256
    iteration: int = Field(ge=1)
    beacon: Beacon
    places: int = Field(ge=0)
    representatives: int = Field(ge=0)
    closed_at: Instant
    reason: LongText | None = None


class PanelDrawn(EventData, type="tender.panel-drawn.v1", owner=OWNER, key="ocid"):
    """A panel was drawn; with what is told here anybody can draw it again."""

    ocid: Ocid
    tender: UUID
    method: ShortText
    pool: tuple[UUID, ...]
    commitment: Sha256
    iteration: int = Field(ge=1)
    beacon: Beacon
    places: int = Field(ge=0)
    closed_at: Instant
    randomness: LongText
    signature: ShortText | None = None
    numbers: tuple[tuple[int, ...], ...] | None = None
    code: Sha256
    order: tuple[UUID, ...]
    selected: tuple[UUID, ...]
    skipped: tuple[SkippedLabel, ...]
    drawn_at: Instant


class PanelAppointed(EventData, type="tender.panel-appointed.v1", owner=OWNER, key="ocid"):
    """The head of the office appointed the experts of a panel instead of having them drawn."""

    ocid: Ocid
    tender: UUID
    members: tuple[UUID, ...]
    representatives: int = Field(ge=0)
    reason: LongText


class PanelMemberReplaced(EventData, type="tender.panel-member-replaced.v1", owner=OWNER, key="ocid"):
    """Somebody refused a seat or had to leave it; the next in the order takes the place."""

    ocid: Ocid
    tender: UUID
    left: UUID
    because: ShortText
    rule: ShortText | None = None
    source: ShortText | None = None
    substitute: UUID | None
    iteration: int | None
    skipped: tuple[SkippedLabel, ...]


class ScoresRevealed(EventData, type="tender.scores-revealed.v1", owner=OWNER, key="ocid"):
    """Every member has scored, and all scores are revealed at once; they cannot be changed any more."""

    ocid: Ocid
    tender: UUID
    round: int = Field(ge=1)
    scores: tuple[PanelScore, ...]


class ScoresLocked(EventData, type="tender.scores-locked.v1", owner=OWNER, key="ocid"):
    """The panel's scores are final, with the reasons of what differs from the mean and of who dissents."""

    ocid: Ocid
    tender: UUID
    round: int = Field(ge=1)
    scores: tuple[FinalScore, ...]
    signatures: tuple[ReportSignature, ...]


class PanelRoundOpened(EventData, type="tender.panel-round-opened.v1", owner=OWNER, key="ocid"):
    """The panel scores anew."""

    ocid: Ocid
    tender: UUID
    round: int = Field(ge=1)
    reason: LongText
