"""Bids and their opening."""

import base64
import binascii
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter

from shared.kernel.access import Actor
from shared.kernel.errors import Invalid
from shared.platform.access import allow, public
from shared.platform.commands import CommandRoute, CurrentWork
from shared.platform.reading import Reading
from tender.api.deps import DryRun, Receipts
from tender.api.schemas import BidBody, BidView, ReceiptView, SignedReceipt
from tender.usecases import bidding, queries

router = APIRouter(tags=["bids"], route_class=CommandRoute)


@router.post("/v1/tenders/{tender_id}/bids", status_code=201)
async def submit_bid(
    work: CurrentWork,
    tender_id: UUID,
    body: BidBody,
    receipts: Receipts,
    dry_run: DryRun,
    actor: Annotated[Actor, allow("bid.submit")],
) -> ReceiptView:
    """Submit a sealed bid; it counts if it is received strictly before the deadline, and the last one counts."""
    try:
        envelope = base64.b64decode(body.envelope, validate=True)
    except (ValueError, binascii.Error) as error:
        raise Invalid("envelope-malformed", "The envelope is base64.", pointer="/body/envelope") from error
    sign = _unsigned if dry_run else receipts.sign
    receipt = await bidding.submit(
        work, actor, tender_id, lot=body.lot, scheme_name=body.scheme, envelope=envelope, sign=sign
    )
    return ReceiptView.model_validate(receipt)


@router.get("/v1/bids/{bid_id}/receipt")
async def show_receipt(
    connection: Reading, bid_id: UUID, actor: Annotated[Actor, allow("bid.receipt")]
) -> SignedReceipt:
    """Give a bidder the receipt of its own bid again."""
    return SignedReceipt(signed=await queries.receipt(connection, bid_id, actor))


@router.get("/v1/receipt-keys", dependencies=[public()])
async def show_receipt_keys(receipts: Receipts) -> dict[str, Any]:
    """Publish the keys that receipts are verified with (JWKS)."""
    return receipts.keys()


@router.get("/v1/tenders/{tender_id}/bids", dependencies=[public()])
async def list_bids(connection: Reading, tender_id: UUID) -> list[BidView]:
    """List the bids after the opening."""
    return [BidView.model_validate(bid) for bid in await queries.opened_bids(connection, tender_id)]


def _unsigned(_: dict[str, Any]) -> str:
    """Give a dry run nothing that would prove a bid was received: none is kept."""
    return ""
