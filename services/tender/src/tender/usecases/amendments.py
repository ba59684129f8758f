"""Amendments of a published tender; nothing here commits."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.access import Actor
from shared.kernel.errors import not_here
from shared.kernel.ids import new_id
from shared.kernel.money import Money
from shared.platform.work import Work
from shared.rules.pack import pack_of
from tender.db import amendments, bids, store
from tender.domain.amendment import (
    Amendment,
    AmendmentStatus,
    Edition,
    NewAmendment,
    draft_amendment,
    editions,
    publish_amendment,
)
from tender.domain.notice import NoticeKind
from tender.domain.roles import Part
from tender.domain.tender import Tender
from tender.usecases.notices import tell
from tender.usecases.panel import may_take_part
from tender.usecases.planning import own_tender
from tender.usecases.visibility import published as require_published


async def draft(work: Work, actor: Actor, tender_id: UUID, new: NewAmendment, *, version: int | None) -> Amendment:
    """Draft an amendment that a second person is to publish."""
    tender = await own_tender(work, actor, "amendment.draft", tender_id, version=version)
    await may_take_part(work, tender, Part(actor.person, actor.organisation, "specification-writer"))
    pack = pack_of(tender)
    amendment = draft_amendment(
        tender, new, identifier=new_id(), funded=_funded(tender), by=actor.person, at=work.now, pack=pack
    )
    await amendments.add(work.connection, amendment)
    return amendment


async def publish(work: Work, actor: Actor, tender_id: UUID, amendment_id: UUID, *, version: int | None) -> Amendment:
    """Put an amendment in force; every bid waits for its bidder, and everybody concerned is told."""
    before = await own_tender(work, actor, "amendment.publish", tender_id, version=version)
    drafted = await amendments.amendment_of(work.connection, tender_id, amendment_id, lock=True)
    pack = pack_of(before)
    earlier = await amendments.published(work.connection, tender_id)
    after, published, events = publish_amendment(
        before,
        drafted,
        number=len(earlier) + 1,
        funded=_funded(before),
        by=actor.person,
        at=work.now,
        pack=pack,
    )
    await amendments.save(work.connection, drafted, published)
    for other in await amendments.drafted(work.connection, tender_id):
        await amendments.save(work.connection, other, other.supersede())
    await store.save_tender(work.connection, before, after)
    await bids.invalidate(work.connection, tender_id, work.now)
    await work.record(events)
    await tell(work, before, after, NoticeKind.AMENDMENT, published.id)
    return published


async def of_tender(connection: AsyncConnection, tender_id: UUID) -> Sequence[Amendment]:
    require_published(await store.tender(connection, tender_id))
    return await amendments.published(connection, tender_id)


async def amendment(connection: AsyncConnection, tender_id: UUID, identifier: UUID, actor: Actor | None) -> Amendment:
    """Return an amendment; one that is not in force is shown to its own office only."""
    tender = await store.tender(connection, tender_id)
    found = await amendments.amendment_of(connection, tender_id, identifier)
    own = actor is not None and actor.organisation == tender.buyer.id
    if found.status is not AmendmentStatus.PUBLISHED and not own:
        raise not_here()
    return found


async def versions(connection: AsyncConnection, tender_id: UUID) -> Sequence[Edition]:
    """Return every content that a tender ever had in public."""
    tender = await store.tender(connection, tender_id)
    require_published(tender)
    return editions(tender, await amendments.published(connection, tender_id))


def _funded(tender: Tender) -> Money:
    # A tender that was kept before it named its funds is held to what it is worth.
    return tender.funded or tender.content.value
