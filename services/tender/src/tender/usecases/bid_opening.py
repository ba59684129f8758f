"""The opening of the technical envelopes, and what speaks against the bids they hold; nothing here commits."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from shared.kernel.errors import RuleReference
from shared.platform.work import Work
from shared.rules.pack import pack_of
from tender.db import bidders, bids, documents, plans
from tender.domain.bid import StandingBid
from tender.domain.bid_checks import Objection, Offer, object_to, read_offer
from tender.domain.offer import deduction_of, findings_of
from tender.domain.opening import ReceivedBid
from tender.domain.roles import kept_out
from tender.domain.tender import Tender
from tender.usecases.eligibility import excluded_at


async def open_technical(
    work: Work, tender: Tender, standing: Sequence[StandingBid], *, person: str
) -> tuple[ReceivedBid, ...]:
    """Open the technical envelopes of bids that stand, and find what speaks against each; in the order of receipt."""
    opened = await bids.release_technical(work.connection, standing, person=person, at=work.now)
    offers = [read_offer(bid) for bid in opened]
    for offer in offers:
        await documents.note_offer(work.connection, offer)
    objections = await examine(work, tender, offers)
    pack = pack_of(tender)
    return tuple(
        ReceivedBid(
            bid=bid.bid,
            lot=bid.lot,
            bidder=bid.bidder,
            received_at=bid.received_at,
            digest=bid.digest,
            technical_digest=bid.technical_digest,
            objection=objections.get(bid.bid),
            deduction=deduction_of(offer, tender, pack),
            findings=findings_of(offer, tender),
        )
        for bid, offer in zip(opened, offers, strict=True)
    )


async def examine(work: Work, tender: Tender, offers: Sequence[Offer]) -> Mapping[UUID, Objection]:
    """Find what speaks against opened bids; who bids is held to what the registry says of the deadline."""
    assert tender.closes_at is not None  # noqa: S101 - bids are opened after the deadline
    everybody = {party for offer in offers for party in offer.parties}
    pack = pack_of(tender)
    # The deadline is the first instant too late: who may bid until then is held to the last instant in time.
    last = tender.closes_at - timedelta(microseconds=1)
    verified = await bidders.verified_at(work.connection, everybody, last, pack.calendar.day_of(last))
    reserved = tender.content.procurement.reserved
    excluded = await excluded_at(work, everybody, pack, "tenders", last)
    return object_to(
        offers, verified, pack, kept_out=await kept_out_of(work, tender), excluded=excluded, reserved=reserved
    )


async def kept_out_of(work: Work, tender: Tender) -> Mapping[str, RuleReference]:
    """Return which organisations may not provide what a tender buys, each with the rule that says so."""
    demand = (await plans.load(work.connection, tender.plan)).demand
    specifiers = [demand.written_by] if demand is not None and demand.written_by is not None else []
    return kept_out(specifiers, tender, pack_of(tender))
