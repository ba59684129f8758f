"""Talks with the bidders, what they changed, and the final quotes."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from shared.contracts.fields import Instant, LongText, Moment, Salt, Sha256, ShortText
from shared.kernel.access import Actor
from shared.platform.access import allow, known, public
from shared.platform.commands import CommandRoute, CurrentWork, DryRun, IfMatch
from shared.platform.problems import describe
from shared.platform.reading import Reading
from tender.api.deps import FreshSalts, Receipts
from tender.api.envelopes import envelope, unsigned
from tender.api.schemas import Base64, Request, Scheme, TenderView, View, show_tender
from tender.domain.negotiation import NewTalks
from tender.domain.negotiation_parts import NegotiationStatus, QuoteStatus
from tender.usecases import final_quotes, negotiation
from tender.usecases.bidding import Refused

router = APIRouter(tags=["final quotes"], route_class=CommandRoute)


class TalksBody(Request):
    """That the team talked with one bidder by itself; `minutes` is a document that the office has put here."""

    bid: UUID
    held_on: date
    persons: Annotated[list[ShortText], Field(min_length=1, max_length=50)]
    minutes: Sha256


class ChangedTermsBody(Request):
    """What the talks changed of the requirements or the terms of the contract."""

    what: LongText


class FinalQuotesBody(Request):
    """Until when final quotes are taken; one received at that instant is late."""

    closes_at: Moment


class FinalQuoteBody(Request):
    """A sealed final quote: JSON with the price, as in a bid."""

    scheme: Scheme
    envelope: Base64


class TalksView(View):
    bid: UUID
    held_on: date
    persons: list[str] | None
    minutes: Sha256 | None
    recorded_at: Instant


class ChangedTermsView(View):
    what: str | None
    told_at: Instant
    bids: list[UUID]


class NegotiationView(View):
    """A round of talks; who was there and what was changed is null to whom it is no business before the award."""

    round: int
    status: NegotiationStatus
    talks: list[TalksView]
    terms: list[ChangedTermsView]
    bids: list[UUID]
    requested_at: Instant | None
    closes_at: Instant | None
    opened_at: Instant | None


class QuoteReceiptView(View):
    """What was received and when; `signed` is a compact JWS that /v1/receipt-keys verifies, empty for a dry run.

    The digest is the SHA-256 of the salt (its bytes) followed by the envelope; the salt is for the bidder alone. Who
    left has neither.
    """

    bid: UUID
    status: QuoteStatus
    digest: Sha256 | None
    salt: Salt | None
    received_at: Instant
    signed: str


class OwnQuoteView(View):
    """What became of a final quote, as its bidder alone sees it; the last one counts."""

    round: int
    status: QuoteStatus
    received_at: Instant
    digest: Sha256 | None
    salt: Salt | None
    receipt: str


class TracedQuoteView(View):
    """What became of a final quote; one that was replaced is never opened."""

    bid: UUID
    round: int
    status: QuoteStatus
    received_at: Instant
    digest: Sha256 | None


@router.post("/v1/tenders/{tender_id}/talks", status_code=201)
async def record_talks(
    work: CurrentWork,
    tender_id: UUID,
    body: TalksBody,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("negotiation.record-talks")],
) -> TenderView:
    """Record that the team talked with one bidder; who was there stays with office and panel until the award."""
    new = NewTalks(body.bid, body.held_on, tuple(body.persons), body.minutes)
    return show_tender(await negotiation.talked(work, actor, tender_id, new, version=version), response)


@router.post("/v1/tenders/{tender_id}/changed-terms", status_code=201)
async def change_terms(
    work: CurrentWork,
    tender_id: UUID,
    body: ChangedTermsBody,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("negotiation.change-terms")],
) -> TenderView:
    """Tell all who take part, in one notice at the same time, what the talks changed."""
    return show_tender(await negotiation.terms_changed(work, actor, tender_id, body.what, version=version), response)


@router.post("/v1/tenders/{tender_id}/final-quotes", status_code=201)
async def request_final_quotes(
    work: CurrentWork,
    tender_id: UUID,
    body: FinalQuotesBody,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("negotiation.request-quotes")],
) -> TenderView:
    """Ask all who take part for their final quotes, once."""
    after = await negotiation.quotes_requested(work, actor, tender_id, body.closes_at, version=version)
    return show_tender(after, response)


@router.get("/v1/tenders/{tender_id}/negotiations", dependencies=[public()])
async def list_negotiations(
    connection: Reading, tender_id: UUID, actor: Annotated[Actor | None, Depends(known)]
) -> list[NegotiationView]:
    """Show the rounds of talks and final quotes, each with what the reader may know of it."""
    return [_seen(found) for found in await negotiation.rounds(connection, tender_id, actor)]


@router.post("/v1/bids/{bid_id}/final-quotes", status_code=201, response_model=QuoteReceiptView)
async def submit_final_quote(
    work: CurrentWork,
    bid_id: UUID,
    body: FinalQuoteBody,
    salts: FreshSalts,
    receipts: Receipts,
    dry_run: DryRun,
    actor: Annotated[Actor, allow("bid.submit")],
) -> QuoteReceiptView | Response:
    """Give the final quote of one's own bid, sealed and strictly before the deadline; the last one counts.

    A refusal for the time, the bidder or the state of the procedure is signed: the problem's member `refusal`.
    """
    new = final_quotes.NewQuote(body.scheme, envelope(body.envelope, "/body/envelope"), salts.financial)
    received = await final_quotes.quote(work, actor, bid_id, new, unsigned if dry_run else receipts.sign)
    if isinstance(received, Refused):
        return describe(received.error, refusal=received.signed or None)
    return QuoteReceiptView.model_validate(received)


@router.post("/v1/bids/{bid_id}/leaving")
async def leave_procedure(
    work: CurrentWork,
    bid_id: UUID,
    receipts: Receipts,
    dry_run: DryRun,
    actor: Annotated[Actor, allow("bid.submit")],
) -> QuoteReceiptView:
    """Leave the procedure with one's own bid, before the final quotes are due; nobody learns it before the opening."""
    received = await final_quotes.leave(work, actor, bid_id, unsigned if dry_run else receipts.sign)
    return QuoteReceiptView.model_validate(received)


