"""Talks with the bidders, and the call for their final quotes; nothing here commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.access import Actor
from shared.platform.work import Work
from shared.rules.pack import RulePack, pack_of
from tender.db import notices, panels, store
from tender.domain.award import check_scored
from tender.domain.endings import Change
from tender.domain.negotiation import NewTalks, change_terms, disclosed, record_talks, request_quotes, taking_part
from tender.domain.negotiation_parts import Negotiation
from tender.domain.notice import NoticeKind
from tender.domain.roles import Part
from tender.domain.tender import Tender
from tender.usecases.evidence import check_uploaded
from tender.usecases.panel import locked_scores, may_take_part
from tender.usecases.planning import own_tender
from tender.usecases.visibility import published
from tender.usecases.withheld import may_read


@dataclass(frozen=True, slots=True)
class SeenRound:
    """A round of talks, and what of it somebody may read: all of it, or what concerns its own bids."""

    negotiation: Negotiation
    whole: bool
    own: frozenset[UUID]


async def talked(work: Work, actor: Actor, tender_id: UUID, new: NewTalks, *, version: int | None) -> Tender:
    """Record that the team talked with one bidder, once the quality is settled."""
    before, pack = await _settled(work, actor, "negotiation.record-talks", tender_id, version)
    await check_uploaded(work.connection, actor, new.minutes)
    return await _kept(work, before, record_talks(before, new, by=actor.person, at=work.now, pack=pack))


async def terms_changed(work: Work, actor: Actor, tender_id: UUID, what: str, *, version: int | None) -> Tender:
    """Tell all who take part, at the same time, what the talks changed; who writes it specifies what is bought."""
    before, pack = await _settled(work, actor, "negotiation.change-terms", tender_id, version)
    await may_take_part(work, before, Part(actor.person, actor.organisation, "specification-writer"))
    after = await _kept(work, before, change_terms(before, what, by=actor.person, at=work.now, pack=pack))
    await _tell(work, after, NoticeKind.CHANGED_TERMS, None)
    return after


async def quotes_requested(
    work: Work, actor: Actor, tender_id: UUID, closes_at: datetime, *, version: int | None
) -> Tender:
    """Ask all who take part for their final quotes."""
    before, pack = await _settled(work, actor, "negotiation.request-quotes", tender_id, version)
    after = await _kept(work, before, request_quotes(before, closes_at, at=work.now, pack=pack))
    await _tell(work, after, NoticeKind.FINAL_QUOTES, closes_at)
    return after


async def rounds(connection: AsyncConnection, tender_id: UUID, actor: Actor | None) -> Sequence[SeenRound]:
    """Return every round of talks of a tender, the first first, and what of each somebody may read."""
    tender = published(await store.tender(connection, tender_id))
    panel = await panels.find(connection, tender.id)
    entitled = actor is not None and await may_read(connection, tender, panel, actor)
    own = frozenset(bid.bid for bid in tender.bids if actor is not None and bid.bidder.id == actor.organisation)
    return [SeenRound(one, entitled or disclosed(tender, one), own) for one in tender.negotiations]


async def _settled(
    work: Work, actor: Actor, action: str, tender_id: UUID, version: int | None
) -> tuple[Tender, RulePack]:
    """Find a tender whose quality is settled: no price is talked about before."""
    tender = await own_tender(work, actor, action, tender_id, version=version)
    check_scored(tender, await locked_scores(work.connection, tender), pack_of(tender))
    return tender, pack_of(tender)


async def _kept(work: Work, before: Tender, change: Change) -> Tender:
    after, events = change
    await store.save_tender(work.connection, before, after)
    await work.record(events)
    return after


async def _tell(work: Work, tender: Tender, kind: NoticeKind, closes_at: datetime | None) -> None:
    bidders = sorted({bid.bidder.id for bid in taking_part(tender)})
    await notices.give_to(work.connection, tender.id, [(kind, tender.id, closes_at)], bidders, work.now)
