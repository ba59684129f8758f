"""Interest in a tender, and the notices it brings; nothing here commits, and nothing here is an event."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.access import Actor
from shared.platform.work import Work
from tender.db import invitations, notices, store
from tender.domain.notice import Notice, NoticeKind
from tender.domain.parts import Status
from tender.domain.tender import Tender
from tender.usecases.visibility import published


async def register_interest(work: Work, actor: Actor, tender_id: UUID) -> None:
    """Remember that an organisation wants to hear of a tender that takes bids; nobody is told."""
    tender = await store.tender(work.connection, tender_id)
    published(tender)
    tender.expect(Status.ACTIVE)
    await notices.register(work.connection, tender_id, actor.organisation, work.now)


async def tell(work: Work, before: Tender, after: Tender, kind: NoticeKind, subject: UUID) -> None:
    """Tell everybody whom a tender concerns, and of the new deadline if there is one."""
    closes_at = after.closes_at if after.status is Status.ACTIVE else None
    told: list[tuple[NoticeKind, UUID, datetime | None]] = [(kind, subject, closes_at)]
    if closes_at is not None and closes_at != before.closes_at:
        told.append((NoticeKind.DEADLINE, after.id, closes_at))
    await notices.give(work.connection, after.id, told, work.now)


async def tell_result(work: Work, tender: Tender, lot: str) -> None:
    """Tell every bidder of a lot that its award is proposed; how its own bid did, each reads of its own bid."""
    award = tender.progress(lot).award
    bidders = sorted({bid.bidder.id for bid in tender.bids if bid.lot == lot})
    told = [(NoticeKind.AWARD, award.id if award else tender.id, None)]
    await notices.give_to(work.connection, tender.id, told, bidders, work.now)


async def tell_invitees(work: Work, tender: Tender) -> None:
    """Tell those who are invited to a tender that takes bids from now on."""
    invitation = await invitations.find(work.connection, tender.id)
    if invitation is not None and invitation.drawn:
        told = [(NoticeKind.INVITATION, tender.id, tender.closes_at)]
        await notices.give_to(work.connection, tender.id, told, sorted(invitation.invitees), work.now)


async def of_organisation(
    connection: AsyncConnection, actor: Actor, after: UUID | None, limit: int, *, unread: bool
) -> Sequence[Notice]:
    return await notices.page(connection, actor.organisation, after, limit, unread=unread)


async def mark_read(work: Work, actor: Actor, identifier: UUID) -> None:
    await notices.mark_read(work.connection, identifier, actor.organisation, work.now)
