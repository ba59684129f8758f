"""What comes between the prices and the award: prices explained, deficiencies put right, ties drawn."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.access import Actor, permit_relation
from shared.kernel.beacon import Beacon
from shared.kernel.errors import not_here
from shared.platform.work import Work
from shared.rules.pack import RulePack, pack_of
from tender.db import panels, store
from tender.domain import deficiency, price_inquiry, ties
from tender.domain.award import may_propose, tied_bids
from tender.domain.endings import Change
from tender.domain.framework_award import may_propose_framework, tied_for_admission
from tender.domain.parts import PriceInquiry
from tender.domain.policy import POLICY
from tender.domain.tender import Tender
from tender.usecases import draws
from tender.usecases.documents import enclose
from tender.usecases.draws import Given
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
        raise not_here()
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
    """Hand in what one's own bid lacked: a document that was put here, which those who evaluate the bid may read."""
    after = await _by_bidder(
        work,
        actor,
        tender_id,
        bid,
        lambda tender, pack: deficiency.correct(tender, bid, digest, at=work.now, pack=pack),
    )
    await enclose(work, actor, bid, digest)
    return after


async def decide_on_correction(
    work: Work, actor: Actor, tender_id: UUID, bid: UUID, *, corrected: bool, reason: str
) -> Tender:
    """Decide whether what was handed in puts the bid right."""
    return await _by_office(
        work,
        actor,
        tender_id,
        lambda tender, pack: deficiency.decide(
            tender, bid, corrected=corrected, reason=reason, by=actor.person, pack=pack
        ),
    )


async def tie_draw_may_be_announced(work: Work, actor: Actor, tender_id: UUID, lot: str) -> Tender:
    """Find a tender whose bids may be ranked now; whether there is a tie stays unseen."""
    tender = await own_tender(work, actor, "award.examine", tender_id)
    may_rank = may_propose if tender.content.framework is None else may_propose_framework
    may_rank(tender, lot, pack_of(tender))
    return tender


async def announce_tie_draw(work: Work, actor: Actor, tender_id: UUID, lot: str, beacon: Beacon) -> Tender:
    """Name the beacon that will draw a tie."""
    before = await own_tender(work, actor, "award.examine", tender_id)
    scores = await locked_scores(work.connection, before) or ()

    def announce(tender: Tender, pack: RulePack) -> Change:
        tie_of = tied_bids if tender.content.framework is None else tied_for_admission
        return ties.announce(tender, lot, tie_of(tender, lot, scores, pack), beacon, at=work.now, pack=pack)

    return await _examined(work, before, announce)


async def tie_may_be_drawn(work: Work, actor: Actor, tender_id: UUID, lot: str, given: Given) -> Tender:
    """Find a tender of which a tie may be drawn now; nothing is drawn, and no numbers are noted."""
    tender = await own_tender(work, actor, "award.draw-tie", tender_id)
    closing = ties.may_draw(tender, lot, at=work.now, pack=pack_of(tender))
    await draws.read(closing.beacon, given)
    return tender


async def draw_tie(work: Work, actor: Actor, tender_id: UUID, lot: str, given: Given) -> Tender:
    """Draw a tie by the beacon; numbers of public records are read by two persons before they draw."""
    before = await tie_may_be_drawn(work, actor, tender_id, lot, given)
    closing = ties.may_draw(before, lot, at=work.now, pack=pack_of(before))
    randomness = await draws.read(closing.beacon, given)
    if randomness.numbers is not None:
        entered, agreed = ties.enter_numbers(before, lot, randomness, actor.person)
        if not agreed:
            await store.save_tender(work.connection, before, entered)
            return entered
    return await _examined(
        work, before, lambda tender, pack: ties.draw_tie(tender, lot, randomness, at=work.now, pack=pack)
    )


async def let_time_act(work: Work, tender_id: UUID) -> None:
    """Apply what has come due in a procedure by itself."""
    before = await store.tender(work.connection, tender_id, lock=True)
    after, events = deficiency.lapse(before, now=work.now, pack=pack_of(before))
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
    after, events = examine(before, pack_of(before))
    await store.save_tender(work.connection, before, after)
    await work.record(events)
    return after
