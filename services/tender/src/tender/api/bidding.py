"""Bids and their opening."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response

from shared.kernel.access import Actor
from shared.platform.access import allow, public
from shared.platform.commands import CommandRoute, CurrentWork, DryRun, IfMatch
from shared.platform.reading import Reading
from tender.api.deps import FreshSalts, Receipts
from tender.api.envelopes import envelope, outcome, unsigned
from tender.api.schemas import BidBody, BidView, ReceiptView, SignedReceipt
from tender.usecases import bidding, queries

router = APIRouter(tags=["bids"], route_class=CommandRoute)


@router.post("/v1/tenders/{tender_id}/bids", status_code=201, response_model=ReceiptView)
async def submit_bid(
    work: CurrentWork,
    tender_id: UUID,
    body: BidBody,
    version: IfMatch,
    salts: FreshSalts,
    receipts: Receipts,
    dry_run: DryRun,
    actor: Annotated[Actor, allow("bid.submit")],
) -> ReceiptView | Response:
    """Submit a sealed bid; it counts if it is received strictly before the deadline, and the last one counts.

    If-Match may name the tender's version that the bid was made for. A refusal for the time, the bidder or the state of
    the procedure is signed: the problem's member `refusal`.
    """
    new = bidding.NewBid(
        lot=body.lot,
        scheme=body.scheme,
        financial=envelope(body.financial, "/body/financial"),
        technical=envelope(body.technical, "/body/technical"),
    )
    sign = unsigned if dry_run else receipts.sign
    return outcome(await bidding.submit(work, actor, tender_id, new, salts, sign, version=version))


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
