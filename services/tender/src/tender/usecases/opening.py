"""From the deadline to the prices: opening, qualification, opening of the prices; nothing here commits."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.access import Actor, permit_relation
from shared.platform.work import Work
from shared.rules.pack import pack_of
from tender.db import bids, final_quotes, store
from tender.domain.award import check_scored
from tender.domain.endings import open_lots
from tender.domain.negotiation import may_open_quotes
from tender.domain.opening import end_lots, may_open, open_bids
from tender.domain.policy import POLICY
from tender.domain.price_opening import ReleasedPrice, open_prices, sealed_prices
from tender.domain.qualification import confirm_qualification, proposed_qualification, qualify
from tender.domain.qualification_parts import ProposedQualification, Qualification
from tender.domain.tender import Tender
from tender.usecases.bid_opening import open_technical
from tender.usecases.panel import locked_scores
from tender.usecases.planning import own_tender


async def may_be_opened(work: Work, actor: Actor, tender_id: UUID, *, version: int | None) -> Tender:
    """Find a tender that the actor may open now; every envelope stays closed."""
    tender = await own_tender(work, actor, "tender.open", tender_id, version=version)
    may_open(tender, work.now, pack_of(tender))
    return tender


async def open_tender(work: Work, actor: Actor, tender_id: UUID, *, version: int | None) -> Tender:
    """Make public who bid; a lot with too few bids ends with every envelope closed."""
    before = await may_be_opened(work, actor, tender_id, version=version)
    pack = pack_of(before)
    standing = await bids.standing(work.connection, tender_id)
    # Of an organisation's bids for a lot at most one stands.
    counts = Counter(bid.lot for bid in standing)
    after, events = end_lots(before, "open", "opening", counts, pack)
    if going_on := open_lots(after):
        opening = [bid for bid in standing if bid.lot in going_on]
        received = await open_technical(work, after, opening, person=actor.person)
        after, opened = open_bids(after, received, at=work.now, pack=pack)
        events = (*events, *opened)
    await store.save_tender(work.connection, before, after)
    await work.record(events)
    return after


async def qualify_bids(
    work: Work, actor: Actor, tender_id: UUID, decision: Qualification, *, version: int | None
) -> Tender:
    """Decide which bids meet the conditions of participation."""
    before = await own_tender(work, actor, "tender.qualify", tender_id, version=version)
    pack = pack_of(before)
    after, events = qualify(before, decision, by=actor.person, at=work.now, pack=pack)
    await store.save_tender(work.connection, before, after)
    await work.record(events)
    return after


async def confirm_bids(work: Work, actor: Actor, tender_id: UUID, *, version: int | None) -> Tender:
    """Let a decision on who qualifies hold, as a second person."""
    before = await own_tender(work, actor, "tender.confirm-qualification", tender_id, version=version)
    pack = pack_of(before)
    after, events = confirm_qualification(before, by=actor.person, at=work.now, pack=pack)
    await store.save_tender(work.connection, before, after)
    await work.record(events)
    return after


async def waiting_qualification(connection: AsyncConnection, actor: Actor, tender_id: UUID) -> ProposedQualification:
    """Return the decision of the actor's own office that waits for a second person."""
    tender = await store.tender(connection, tender_id)
    permit_relation(POLICY, "tender.read-qualification", actor, tender.buyer.id)
    return proposed_qualification(tender, pack_of(tender))


async def prices_may_be_opened(work: Work, actor: Actor, tender_id: UUID, *, version: int | None) -> Tender:
    """Find a tender whose prices the actor may open now; they stay sealed."""
    tender = await own_tender(work, actor, "tender.open", tender_id, version=version)
    check_scored(tender, await locked_scores(work.connection, tender), pack_of(tender))
    may_open_quotes(tender, at=work.now, pack=pack_of(tender))
    return tender


async def open_tender_prices(work: Work, actor: Actor, tender_id: UUID, *, version: int | None) -> Tender:
    """Open the prices of the bids that qualified, once the quality is settled: of their final quotes, if there are any.

    Where there are, what was first handed in with a price is never opened.
    """
    before = await prices_may_be_opened(work, actor, tender_id, version=version)
    opened = await _released(work, before, actor.person)
    pack = pack_of(before)
    after, events = open_prices(before, tuple(opened), at=work.now, pack=pack)
    await store.save_tender(work.connection, before, after)
    await work.record(events)
    return after


async def _released(work: Work, tender: Tender, person: str) -> Sequence[ReleasedPrice]:
    sealed = sealed_prices(tender, pack_of(tender))
    if tender.negotiation is None:
        return await bids.release_financial(work.connection, sealed, person=person, at=work.now)
    return await final_quotes.release(work.connection, tender.id, tender.round, sealed, person=person, at=work.now)
