"""Topic `award`: who was chosen, and how anybody can work it out again."""

from typing import Any
from uuid import UUID

from shared.contracts.event import Data, EventData, Organisation
from shared.contracts.fields import Amount, DecimalText, Instant, Ocid, ShortText

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


class Proposed(EventData, type="award.proposed.v1", owner=OWNER, key="ocid"):
    """The panel's ranking names a winner; nothing is signed before the standstill has ended."""

    ocid: Ocid
    tender: UUID
    award: UUID
    supplier: Organisation
    value: Amount
    ranking: tuple[RankedBid, ...]
    formula: ShortText
    derivation: tuple[dict[str, Any], ...]
    standstill_ends_at: Instant


class Confirmed(EventData, type="award.confirmed.v1", owner=OWNER, key="ocid"):
    """The standstill passed and a second person confirmed the award; the contract is generated from it."""

    ocid: Ocid
    tender: UUID
    award: UUID
    contract: UUID
    supplier: Organisation
    value: Amount
    signature_due: Instant
