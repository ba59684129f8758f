"""What a bidder does with its own bids before the opening, and their trace after it."""

import base64
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from shared.contracts.fields import Instant, Salt, Sha256
from shared.kernel.access import Actor
from shared.platform.access import allow, public
from shared.platform.commands import CommandRoute, CurrentWork, DryRun, RequiredIfMatch, etag
from shared.platform.paging import AfterId, Limit, Page, page
from shared.platform.reading import Reading
from tender.api.deps import FreshSalts, Receipts
from tender.api.envelopes import envelope, outcome, unsigned
from tender.api.schemas import (
    Base64,
    Code,
    PartyView,
    RankedBidView,
    ReceiptView,
    Request,
    RuleView,
    Scheme,
    View,
)
from tender.domain.bid import BidStatus
from tender.usecases import bid_drafts, bidding

router = APIRouter(tags=["bids"], route_class=CommandRoute)


class DraftBidBody(Request):
    """What a bidder has got of a bid so far; the envelopes are sealed before they come here."""

    lot: Code
    scheme: Scheme
    technical: Base64 | None = None
    financial: Base64 | None = None


class BidActView(View):
    status: BidStatus
    at: Instant


class TracedBidView(View):
    """What became of a bid; of bids that were never opened nothing else is ever shown."""

    bid: UUID
    lot: str
    status: BidStatus
    digest: Sha256
    technical_digest: Sha256 | None
    acts: list[BidActView]


class ListedBidView(View):
    """A bid as its bidder alone sees it; `version` is a draft's. Lists and answers that are kept have no envelopes."""

    id: UUID
    tender: UUID
    lot: str
    scheme: str
    status: BidStatus
    waiting_for: str | None
    due_at: Instant | None
    received_at: Instant | None
    digest: Sha256 | None
    technical_digest: Sha256 | None
    salt: Salt | None
    technical_salt: Salt | None
    acts: list[BidActView]
    version: int | None


class OwnBidView(ListedBidView):
    """A bid as its bidder alone sees it; `version` and the envelopes are a draft's."""

    technical: str | None
    financial: str | None


class BidResultView(View):
    """How one's own bid did; `place` is null where it does not count, for `reason`.

    Nothing was taken off its price where its declared size was not confirmed, for `size_reason`.

    `leading` is the place of the first, for those who did not win where the rule pack has them told. `challenge` is
    where the award is challenged; it is not confirmed before `standstill_ends_at`, by `rule_of_standstill`.
    """

    bid: UUID
    lot: str
    won: bool
    place: RankedBidView | None
    ranked: int
    reason: str | None
    rule: RuleView | None
    requirement: str | None
    size_reason: str | None
    award: UUID | None
    suppliers: list[PartyView]
    leading: RankedBidView | None
    proposed_at: Instant
    standstill_ends_at: Instant
    rule_of_standstill: RuleView | None
    challenge: str


class BidRefusalView(View):
    """That a bid was refused; `signed` is a compact JWS that /v1/receipt-keys verifies."""

    id: UUID
    tender: UUID
    code: str
    refused_at: Instant
    signed: str


@router.post("/v1/tenders/{tender_id}/bids/drafts", status_code=201)
async def draft_bid(
    work: CurrentWork,
    tender_id: UUID,
    body: DraftBidBody,
    response: Response,
    actor: Annotated[Actor, allow("bid.submit")],
) -> ListedBidView:
    """Keep a draft of a bid, for its bidder alone; it is no bid before it is submitted.

    Its envelopes are shown where the draft is read, and nowhere else: what is answered here is kept for a while, also
    of a draft that was discarded.
    """
    return _shown(await bid_drafts.draft(work, actor, tender_id, _draft(body)), response)


@router.put("/v1/bids/{bid_id}")
async def change_bid_draft(
    work: CurrentWork,
    bid_id: UUID,
    body: DraftBidBody,
    version: RequiredIfMatch,
    response: Response,
    actor: Annotated[Actor, allow("bid.submit")],
) -> ListedBidView:
    """Rewrite a draft."""
    return _shown(await bid_drafts.change(work, actor, bid_id, _draft(body), version=version), response)


@router.delete("/v1/bids/{bid_id}", status_code=204)
async def discard_bid_draft(work: CurrentWork, bid_id: UUID, actor: Annotated[Actor, allow("bid.submit")]) -> Response:
    """Forget a draft; a bid that was received is never forgotten, only withdrawn."""
    await bid_drafts.discard(work, actor, bid_id)
    return Response(status_code=204)


@router.post("/v1/bids/{bid_id}/submission", response_model=ReceiptView)
async def submit_bid_draft(
    work: CurrentWork,
    bid_id: UUID,
    version: RequiredIfMatch,
    salts: FreshSalts,
    receipts: Receipts,
    dry_run: DryRun,
    actor: Annotated[Actor, allow("bid.submit")],
) -> ReceiptView | Response:
    """Submit a draft as it was read; it counts if it is received strictly before the deadline."""
    sign = unsigned if dry_run else receipts.sign
    return outcome(await bidding.submit_draft(work, actor, bid_id, salts, sign, version=version))


