"""Bids, sealed until the deadline; nothing here commits, and nothing here is an event before the opening."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.fields import instant_text
from shared.kernel.access import Actor
from shared.kernel.errors import Invalid, NotAllowed, Stale, expect_version, not_here
from shared.kernel.ids import opaque_id
from shared.platform.work import Work
from shared.rules.pack import RulePack, pack_of
from tender.db import bid_drafts, bidders, bids, store
from tender.domain.bid import LIFECYCLE, Bid, BidStatus
from tender.domain.eligibility import Purpose
from tender.domain.lifecycles import LOT
from tender.domain.opening import check_bid_time
from tender.domain.parts import Party
from tender.domain.seal import Salts, digest, scheme
from tender.domain.tender import Tender
from tender.usecases.eligibility import require_eligible
from tender.usecases.invitations import require_bidder
from tender.usecases.visibility import published

Sign = Callable[[Mapping[str, Any], str], str]
"""Signs what a bidder is given in hand: a `bid-receipt`, a `final-quote-receipt`, or a `bid-refusal`."""


@dataclass(frozen=True, slots=True)
class NewBid:
    """What a bidder hands in: a scheme, and the envelopes sealed by it."""

    lot: str
    scheme: str
    financial: bytes
    technical: bytes | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a bidder holds in hand: what became of its bid, the digests, when, and the platform's signature on that.

    The salts are its bidder's alone and not signed with the rest: a receipt can be shown without giving the price away.
    """

    bid: UUID
    status: BidStatus
    digest: str
    technical_digest: str | None
    salt: str
    technical_salt: str | None
    received_at: datetime
    signed: str


@dataclass(frozen=True, slots=True)
class Refused:
    """That a well-formed bid was not accepted, and the platform's signature on that."""

    error: NotAllowed
    signed: str


async def submit(
    work: Work, actor: Actor, tender_id: UUID, new: NewBid, salts: Salts, sign: Sign, *, version: int | None = None
) -> Receipt | Refused:
    """Receive a bid of a verified provider, strictly before the deadline; a later one replaces it."""
    tender = await biddable(work, tender_id)
    check_form(tender, new)
    if version is not None and version != tender.version:
        raise Stale("stale", "The tender was changed in the meantime.", satisfied_by="Read it again.")
    return await _submit(work, actor, tender, _sealed(opaque_id(), actor, tender, new, salts), new, sign)


async def submit_draft(
    work: Work, actor: Actor, bid_id: UUID, salts: Salts, sign: Sign, *, version: int
) -> Receipt | Refused:
    """Receive a bid that was drafted here, as it was when it was read; it keeps its id.

    Raises:
        Stale: stale, if a colleague has rewritten the draft since.
    """
    tender = await biddable(work, await bid_drafts.tender_of(work.connection, bid_id, actor.organisation))
    draft = await bid_drafts.draft(work.connection, bid_id, actor.organisation, lock=True)
    expect_version(version, draft.version)
    if draft.financial is None:
        raise Invalid("envelope-missing", "A bid has a financial envelope.", satisfied_by="A price in the draft.")
    new = NewBid(draft.lot, draft.scheme, draft.financial, draft.technical)
    check_form(tender, new)
    received = await _submit(work, actor, tender, _sealed(draft.id, actor, tender, new, salts), new, sign)
    if isinstance(received, Receipt):
        await bid_drafts.discard(work.connection, draft.id)
    return received


async def confirm(work: Work, actor: Actor, bid_id: UUID, sign: Sign) -> Receipt | Refused:
    """Let a bid stand again that an amendment has invalidated; from now on its time is that of the confirmation."""
    tender = await biddable(work, (await own_bid(work.connection, actor, bid_id)).tender)
    await bids.hold(work.connection, tender.id, actor.organisation)
    bid = await own_bid(work.connection, actor, bid_id)
    status = LIFECYCLE.move("confirm", bid.status, BidStatus.CONFIRMED)
    try:
        await _admit(work, actor.organisation, tender, bid.lot)
    except NotAllowed as error:
        return await refuse(work, bid, error, sign)
    return await _receive(work, bid, status, sign)


async def withdraw(work: Work, actor: Actor, bid_id: UUID, sign: Sign) -> Receipt:
    """Take a bid back, strictly before the deadline; its envelopes stay closed for good."""
    tender = await biddable(work, (await own_bid(work.connection, actor, bid_id)).tender)
    check_bid_time(tender, work.now, pack_of(tender))
    await bids.hold(work.connection, tender.id, actor.organisation)
    bid = await own_bid(work.connection, actor, bid_id)
    return await _receive(work, bid, LIFECYCLE.move("withdraw", bid.status, BidStatus.WITHDRAWN), sign)


async def biddable(work: Work, tender_id: UUID) -> Tender:
    """Find a tender that was published, and keep it from being opened until the transaction ends.

    Raises:
        NotFound: not-found, also for one that is not public yet.
    """
    return published(await store.tender_for_bid(work.connection, tender_id))


