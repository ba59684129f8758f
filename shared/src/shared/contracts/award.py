"""Topic `award`: who was chosen, and how anybody can work it out again."""

from typing import Any
from uuid import UUID

from pydantic import Field

from shared.contracts.event import Data, Organisation
from shared.contracts.fields import Amount, DecimalText, Instant, LongText, Sha256, ShortText
from shared.contracts.panel import FixedDraw, PublicDraw
from shared.contracts.subject import OfAward, OfBid, OfLot

OWNER = "tender"


class RankedBid(Data):
    """One bid's place; points are displayed with four decimals and exact in the derivation."""

    bid: UUID
    bidder: Organisation
    rank: int
    price: Amount
    price_points: DecimalText
    quality_points: dict[str, DecimalText]
    total: DecimalText


class Proposed(OfAward, type="award.proposed.v1", owner=OWNER):
    """The panel's ranking names a winner; nothing is signed before the standstill has ended.

    Where the rule pack keeps rankings from the public there are the winner's place and what made it at the most, and
    ranking_digest stands for the whole.
    """

    supplier: Organisation
    value: Amount
    ranking: tuple[RankedBid, ...]
    formula: ShortText
    derivation: tuple[dict[str, Any], ...]
    standstill_ends_at: Instant
    standstill_rule: ShortText | None = None
    lot: ShortText | None = None
    ranked: int | None = Field(default=None, ge=1)
    ranking_digest: Sha256 | None = None
    parts: int = Field(default=1, ge=1)


class RankingContinued(OfLot, type="award.ranking-continued.v1", owner=OWNER):
    """What of a proposal's ranking and derivation had no room in the event before; readers append it."""

    award: UUID | None
    part: int = Field(ge=2)
    parts: int = Field(ge=2)
    ranking: tuple[RankedBid, ...]
    derivation: tuple[dict[str, Any], ...]


class Confirmed(OfAward, type="award.confirmed.v1", owner=OWNER):
    """The standstill passed and a second person confirmed the award; the contract is generated from it."""

    contract: UUID
    supplier: Organisation
    value: Amount
    signature_due: Instant
    lot: ShortText | None = None


class Cancelled(OfAward, type="award.cancelled.v1", owner=OWNER):
    """An award was taken back; the lot goes on with the next in the ranking."""

    lot: ShortText
    bid: UUID
    supplier: Organisation
    reason: LongText


class PriceExplanationRequested(OfBid, type="award.price-explanation-requested.v1", owner=OWNER):
    """A price may be abnormally low, by the rules named: its bidder is asked to explain it. Nothing is decided yet."""

    bidder: Organisation
    triggers: tuple[ShortText, ...]
    due_at: Instant


class PriceExplained(OfBid, type="award.price-explained.v1", owner=OWNER):
    """A bidder explained its price; what it said stays with those who decide."""

    explained_at: Instant


class PriceExplanationDecided(OfBid, type="award.price-explanation-decided.v1", owner=OWNER):
    """It was decided, with a reason, whether a price that was asked about stands."""

    accepted: bool
    reason: LongText


class DeficiencyNotified(OfBid, type="award.deficiency-notified.v1", owner=OWNER):
    """A bidder was told what its bid lacks; it may put that right once, in time."""

    bidder: Organisation
    what: LongText
    due_at: Instant


class DeficiencyCorrected(OfBid, type="award.deficiency-corrected.v1", owner=OWNER):
    """A bidder handed in what its bid lacked; the digest is that of the document."""

    digest: Sha256
    corrected_at: Instant


class DeficiencyDecided(OfBid, type="award.deficiency-decided.v1", owner=OWNER):
    """It was decided, with a reason, whether what a bidder handed in puts its bid right."""

    accepted: bool
    reason: LongText


class TieDrawAnnounced(OfLot, type="award.tie-draw-announced.v1", owner=OWNER):
    """Equal bids will be drawn by a public beacon, named before anybody can know what it says."""

    bids: tuple[UUID, ...]
    source: LongText
    not_before: Instant
    fixed: FixedDraw | None = None


class TieDrawn(OfLot, type="award.tie-drawn.v1", owner=OWNER):
    """Equal bids were put in order by the beacon: anybody can work the order out again.

    randomness is in hexadecimal, or its SHA-256 where it has more than 200 digits; draw has it whole.
    """

    source: LongText
    randomness: ShortText
    order: tuple[UUID, ...]
    draw: PublicDraw | None = None
