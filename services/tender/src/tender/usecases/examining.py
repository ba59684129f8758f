"""What comes between the prices and the award: prices explained, deficiencies put right, ties drawn."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.access import Actor, permit_relation
from shared.kernel.errors import NotFound
from shared.platform.work import Work
from shared.rules.pack import RulePack, pinned_pack
from tender.db import panels, store
from tender.domain import deficiency, price_inquiry, ties
from tender.domain.award import tied_bids
from tender.domain.endings import Change
from tender.domain.parts import PriceInquiry
from tender.domain.policy import POLICY
from tender.domain.tender import Tender
from tender.usecases.panel import locked_scores
from tender.usecases.planning import own_tender

Examine = Callable[[Tender, RulePack], Change]


async def ask_about_price(work: Work, actor: Actor, tender_id: UUID, bid: UUID) -> Tender:
    """Ask, on judgement, about a price."""
    return await _by_office(
        work,
        actor,
        tender_id,
        lambda tender, pack: price_inquiry.inquire_on_judgement(tender, bid, at=work.now, pack=pack),
    )


async def explain_price(work: Work, actor: Actor, tender_id: UUID, bid: UUID, explanation: str) -> Tender:
    """Explain one's own price."""
    return await _by_bidder(
        work,
        actor,
        tender_id,
        bid,
        lambda tender, pack: price_inquiry.explain(tender, bid, explanation, at=work.now, pack=pack),
    )


async def explanation(connection: AsyncConnection, actor: Actor, tender_id: UUID, bid: UUID) -> PriceInquiry:
    """Return what a bidder said of its price, to itself and to those who decide.

    Raises:
        NotFound: inquiry-unknown; not-found for everybody else.
    """
    tender = await store.tender(connection, tender_id)
    inquiry = price_inquiry.found(tender, bid)
    panel = await panels.find(connection, tender_id)
    decides = actor.organisation == tender.buyer.id or (
        panel is not None and any(seat.person == actor.person for seat in panel.members)
    )
    if not decides and actor.organisation != tender.bid(bid).bidder.id:
        raise NotFound("not-found", "There is no such thing here, or not for you.")
    return inquiry


async def decide_on_price(
    work: Work, actor: Actor, tender_id: UUID, bid: UUID, *, accepted: bool, reason: str
) -> Tender:
    """Decide on a price that was asked about."""
    return await _by_office(
        work,
        actor,
        tender_id,
        lambda tender, pack: price_inquiry.decide(
            tender, bid, accepted=accepted, reason=reason, by=actor.person, at=work.now, pack=pack
        ),
    )


async def notify_deficiency(work: Work, actor: Actor, tender_id: UUID, bid: UUID, what: str) -> Tender:
    """Tell a bidder what its bid lacks."""
    return await _by_office(
        work, actor, tender_id, lambda tender, pack: deficiency.notify(tender, bid, what, at=work.now, pack=pack)
    )


async def correct_deficiency(work: Work, actor: Actor, tender_id: UUID, bid: UUID, digest: str) -> Tender:
    """Hand in what one's own bid lacked."""
    return await _by_bidder(
        work,
        actor,
        tender_id,
        bid,
        lambda tender, pack: deficiency.correct(tender, bid, digest, at=work.now, pack=pack),
    )


async def decide_on_correction(
    work: Work, actor: Actor, tender_id: UUID, bid: UUID, *, corrected: bool, reason: str
) -> Tender:
    """Decide whether what was handed in puts the bid right."""
    return await _by_office(
        work,
        actor,
        tender_id,
        lambda tender, pack: deficiency.decide(tender, bid, corrected=corrected, reason=reason, pack=pack),
    )


async def announce_tie_draw(
    work: Work, actor: Actor, tender_id: UUID, lot: str, *, source: str, not_before: datetime
) -> Tender:
    """Name the beacon that will draw a tie."""
    scores = await locked_scores(work.connection, await store.tender(work.connection, tender_id)) or ()

    def announce(tender: Tender, pack: RulePack) -> Change:
        tied = tied_bids(tender, lot, scores, pack)
        return ties.announce(tender, lot, tied, source=source, not_before=not_before, at=work.now)

    return await _by_office(work, actor, tender_id, announce)


async def draw_tie(work: Work, actor: Actor, tender_id: UUID, lot: str, randomness: str) -> Tender:
    """Draw a tie by the beacon."""
    return await _by_office(
        work, actor, tender_id, lambda tender, _: ties.draw_tie(tender, lot, randomness, at=work.now)
    )


async def let_time_act(work: Work, tender_id: UUID) -> None:
    """Apply what has come due in a procedure by itself."""
    before = await store.tender(work.connection, tender_id, lock=True)
    after, events = deficiency.lapse(before, now=work.now, pack=pinned_pack(before.pack, before.pack_version))
    if events:
        await store.save_tender(work.connection, before, after)
        await work.record(events)


async def _by_office(work: Work, actor: Actor, tender_id: UUID, examine: Examine) -> Tender:
    return await _examined(work, await own_tender(work, actor, "award.examine", tender_id), examine)


async def _by_bidder(work: Work, actor: Actor, tender_id: UUID, bid: UUID, examine: Examine) -> Tender:
    before = await store.tender(work.connection, tender_id, lock=True)
    permit_relation(POLICY, "bid.answer", actor, before.bid(bid).bidder.id)
    return await _examined(work, before, examine)


async def _examined(work: Work, before: Tender, examine: Examine) -> Tender:
    after, events = examine(before, pinned_pack(before.pack, before.pack_version))
    await store.save_tender(work.connection, before, after)
    await work.record(events)
    return after
