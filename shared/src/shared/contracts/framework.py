"""Topic `award`: framework agreements, and what is called off under them."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field

from shared.contracts.award import RankedBid
from shared.contracts.event import Data, EventData, Organisation
from shared.contracts.fields import Amount, Instant, LongText, Ocid, ShortText

OWNER = "tender"


class Quote(Data):
    """What a supplier offered for an order; price is null where it could not be read."""

    supplier: Organisation
    price: Amount | None


class FrameworkProposed(EventData, type="award.framework-proposed.v1", owner=OWNER, key="ocid"):
    """The ranking names the suppliers to be admitted; nothing is concluded before the standstill has ended."""

    ocid: Ocid
    tender: UUID
    lot: ShortText
    suppliers: tuple[Organisation, ...]
    ranking: tuple[RankedBid, ...]
    formula: ShortText
    derivation: tuple[dict[str, Any], ...]
    standstill_ends_at: Instant
    standstill_rule: ShortText | None = None
    parts: int = Field(default=1, ge=1)


class FrameworkConcluded(EventData, type="award.framework-concluded.v1", owner=OWNER, key="ocid"):
    """A framework agreement was concluded; all orders under it together stay within the ceiling."""

    ocid: Ocid
    tender: UUID
    framework: UUID
    lot: ShortText
    title: ShortText
    suppliers: tuple[Organisation, ...]
    ceiling: Amount
    start: date
    end: date
    stage_two: ShortText


class CompetitionOpened(EventData, type="award.competition-opened.v1", owner=OWNER, key="ocid"):
    """The suppliers of a framework agreement compete for an order, with sealed quotes until the deadline."""

    ocid: Ocid
    tender: UUID
    framework: UUID
    competition: UUID
    title: ShortText
    closes_at: Instant


class CompetitionDecided(EventData, type="award.competition-decided.v1", owner=OWNER, key="ocid"):
    """The quotes were opened; the lowest that keeps to the order's value got the order, null if there was none."""

    ocid: Ocid
    tender: UUID
    framework: UUID
    competition: UUID
    quotes: tuple[Quote, ...]
    supplier: Organisation | None


class CompetitionLapsed(EventData, type="award.competition-lapsed.v1", owner=OWNER, key="ocid"):
    """The agreement ended before the quotes were opened; they stay sealed, and nobody gets the order."""

    ocid: Ocid
    tender: UUID
    framework: UUID
    competition: UUID


class CalledOff(EventData, type="award.called-off.v1", owner=OWNER, key="ocid"):
    """A service was ordered under a framework agreement; called_off is the sum of all orders."""

    ocid: Ocid
    tender: UUID
    framework: UUID
    contract: UUID
    supplier: Organisation
    value: Amount
    called_off: Amount
    stage_two: ShortText
    reason: LongText


class CallOffReturned(EventData, type="award.call-off-returned.v1", owner=OWNER, key="ocid"):
    """The contract of an order was not signed; its value may be called off again."""

    ocid: Ocid
    tender: UUID
    framework: UUID
    contract: UUID
    value: Amount
    called_off: Amount


class OrderChanged(EventData, type="award.order-changed.v1", owner=OWNER, key="ocid"):
    """A change of an order's contract came into force, and counts against the ceiling of the agreement."""

    ocid: Ocid
    tender: UUID
    framework: UUID
    contract: UUID
    difference: Amount
    called_off: Amount


class SupplierJoined(EventData, type="award.supplier-joined.v1", owner=OWNER, key="ocid"):
    """It was decided whether a supplier that asked is taken into an open framework agreement."""

    ocid: Ocid
    tender: UUID
    framework: UUID
    supplier: Organisation
    admitted: bool
    reason: LongText


class SupplierLeft(EventData, type="award.supplier-left.v1", owner=OWNER, key="ocid"):
    """A supplier of a framework agreement is called on no more."""

    ocid: Ocid
    tender: UUID
    framework: UUID
    supplier: Organisation
    reason: LongText


class FrameworkEnded(EventData, type="award.framework-ended.v1", owner=OWNER, key="ocid"):
    """The term of a framework agreement is over; the amount was not called off and is not needed any more."""

    ocid: Ocid
    tender: UUID
    framework: UUID
    amount: Amount
