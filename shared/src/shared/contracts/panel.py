"""Topic `tender`: the panel that scores, how it was drawn, and what it gave."""

from uuid import UUID

from pydantic import Field

from shared.contracts.event import Data
from shared.contracts.fields import DecimalText, Instant, LongText, Sha256, ShortText
from shared.contracts.subject import OfTender

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


class PanelPoolClosed(OfTender, type="tender.panel-pool-closed.v1", owner=OWNER):
    """Pool, commitment and beacon of a panel's draw are fixed, before anybody can know the randomness."""

    method: ShortText
    pool: tuple[UUID, ...]
    commitment: Sha256
    iteration: int = Field(ge=1)
    beacon: Beacon
    places: int = Field(ge=0)
    representatives: int = Field(ge=0)
    closed_at: Instant
    reason: LongText | None = None


class PanelDrawn(PublicDraw, OfTender, type="tender.panel-drawn.v1", owner=OWNER):
    """A panel was drawn; with what is told here anybody can draw it again."""


class PanelAppointed(OfTender, type="tender.panel-appointed.v1", owner=OWNER):
    """The head of the office appointed the experts of a panel instead of having them drawn."""

    members: tuple[UUID, ...]
    representatives: int = Field(ge=0)
    reason: LongText


class PanelMemberReplaced(OfTender, type="tender.panel-member-replaced.v1", owner=OWNER):
    """Somebody refused a seat, had to leave it or was silent beyond the term; the next in the order takes the place."""

    left: UUID
    because: ShortText
    rule: ShortText | None = None
    source: ShortText | None = None
    substitute: UUID | None
    iteration: int | None
    skipped: tuple[SkippedLabel, ...]
    reason: LongText | None = None


class ScoresRevealed(OfTender, type="tender.scores-revealed.v1", owner=OWNER):
    """Every member has scored, and all scores are revealed at once; they cannot be changed any more.

    Where the rule pack keeps scores from the public there are none here, and scores_digest stands for them.
    """

    round: int = Field(ge=1)
    scores: tuple[PanelScore, ...]
    scored: int | None = Field(default=None, ge=0)
    scores_digest: Sha256 | None = None
    part: int = Field(default=1, ge=1)
    parts: int = Field(default=1, ge=1)


class ScoresLocked(OfTender, type="tender.scores-locked.v1", owner=OWNER):
    """The panel's scores are final, with the reasons of what differs from the mean and of who dissents.

    Where the rule pack keeps scores from the public there are neither scores nor reasons here, and scores_digest stands
    for them.
    """

    round: int = Field(ge=1)
    scores: tuple[FinalScore, ...]
    signatures: tuple[ReportSignature, ...]
    scored: int | None = Field(default=None, ge=0)
    scores_digest: Sha256 | None = None
    part: int = Field(default=1, ge=1)
    parts: int = Field(default=1, ge=1)


class PanelRoundOpened(OfTender, type="tender.panel-round-opened.v1", owner=OWNER):
    """The panel scores anew."""

    round: int = Field(ge=1)
    reason: LongText
