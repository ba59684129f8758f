"""Drafts of bids, and what a bidder can see of its own; nothing here commits."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.access import Actor
from shared.kernel.errors import Invalid, NotAllowed, expect_version
from shared.kernel.ids import opaque_id
from shared.platform.work import Work
from shared.rules.pack import pack_of
from tender.db import bid_drafts, bids, final_quotes, store
from tender.db.bid_drafts import BidDraft, BidRefusal, ListedDraft
from tender.domain.bid import Bid, BidAct, BidStatus
from tender.domain.bid_result import BidResult, result_of
from tender.domain.parts import Status
from tender.domain.seal import scheme
from tender.domain.tender import Tender
from tender.usecases.bidding import biddable, own_bid
from tender.usecases.visibility import visible

MOST_DRAFTS = 20


@dataclass(frozen=True, slots=True)
class NewDraft:
    """What a bidder has got so far."""

    lot: str
    scheme: str
    financial: bytes | None
    technical: bytes | None


@dataclass(frozen=True, slots=True)
class OwnBid:
    """A bid as its bidder alone sees it.

    Shape: the envelopes are a draft's, and there only where it is read by itself; of a bid that was received there are
    only the digests.
    """

    id: UUID
    tender: UUID
    lot: str
    scheme: str
    status: BidStatus
    waiting_for: str | None
    due_at: datetime | None
    received_at: datetime | None = None
    digest: str | None = None
    technical_digest: str | None = None
    salt: str | None = None
    technical_salt: str | None = None
    acts: tuple[BidAct, ...] = ()
    version: int | None = None
    financial: bytes | None = None
    technical: bytes | None = None


async def draft(work: Work, actor: Actor, tender_id: UUID, new: NewDraft) -> OwnBid:
    """Keep a draft for its bidder alone."""
    tender = await biddable(work, tender_id)
    tender.expect(Status.ACTIVE)
    _check(tender, new)
    # One after the other, or two that are drafted at once would both find a place for the last.
    await bids.hold(work.connection, tender_id, actor.organisation)
    if await bid_drafts.count(work.connection, tender_id, actor.organisation) >= MOST_DRAFTS:
        raise NotAllowed(
            "drafts-too-many",
            f"An organisation keeps at most {MOST_DRAFTS} drafts for a tender.",
            satisfied_by="Changing or discarding a draft.",
        )
    kept = BidDraft(
        id=opaque_id(),
        version=1,
        tender=tender_id,
        lot=new.lot,
        bidder=actor.organisation,
        scheme=new.scheme,
        financial=new.financial,
        technical=new.technical,
        changed_at=work.now,
    )
    await bid_drafts.add(work.connection, kept)
    return _drafted(kept, tender.closes_at)


async def change(work: Work, actor: Actor, bid_id: UUID, new: NewDraft, *, version: int) -> OwnBid:
    """Rewrite a draft that nobody else has rewritten since it was read."""
    before = await bid_drafts.draft(work.connection, bid_id, actor.organisation, lock=True)
    expect_version(version, before.version)
    tender = await store.tender(work.connection, before.tender)
    _check(tender, new)
    after = replace(
        before,
        version=version + 1,
        lot=new.lot,
        scheme=new.scheme,
        financial=new.financial,
        technical=new.technical,
        changed_at=work.now,
    )
    await bid_drafts.save(work.connection, version, after)
    return _drafted(after, tender.closes_at)


async def discard(work: Work, actor: Actor, bid_id: UUID) -> None:
    """Forget a draft."""
    found = await bid_drafts.draft(work.connection, bid_id, actor.organisation, lock=True)
    await bid_drafts.discard(work.connection, found.id)


async def own(
    connection: AsyncConnection, actor: Actor, tender: UUID | None, after: UUID | None, limit: int
) -> Sequence[OwnBid]:
    """Return some of an organisation's bids and drafts in the order of their ids, without envelopes."""
    listed = await bid_drafts.page(connection, actor.organisation, tender, after, limit)
    drafts = await bid_drafts.drafts(connection, listed)
    received = await bids.found(connection, bidder=actor.organisation, identifiers=listed)
    quotes = await final_quotes.awaited(connection, [one.id for one in received])
    wanted = {*(one.tender for one in drafts), *(one.tender for one in received)}
    closing = await bid_drafts.closing_times(connection, wanted)
    found = [
        *(_drafted(one, closing[one.tender]) for one in drafts),
        *(_received(one, closing[one.tender], quotes.get(one.id)) for one in received),
    ]
    return sorted(found, key=lambda one: one.id)


async def own_one(connection: AsyncConnection, actor: Actor, bid_id: UUID) -> OwnBid:
    """Return one of an organisation's bids or drafts."""
    received = await bids.found(connection, bidder=actor.organisation, identifiers=[bid_id])
    if received:
        closing = await bid_drafts.closing_times(connection, [received[0].tender])
        quotes = await final_quotes.awaited(connection, [bid_id])
        return _received(received[0], closing[received[0].tender], quotes.get(bid_id))
    found = await bid_drafts.draft(connection, bid_id, actor.organisation)
    drafted = _drafted(found, (await bid_drafts.closing_times(connection, [found.tender]))[found.tender])
    return replace(drafted, financial=found.financial, technical=found.technical)


async def result(connection: AsyncConnection, actor: Actor, bid_id: UUID) -> tuple[UUID, BidResult]:
    """Return how an organisation's own bid did, and in which tender."""
    bid = await own_bid(connection, actor, bid_id)
    tender = await store.tender(connection, bid.tender)
    return tender.id, result_of(tender, bid.id, pack_of(tender))


async def refusals(connection: AsyncConnection, actor: Actor) -> Sequence[BidRefusal]:
    """Return what an organisation was refused."""
    return await bid_drafts.refusals(connection, actor.organisation)


async def trace(connection: AsyncConnection, tender_id: UUID) -> Sequence[Bid]:
    """Return what became of every bid, once the bids are open or too few have ended the procedure."""
    tender = visible(await store.tender(connection, tender_id), None)
    if tender.opened_at is None and tender.status is not Status.UNSUCCESSFUL:
        raise NotAllowed(
            "bids-sealed",
            "What became of bids is not public before the opening.",
            reference=pack_of(tender).reference("bid-deadline"),
            satisfied_by="The opening.",
        )
    return await bids.found(connection, tender=tender_id)


def _check(tender: Tender, new: NewDraft) -> None:
    if new.lot not in {item.id for item in tender.content.lots}:
        raise Invalid("lot-unknown", "The tender has no such lot.", pointer="/body/lot")
    scheme(new.scheme)


def _drafted(draft: ListedDraft, closes_at: datetime | None) -> OwnBid:
    return OwnBid(
        id=draft.id,
        tender=draft.tender,
        lot=draft.lot,
        scheme=draft.scheme,
        status=BidStatus.DRAFT,
        waiting_for="its submission",
        due_at=closes_at,
        version=draft.version,
    )


def _received(bid: Bid, closes_at: datetime | None, quote_due: datetime | None) -> OwnBid:
    waits = "its confirmation" if bid.status is BidStatus.INVALIDATED else "its final quote" if quote_due else None
    return OwnBid(
        id=bid.id,
        tender=bid.tender,
        lot=bid.lot,
        scheme=bid.scheme,
        status=bid.status,
        waiting_for=waits,
        due_at=(quote_due or closes_at) if waits else None,
        received_at=bid.received_at,
        digest=bid.digest,
        technical_digest=bid.technical_digest,
        salt=bid.salt,
        technical_salt=bid.technical_salt,
        acts=bid.acts,
    )
