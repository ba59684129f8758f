"""Final quotes, sealed until their deadline; nothing here commits, and nothing here is an event before the opening."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.fields import instant_text
from shared.kernel.access import Actor
from shared.kernel.errors import NotAllowed
from shared.kernel.ids import opaque_id
from shared.platform.work import Work
from shared.rules.pack import RulePack, pack_of
from tender.db import bids, final_quotes, store
from tender.db.final_quotes import QuoteAct
from tender.domain.bid import Bid
from tender.domain.negotiation import RULE, check_leaving, check_quote
from tender.domain.negotiation_parts import FINAL_QUOTE, NegotiationStatus, QuoteStatus
from tender.domain.seal import digest, scheme
from tender.domain.tender import Tender
from tender.usecases.bidding import Refused, Sign, biddable, own_bid, refuse, verified
from tender.usecases.visibility import published


@dataclass(frozen=True, slots=True)
class NewQuote:
    """What a bidder hands in: a scheme, the envelope sealed by it, and the salt of its digest."""

    scheme: str
    envelope: bytes
    salt: str


@dataclass(frozen=True, slots=True)
class QuoteReceipt:
    """What a bidder holds in hand of its final quote, or of its leaving, which has no digest.

    The salt is its bidder's alone and not signed with the rest.
    """

    bid: UUID
    status: QuoteStatus
    digest: str | None
    salt: str | None
    received_at: datetime
    signed: str


async def quote(work: Work, actor: Actor, bid_id: UUID, new: NewQuote, sign: Sign) -> QuoteReceipt | Refused:
    """Receive the final quote of a bid, strictly before the deadline; a later one replaces it."""
    bid, tender = await _found(work, actor, bid_id)
    scheme(new.scheme).check(new.envelope, "/body/envelope")
    pack = pack_of(tender)
    sealed = digest(new.salt, new.envelope)
    await bids.hold(work.connection, tender.id, actor.organisation)
    try:
        check_quote(tender, bid.id, at=work.now, pack=pack)
        await verified(work, actor.organisation, pack)
        before = await _status(work.connection, tender, bid, pack)
    except NotAllowed as error:
        refused = replace(bid, digest=sealed, salt=new.salt, technical_digest=None, technical_salt=None)
        return await refuse(work, refused, error, sign)
    status = FINAL_QUOTE.move("submit", before, QuoteStatus.SUBMITTED)
    signed = _signed(work, tender, bid, status, sealed, sign)
    act = _act(work, tender, bid, status, signed)
    kept = replace(act, digest=sealed, salt=new.salt, scheme=new.scheme)
    await final_quotes.keep(work.connection, kept, new.envelope)
    return QuoteReceipt(bid.id, status, sealed, new.salt, work.now, signed)


async def leave(work: Work, actor: Actor, bid_id: UUID, sign: Sign) -> QuoteReceipt:
    """Let a bidder leave before the final quotes are due; what it quoted stays closed for good."""
    bid, tender = await _found(work, actor, bid_id)
    pack = pack_of(tender)
    await bids.hold(work.connection, tender.id, actor.organisation)
    check_leaving(tender, bid.id, at=work.now, pack=pack)
    before = await _status(work.connection, tender, bid, pack)
    status = FINAL_QUOTE.move("leave", before, QuoteStatus.LEFT)
    signed = _signed(work, tender, bid, status, None, sign)
    await final_quotes.keep(work.connection, _act(work, tender, bid, status, signed), None)
    return QuoteReceipt(bid.id, status, None, None, work.now, signed)


async def own(connection: AsyncConnection, actor: Actor, bid_id: UUID) -> Sequence[QuoteAct]:
    """Return what became of the final quotes of an organisation's own bid.

    Raises:
        NotFound: not-found, also for a bid of somebody else.
    """
    bid = await own_bid(connection, actor, bid_id)
    return await final_quotes.of_bid(connection, bid.id)


async def trace(connection: AsyncConnection, tender_id: UUID) -> Sequence[QuoteAct]:
    """Return what became of every final quote of the rounds that were opened."""
    tender = published(await store.tender(connection, tender_id))
    opened = [one.round for one in tender.negotiations if one.status is NegotiationStatus.OPENED]
    return await final_quotes.of_rounds(connection, tender.id, opened)


async def _found(work: Work, actor: Actor, bid_id: UUID) -> tuple[Bid, Tender]:
    bid = await own_bid(work.connection, actor, bid_id)
    return bid, await biddable(work, bid.tender)


async def _status(connection: AsyncConnection, tender: Tender, bid: Bid, pack: RulePack) -> QuoteStatus:
    acts = await final_quotes.of_bid(connection, bid.id, of_round=tender.round)
    status = acts[-1].status if acts else QuoteStatus.AWAITED
    if status is QuoteStatus.LEFT:
        raise NotAllowed(
            "bidder-left",
            "Who has left the procedure gives no final quote.",
            reference=pack.reference(RULE),
            satisfied_by="A final quote of a bidder that takes part.",
        )
    return status


def _act(work: Work, tender: Tender, bid: Bid, status: QuoteStatus, signed: str) -> QuoteAct:
    return QuoteAct(opaque_id(), tender.id, tender.round, bid.id, status, work.now, signed)


def _signed(work: Work, tender: Tender, bid: Bid, status: QuoteStatus, sealed: str | None, sign: Sign) -> str:
    return sign(
        {
            "bid": str(bid.id),
            "tender": str(tender.id),
            "lot": bid.lot,
            "bidder": bid.bidder.id,
            "round": tender.round,
            "status": status.value,
            "digest": sealed,
            "received_at": instant_text(work.now),
        },
        "final-quote-receipt",
    )