@router.post("/v1/bids/{bid_id}/confirmation", response_model=ReceiptView)
async def confirm_bid(
    work: CurrentWork,
    bid_id: UUID,
    receipts: Receipts,
    dry_run: DryRun,
    actor: Annotated[Actor, allow("bid.submit")],
) -> ReceiptView | Response:
    """Confirm unchanged a bid that an amendment has invalidated; its time is that of the confirmation."""
    return outcome(await bidding.confirm(work, actor, bid_id, unsigned if dry_run else receipts.sign))


@router.post("/v1/bids/{bid_id}/withdrawal")
async def withdraw_bid(
    work: CurrentWork,
    bid_id: UUID,
    receipts: Receipts,
    dry_run: DryRun,
    actor: Annotated[Actor, allow("bid.submit")],
) -> ReceiptView:
    """Withdraw a bid, strictly before the deadline; its envelopes stay closed for good."""
    receipt = await bidding.withdraw(work, actor, bid_id, unsigned if dry_run else receipts.sign)
    return ReceiptView.model_validate(receipt)


@router.get("/v1/bids")
async def list_own_bids(
    connection: Reading,
    actor: Annotated[Actor, allow("bid.show")],
    after: AfterId,
    limit: Limit = 50,
    tender: Annotated[UUID | None, Query(description="The tender that they are for.")] = None,
) -> Page[ListedBidView]:
    """List the bids and drafts of one's own organisation, without their envelopes."""
    found = await bid_drafts.own(connection, actor, tender, after, limit + 1)
    return page(map(_listed, found), limit)


@router.get("/v1/bids/refusals")
async def list_refusals(connection: Reading, actor: Annotated[Actor, allow("bid.show")]) -> list[BidRefusalView]:
    """List the signed refusals that one's own organisation got, the newest first."""
    return [BidRefusalView.model_validate(refusal) for refusal in await bid_drafts.refusals(connection, actor)]


@router.get("/v1/bids/{bid_id}")
async def show_own_bid(
    connection: Reading, bid_id: UUID, response: Response, actor: Annotated[Actor, allow("bid.show")]
) -> OwnBidView:
    """Show a bid or draft of one's own organisation."""
    bid = await bid_drafts.own_one(connection, actor, bid_id)
    listed = _shown(bid, response)
    return OwnBidView(**dict(listed), technical=_text(bid.technical), financial=_text(bid.financial))


@router.get("/v1/bids/{bid_id}/result")
async def show_own_result(
    connection: Reading, bid_id: UUID, actor: Annotated[Actor, allow("bid.show")]
) -> BidResultView:
    """Show how one's own bid did, from the proposal of its lot's award on."""
    tender, result = await bid_drafts.result(connection, actor, bid_id)
    fields = {name: getattr(result, name) for name in BidResultView.model_fields if name != "challenge"}
    return BidResultView.model_validate({**fields, "challenge": f"v1/tenders/{tender}/challenges"})


@router.get("/v1/tenders/{tender_id}/bid-trace", dependencies=[public()])
async def show_bid_trace(connection: Reading, tender_id: UUID) -> list[TracedBidView]:
    """Show after the opening what became of every bid, also of those that were never opened."""
    return [
        TracedBidView(
            bid=bid.id,
            lot=bid.lot,
            status=bid.status,
            digest=bid.digest,
            technical_digest=bid.technical_digest,
            acts=[BidActView.model_validate(act) for act in bid.acts],
        )
        for bid in await bid_drafts.trace(connection, tender_id)
    ]


def _draft(body: DraftBidBody) -> bid_drafts.NewDraft:
    return bid_drafts.NewDraft(
        lot=body.lot,
        scheme=body.scheme,
        financial=envelope(body.financial, "/body/financial"),
        technical=envelope(body.technical, "/body/technical"),
    )


def _shown(bid: bid_drafts.OwnBid, response: Response) -> ListedBidView:
    if bid.version is not None:
        response.headers["ETag"] = etag(bid.version)
    return _listed(bid)


def _listed(bid: bid_drafts.OwnBid) -> ListedBidView:
    return ListedBidView(
        id=bid.id,
        tender=bid.tender,
        lot=bid.lot,
        scheme=bid.scheme,
        status=bid.status,
        waiting_for=bid.waiting_for,
        due_at=bid.due_at,
        received_at=bid.received_at,
        digest=bid.digest,
        technical_digest=bid.technical_digest,
        salt=bid.salt,
        technical_salt=bid.technical_salt,
        acts=[BidActView.model_validate(act) for act in bid.acts],
        version=bid.version,
    )


def _text(sealed: bytes | None) -> str | None:
    return None if sealed is None else base64.b64encode(sealed).decode()
