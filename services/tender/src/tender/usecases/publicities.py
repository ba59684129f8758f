"""The publicity of a single source and the objections against it; nothing here commits."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.access import Actor, permit_relation
from shared.kernel.errors import NotAllowed, not_here
from shared.kernel.ids import new_id
from shared.platform.work import Work
from shared.rules.pack import RulePack, pack_of
from tender.db import bidders, publicities, store
from tender.domain.parts import Party
from tender.domain.policy import POLICY
from tender.domain.publicity import REVIEW, Outcome, Publicity, publicise
from tender.usecases.planning import own_tender


async def make_public(work: Work, actor: Actor, tender_id: UUID, supplier: Party) -> Publicity:
    """Make public that one provider alone is to be asked; a later publicity takes an earlier one's place."""
    tender = await own_tender(work, actor, "publicity.make", tender_id)
    pack = pack_of(tender)
    earlier = await publicities.newest(work.connection, tender_id, lock=True)
    if earlier is not None and (earlier.upheld or earlier.unreviewed):
        raise NotAllowed(
            "objection-stands",
            "An objection was found right, or is not examined.",
            reference=pack.reference(REVIEW),
            satisfied_by="Another method, or the review of the objection.",
        )
    if earlier is not None and earlier.content == tender.content and earlier.supplier == supplier:
        raise NotAllowed("publicity-exists", "This single source is public.")
    publicity, events = publicise(new_id(), tender, supplier, by=actor.person, at=work.now, pack=pack)
    await publicities.add(work.connection, publicity)
    await work.record(events)
    return publicity


async def object_to(work: Work, actor: Actor, tender_id: UUID, reason: str) -> Publicity:
    """Object to a single source."""
    before, pack = await _public(work, tender_id)
    known = await bidders.bidder(work.connection, actor.organisation)
    by = Party(actor.organisation, known.name if known else actor.organisation)
    after, events = before.object_to(new_id(), by=by, reason=reason, at=work.now, pack=pack)
    await publicities.save(work.connection, before, after)
    await work.record(events)
    return after


async def review(
    work: Work, actor: Actor, tender_id: UUID, objection: UUID, outcome: Outcome, answer: str
) -> Publicity:
    """Examine an objection."""
    before, pack = await _public(work, tender_id)
    permit_relation(POLICY, "objection.review", actor, before.buyer.id)
    after, events = before.review(objection, outcome=outcome, answer=answer, by=actor.person, at=work.now, pack=pack)
    await publicities.save(work.connection, before, after)
    await work.record(events)
    return after


async def show(connection: AsyncConnection, tender_id: UUID) -> Publicity:
    """Return the publicity of a single source, draft or not: it is there to be read."""
    publicity = await publicities.newest(connection, tender_id)
    if publicity is None:
        raise not_here()
    return publicity


async def _public(work: Work, tender_id: UUID) -> tuple[Publicity, RulePack]:
    publicity = await publicities.newest(work.connection, tender_id, lock=True)
    if publicity is None:
        raise not_here()
    tender = await store.tender(work.connection, tender_id)
    return publicity, pack_of(tender)
