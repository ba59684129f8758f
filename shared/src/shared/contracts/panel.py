"""Topic `tender`: the panel that scores, how it was drawn, and what it gave."""

from uuid import UUID

from pydantic import Field

from shared.contracts.event import Data, EventData
from shared.contracts.fields import DecimalText, Instant, LongText, Ocid, Sha256, ShortText

OWNER = "tender"


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


class FixedDraw(Data):
    """What is fixed of a draw before anybody can know its randomness."""

    method: ShortText
    pool: tuple[UUID, ...]
    commitment: Sha256
    iteration: int = Field(ge=1)
    beacon: Beacon
    places: int = Field(ge=0)
    closed_at: Instant


class PublicDraw(FixedDraw):
    """A draw with everything that anybody needs to draw again."""

    randomness: LongText
    signature: ShortText | None = None
    numbers: tuple[tuple[int, ...], ...] | None = None
    code: Sha256
    order: tuple[UUID, ...]
    selected: tuple[UUID, ...]
    skipped: tuple[SkippedLabel, ...]
    drawn_at: Instant


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
    """Somebody refused a seat, had to leave it or was silent beyond the term; the next in the order takes the place."""

    ocid: Ocid
    tender: UUID
    left: UUID
    because: ShortText
    rule: ShortText | None = None
    source: ShortText | None = None
    substitute: UUID | None
    iteration: int | None
    skipped: tuple[SkippedLabel, ...]
    reason: LongText | None = None


class ScoresRevealed(EventData, type="tender.scores-revealed.v1", owner=OWNER, key="ocid"):
    """Every member has scored, and all scores are revealed at once; they cannot be changed any more."""

    ocid: Ocid
    tender: UUID
    round: int = Field(ge=1)
    scores: tuple[PanelScore, ...]
    part: int = Field(default=1, ge=1)
    parts: int = Field(default=1, ge=1)


class ScoresLocked(EventData, type="tender.scores-locked.v1", owner=OWNER, key="ocid"):
    """The panel's scores are final, with the reasons of what differs from the mean and of who dissents."""

    ocid: Ocid
    tender: UUID
    round: int = Field(ge=1)
    scores: tuple[FinalScore, ...]
    signatures: tuple[ReportSignature, ...]
    part: int = Field(default=1, ge=1)
    parts: int = Field(default=1, ge=1)


class PanelRoundOpened(EventData, type="tender.panel-round-opened.v1", owner=OWNER, key="ocid"):
    """The panel scores anew."""

    ocid: Ocid
    tender: UUID
    round: int = Field(ge=1)
    reason: LongText