async def own_bid(connection: AsyncConnection, actor: Actor, bid_id: UUID) -> Bid:
    """Return an organisation's own bid.

    Raises:
        NotFound: not-found, also for a bid of somebody else.
    """
    found = await bids.found(connection, bidder=actor.organisation, identifiers=[bid_id])
    if not found:
        raise not_here()
    return found[0]


def check_form(tender: Tender, new: NewBid) -> None:
    """Refuse what could never be a bid for this tender.

    Raises:
        Invalid: lot-unknown, seal-scheme-unknown, envelope-malformed.
    """
    if new.lot not in {item.id for item in tender.content.lots}:
        raise Invalid("lot-unknown", "The tender has no such lot.", pointer="/body/lot")
    sealing = scheme(new.scheme)
    sealing.check(new.financial, "/body/financial")
    if new.technical is not None:
        sealing.check(new.technical, "/body/technical")


def _sealed(identifier: UUID, actor: Actor, tender: Tender, new: NewBid, salts: Salts) -> Bid:
    technical = None if new.technical is None else digest(salts.technical, new.technical)
    return Bid(
        id=identifier,
        tender=tender.id,
        lot=new.lot,
        bidder=Party(actor.organisation, actor.organisation),
        scheme=new.scheme,
        digest=digest(salts.financial, new.financial),
        technical_digest=technical,
        salt=salts.financial,
        technical_salt=None if technical is None else salts.technical,
        acts=(),
    )


async def _submit(work: Work, actor: Actor, tender: Tender, bid: Bid, new: NewBid, sign: Sign) -> Receipt | Refused:
    try:
        bidder = await _admit(work, actor.organisation, tender, new.lot)
    except NotAllowed as error:
        return await refuse(work, bid, error, sign)
    bid = replace(bid, bidder=bidder)
    await bids.hold(work.connection, tender.id, bidder.id)
    replaced = [
        (former, LIFECYCLE.move("replace", status, BidStatus.REPLACED), None)
        for former, status in await bids.live(work.connection, tender.id, new.lot, bidder.id)
    ]
    await bids.keep(work.connection, bid, work.now, new.financial, new.technical)
    return await _receive(work, bid, LIFECYCLE.move("submit", BidStatus.DRAFT, BidStatus.SUBMITTED), sign, replaced)


async def _admit(work: Work, organisation: str, tender: Tender, lot: str) -> Party:
    """Admit a bidder in time; nothing is written before."""
    pack = pack_of(tender)
    check_bid_time(tender, work.now, pack)
    LOT.admit("complete", tender.progress(lot).status)
    bidder = await verified(work, organisation, pack)
    await require_bidder(work.connection, tender, organisation, pack)
    return bidder


async def verified(work: Work, organisation: str, pack: RulePack, purpose: Purpose = "tenders") -> Party:
    """Find a verified provider that is eligible for new tenders, or for new orders.

    Raises:
        NotAllowed: bidder-not-verified, bidder-not-eligible.
    """
    known = await bidders.bidder(work.connection, organisation)
    valid_until = known.valid_until if known else None
    if pack.flag("bidder-verified") and (valid_until is None or valid_until < pack.calendar.day_of(work.now)):
        raise NotAllowed(
            "bidder-not-verified",
            "Only a verified provider may bid.",
            reference=pack.reference("bidder-verified"),
            satisfied_by="The verification of your organisation by the provider registry.",
        )
    await require_eligible(work, organisation, pack, purpose)
    return Party(organisation, known.name if known else organisation)


async def _receive(
    work: Work,
    bid: Bid,
    status: BidStatus,
    sign: Sign,
    before: Sequence[tuple[UUID, BidStatus, str | None]] = (),
) -> Receipt:
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
        },
        "bid-receipt",
    )
    await bids.note_acts(work.connection, [*before, (bid.id, status, signed)], work.now)
    return Receipt(bid.id, status, bid.digest, bid.technical_digest, bid.salt, bid.technical_salt, work.now, signed)


async def refuse(work: Work, bid: Bid, error: NotAllowed, sign: Sign) -> Refused:
    """Keep, as the only thing that a refusal leaves behind, the proof that it was made.

    The salts are in it: nothing else keeps them, and nobody but the bidder is given the proof.
    """
    identifier = opaque_id()
    signed = sign(
        {
            "refusal": str(identifier),
            "tender": str(bid.tender),
            "lot": bid.lot,
            "bidder": bid.bidder.id,
            "code": error.code,
            "digest": bid.digest,
            "technical_digest": bid.technical_digest,
            "salt": bid.salt,
            "technical_salt": bid.technical_salt,
            "refused_at": instant_text(work.now),
        },
        "bid-refusal",
    )
    refusal = bid_drafts.BidRefusal(identifier, bid.tender, bid.bidder.id, error.code, work.now, signed)
    await bid_drafts.add_refusal(work.connection, refusal)
    return Refused(error, signed)
