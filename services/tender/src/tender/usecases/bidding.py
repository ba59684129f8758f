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
from tender.domain.lifecycles import LOT
from tender.domain.opening import check_bid_time
from tender.domain.parts import Party, Status
from tender.domain.seal import scheme

SignReceipt = Callable[[dict[str, Any]], str]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a bidder holds in hand: the digest of what was received, when, and the platform's signature on both."""

    bid: UUID
    digest: str
    received_at: datetime
    signed: str


async def submit(
    work: Work, actor: Actor, tender_id: UUID, *, lot: str, scheme_name: str, envelope: bytes, sign: SignReceipt
) -> Receipt:
    """Receive a bid of a verified provider, strictly before the deadline; a later one replaces it."""
    tender = await store.tender_for_bid(work.connection, tender_id)
    if tender.status in {Status.DRAFT, Status.FUNDING_REQUESTED}:
        raise NotFound("not-found", "There is no such thing here, or not for you.")
    pack = pinned_pack(tender.pack, tender.pack_version)
    check_bid_time(tender, work.now, pack)
    bidder = await verified(work, actor.organisation, pack)
    if lot not in {item.id for item in tender.content.lots}:
        raise Invalid("lot-unknown", "The tender has no such lot.", pointer="/body/lot")
    LOT.admit("complete", tender.progress(lot).status)
    scheme(scheme_name).check(envelope)
    identifier, digest = opaque_id(), hashlib.sha256(envelope).hexdigest()
    signed = sign(
        {
            "bid": str(identifier),
            "tender": str(tender.id),
            "lot": lot,
            "bidder": bidder.id,
            "digest": digest,
            "received_at": instant_text(work.now),
        }
    )
    sealed = bids.SealedBid(
        id=identifier,
        tender=tender.id,
        lot=lot,
        bidder=bidder,
        received_at=work.now,
        digest=digest,
        scheme=scheme_name,
        envelope=envelope,
        receipt=signed,
    )
    await bids.keep(work.connection, sealed)
    return Receipt(identifier, digest, work.now, signed)


async def verified(work: Work, organisation: str, pack: RulePack) -> Party:
    """Find a verified provider.

    Raises:
        NotAllowed: bidder-not-verified.
    """
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
