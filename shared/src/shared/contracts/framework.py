"""Topic `award`: framework agreements, and what is called off under them."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field

from shared.contracts.award import RankedBid
from shared.contracts.event import Data, Organisation
from shared.contracts.fields import Amount, Instant, LongText, Salt, Sha256, ShortText
from shared.contracts.subject import OfCompetition, OfFramework, OfLot

OWNER = "tender"


class Quote(Data):
    """What a supplier offered for an order; price is null where it could not be read.

    `digest` is the SHA-256 of the salt and the envelope, which the supplier was given when it quoted.
    """

    supplier: Organisation
    price: Amount | None
    digest: Sha256 | None = None
    salt: Salt | None = None


class FrameworkProposed(OfLot, type="award.framework-proposed.v1", owner=OWNER):
    """The ranking names the suppliers to be admitted; nothing is concluded before the standstill has ended.

    Ranking and digest are as in award.proposed.v1.
    """

    suppliers: tuple[Organisation, ...]
    ranking: tuple[RankedBid, ...]
    formula: ShortText
    derivation: tuple[dict[str, Any], ...]
    standstill_ends_at: Instant
    standstill_rule: ShortText | None = None
    ranked: int | None = Field(default=None, ge=1)
    ranking_digest: Sha256 | None = None
    parts: int = Field(default=1, ge=1)


class FrameworkConcluded(OfFramework, type="award.framework-concluded.v1", owner=OWNER):
    """A framework agreement was concluded; all orders under it together stay within the ceiling."""

    lot: ShortText
    title: ShortText
    suppliers: tuple[Organisation, ...]
    ceiling: Amount
    start: date
    end: date
    stage_two: ShortText


class CompetitionOpened(OfCompetition, type="award.competition-opened.v1", owner=OWNER):
    """The suppliers of a framework agreement compete for an order, with sealed quotes until the deadline."""

    title: ShortText
    closes_at: Instant


class CompetitionDecided(OfCompetition, type="award.competition-decided.v1", owner=OWNER):
    """The quotes were opened; the lowest that keeps to the order's value got the order, null if there was none."""

    quotes: tuple[Quote, ...]
    supplier: Organisation | None


class CompetitionLapsed(OfCompetition, type="award.competition-lapsed.v1", owner=OWNER):
    """The agreement ended before the quotes were opened; they stay sealed, and nobody gets the order."""


class CalledOff(OfFramework, type="award.called-off.v1", owner=OWNER):
    """A service was ordered under a framework agreement; called_off is the sum of all orders."""

    contract: UUID
    supplier: Organisation
    value: Amount
    called_off: Amount
    stage_two: ShortText
    reason: LongText


class CallOffReturned(OfFramework, type="award.call-off-returned.v1", owner=OWNER):
    """The contract of an order was not signed; its value may be called off again."""

    contract: UUID
    value: Amount
    called_off: Amount


class OrderChanged(OfFramework, type="award.order-changed.v1", owner=OWNER):
    """A change of an order's contract came into force, and counts against the ceiling of the agreement."""

    contract: UUID
    difference: Amount
    called_off: Amount


class SupplierJoined(OfFramework, type="award.supplier-joined.v1", owner=OWNER):
    """It was decided whether a supplier that asked is taken into an open framework agreement."""

    supplier: Organisation
    admitted: bool
    reason: LongText


class SupplierLeft(OfFramework, type="award.supplier-left.v1", owner=OWNER):
    """A supplier of a framework agreement is called on no more."""

    supplier: Organisation
    reason: LongText


class FrameworkEnded(OfFramework, type="award.framework-ended.v1", owner=OWNER):
    """The term of a framework agreement is over; the amount was not called off and is not needed any more."""

    amount: Amount
