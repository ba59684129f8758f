"""The end of a procedure before a contract; nothing here commits."""

from uuid import UUID

from shared.kernel.access import Actor
from shared.platform.work import Work
from shared.rules.pack import pack_of
from tender.db import store
from tender.domain import endings
from tender.domain.cancellation import check_ground
from tender.domain.notice import NoticeKind
from tender.domain.tender import Tender
from tender.usecases.notices import tell
from tender.usecases.planning import own_tender


async def cancel(
    work: Work, actor: Actor, tender_id: UUID, reason: str, *, ground: str | None, version: int | None
) -> Tender:
    """End a procedure, on a ground that the pack admits; everybody concerned is told."""
    before = await own_tender(work, actor, "tender.cancel", tender_id, version=version)
    after, events = endings.cancel(before, reason, ground)
    check_ground(before, ground, pack_of(before))
    await store.save_tender(work.connection, before, after)
    await work.record(events)
    await tell(work, before, after, NoticeKind.CANCELLATION, after.id)
    return after


async def cancel_lot(
    work: Work, actor: Actor, tender_id: UUID, lot: str, reason: str, *, ground: str | None, version: int | None
) -> Tender:
    """End one lot before its award, on a ground that the pack admits; everybody concerned is told."""
    before = await own_tender(work, actor, "tender.cancel", tender_id, version=version)
    after, events = endings.cancel_lot(before, lot, reason, ground)
    check_ground(before, ground, pack_of(before))
    await store.save_tender(work.connection, before, after)
    await work.record(events)
    await tell(work, before, after, NoticeKind.CANCELLATION, after.id)
    return after