@router.get("/v1/bids/{bid_id}/final-quotes")
async def list_own_final_quotes(
    connection: Reading, bid_id: UUID, actor: Annotated[Actor, allow("bid.show")]
) -> list[OwnQuoteView]:
    """List the final quotes of one's own bid, the first first."""
    return [OwnQuoteView.model_validate(act) for act in await final_quotes.own(connection, actor, bid_id)]


@router.get("/v1/tenders/{tender_id}/final-quotes", dependencies=[public()])
async def list_final_quotes(connection: Reading, tender_id: UUID) -> list[TracedQuoteView]:
    """Show what became of every final quote, once they are opened; before, nobody learns of any."""
    return [TracedQuoteView.model_validate(act) for act in await final_quotes.trace(connection, tender_id)]


def _seen(found: negotiation.SeenRound) -> NegotiationView:
    one = found.negotiation
    talks = [
        TalksView(
            bid=item.bid,
            held_on=item.held_on,
            persons=list(item.persons) if found.whole or item.bid in found.own else None,
            minutes=item.minutes if found.whole or item.bid in found.own else None,
            recorded_at=item.recorded_at,
        )
        for item in one.talks
    ]
    terms = [
        ChangedTermsView(
            what=item.what if found.whole or found.own & set(item.bids) else None,
            told_at=item.told_at,
            bids=list(item.bids),
        )
        for item in one.terms
    ]
    return NegotiationView(
        round=one.round,
        status=one.status,
        talks=talks,
        terms=terms,
        bids=list(one.bids),
        requested_at=one.requested_at,
        closes_at=one.closes_at,
        opened_at=one.opened_at,
    )
