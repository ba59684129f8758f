"""The opening of envelopes, and what speaks against the bids they hold; nothing here commits."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from shared.platform.work import Work
from shared.rules.pack import pinned_pack
from tender.db import bidders, bids, documents
from tender.domain.bid_checks import Objection, Offer, object_to, read_offer
from tender.domain.opening import ReleasedBid
from tender.domain.tender import Tender


async def open_technical(work: Work, tender: Tender, *, person: str, lot: str | None = None) -> tuple[Offer, ...]:
    """Open the technical envelopes of the bids that stand, and let what they list be found."""
    released = await bids.release_technical(work.connection, tender.id, person=person, at=work.now, lot=lot)
    offers = tuple(read_offer(bid) for bid in released)
    for offer in offers:
        await documents.note_offer(work.connection, offer)
    return offers


async def open_both(work: Work, tender: Tender, *, person: str) -> tuple[ReleasedBid, ...]:
    """Open both envelopes of every bid that stands, in one step, with what speaks against each."""
    offers = await open_technical(work, tender, person=person)
    objections = await examine(work, tender, offers)
    technical = [offer.release for offer in offers]
    identifiers = [bid.bid for bid in technical]
    financial = await bids.release_financial(work.connection, identifiers, person=person, at=work.now)
    return tuple(
        ReleasedBid(
            bid=bid.bid,
            bidder=bid.bidder,
            received_at=bid.received_at,
            digest=bid.digest,
            content=financial[bid.bid],
            technical_digest=bid.technical_digest,
            objection=objections.get(bid.bid),
        )
        for bid in technical
    )


async def examine(work: Work, tender: Tender, offers: Sequence[Offer]) -> Mapping[UUID, Objection]:
    """Find what speaks against opened bids; who bids is held to what the registry says of the deadline."""
    assert tender.closes_at is not None  # noqa: S101 - bids are opened after the deadline
    everybody = {party for offer in offers for party in offer.parties}
    verified = await bidders.verified_at(work.connection, everybody, tender.closes_at)
    return object_to(offers, verified, pinned_pack(tender.pack, tender.pack_version))
