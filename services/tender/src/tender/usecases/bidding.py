"""Bids, sealed until the deadline; nothing here commits, and nothing here is an event before the opening."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.contracts.fields import instant_text
from shared.kernel.access import Actor
from shared.kernel.errors import Invalid, NotAllowed, NotFound
from shared.kernel.ids import opaque_id
from shared.platform.work import Work
from shared.rules.pack import RulePack, pinned_pack
from tender.db import bids, store
from tender.domain.bid import BidStatus
from tender.domain.opening import check_bid_time, gate, may_open, open_bids
from tender.domain.parts import Party, Status
from tender.domain.seal import scheme
from tender.domain.tender import Tender
from tender.usecases.planning import own_tender

SignReceipt = Callable[[dict[str, Any]], str]


@dataclass(frozen=True, slots=True)
class NewBid:
    """What a bidder hands in: a scheme, and the envelopes sealed by it."""

    lot: str
    scheme: str
    financial: bytes
    technical: bytes | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a bidder holds in hand: the digests of what was received, when, and the platform's signature on all that."""

    bid: UUID
    status: BidStatus
    digest: str
    technical_digest: str | None
    received_at: datetime
    signed: str


async def submit(work: Work, actor: Actor, tender_id: UUID, new: NewBid, sign: SignReceipt) -> Receipt:
    """Receive a bid of a verified provider, strictly before the deadline; a later one replaces it."""
    tender = await store.tender_for_bid(work.connection, tender_id)
    if tender.status in {Status.DRAFT, Status.FUNDING_REQUESTED}:
        raise NotFound("not-found", "There is no such thing here, or not for you.")
    pack = pinned_pack(tender.pack, tender.pack_version)
    check_bid_time(tender, work.now, pack)
    bidder = await _verified(work, actor.organisation, pack)
    if new.lot not in {item.id for item in tender.content.lots}:
        raise Invalid("lot-unknown", "The tender has no such lot.", pointer="/body/lot")
    check_envelopes(new)
    await bids.hold(work.connection, tender.id, bidder.id)
    for former in await bids.live(work.connection, tender.id, new.lot, bidder.id):
        await bids.note_act(work.connection, former, BidStatus.REPLACED, work.now)
    sealed = bids.SealedBid(
        id=opaque_id(),
        tender=tender.id,
        lot=new.lot,
        bidder=bidder,
        received_at=work.now,
        digest=_digest(new.financial),
        technical_digest=None if new.technical is None else _digest(new.technical),
        scheme=new.scheme,
        financial=new.financial,
        technical=new.technical,
    )
    await bids.keep(work.connection, sealed)
    return await _received(work, sealed, BidStatus.SUBMITTED, sign)


async def _received(work: Work, bid: bids.SealedBid, status: BidStatus, sign: SignReceipt) -> Receipt:
    signed = sign(
        {
            "bid": str(bid.id),
            "tender": str(bid.tender),
            "lot": bid.lot,
            "bidder": bid.bidder.id,
            "status": status.value,
            "digest": bid.digest,
            "technical_digest": bid.technical_digest,
            "received_at": instant_text(work.now),
        }
    )
    await bids.note_act(work.connection, bid.id, status, work.now, signed)
    return Receipt(bid.id, status, bid.digest, bid.technical_digest, work.now, signed)


def check_envelopes(new: NewBid) -> None:
    """Refuse envelopes that their scheme could never open.

    Raises:
        Invalid: seal-scheme-unknown, envelope-malformed.
    """
    sealing = scheme(new.scheme)
    sealing.check(new.financial, "/body/financial")
    if new.technical is not None:
        sealing.check(new.technical, "/body/technical")


def _digest(envelope: bytes) -> str:
    return hashlib.sha256(envelope).hexdigest()


async def may_be_opened(work: Work, actor: Actor, tender_id: UUID, *, version: int | None) -> Tender:
    """Find a tender that the actor may open now; every envelope stays closed."""
    tender = await own_tender(work, actor, "tender.open", tender_id, version=version)
    may_open(tender, work.now, pinned_pack(tender.pack, tender.pack_version))
    return tender


async def open_tender(work: Work, actor: Actor, tender_id: UUID, *, version: int | None) -> Tender:
    """Open the bids at the deadline; too few of them end the procedure with every envelope closed."""
    before = await may_be_opened(work, actor, tender_id, version=version)
    pack = pinned_pack(before.pack, before.pack_version)
    after, ended = gate(before, await bids.count(work.connection, tender_id), pack)
    if ended:
        await store.save_tender(work.connection, before, after)
        await work.record(ended)
        return after
    released = await bids.release(work.connection, tender_id, person=actor.person, at=work.now)
    after, events = open_bids(before, tuple(released), at=work.now, pack=pack)
    await store.save_tender(work.connection, before, after)
    await work.record(events)
    return after


async def _verified(work: Work, organisation: str, pack: RulePack) -> Party:
    known = await bids.bidder(work.connection, organisation)
    valid_until = known.valid_until if known else None
    if pack.flag("bidder-verified") and (valid_until is None or valid_until < work.now.date()):
        raise NotAllowed(
            "bidder-not-verified",
            "Only a verified provider may bid.",
            reference=pack.reference("bidder-verified"),
            satisfied_by="The verification of your organisation by the provider registry.",
        )
    return Party(organisation, known.name if known else organisation)
