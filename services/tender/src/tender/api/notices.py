"""Interest in a tender, and the notices it brings."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from shared.contracts.fields import Instant
from shared.kernel.access import Actor
from shared.platform.access import allow
from shared.platform.commands import CommandRoute, CurrentWork
from shared.platform.paging import Cursor, Limit, Page, page, read_identifier
from shared.platform.reading import Reading
from tender.api.schemas import View
from tender.domain.notice import NoticeKind
from tender.usecases import notices

router = APIRouter(tags=["notices"], route_class=CommandRoute)


class NoticeView(View):
    """A notice; `subject` is the amendment, the question, the award, or the tender itself.

    When an award is proposed, GET /v1/bids/{id}/result says how one's own bid did, until when the award waits, and
    where to challenge it.
    """

    id: UUID
    tender: UUID
    kind: NoticeKind
    subject: UUID
    closes_at: Instant | None
    given_at: Instant
    read_at: Instant | None


@router.post("/v1/tenders/{tender_id}/interest", status_code=204)
async def register_interest(
    work: CurrentWork, tender_id: UUID, actor: Annotated[Actor, allow("interest.register")]
) -> Response:
    """Ask to be told of what changes about a tender; nobody else learns of it. Who asks or bids is told anyway."""
    await notices.register_interest(work, actor, tender_id)
    return Response(status_code=204)


@router.get("/v1/my/notices")
async def list_notices(
    connection: Reading,
    actor: Annotated[Actor, allow("notices.read")],
    cursor: Cursor = None,
    limit: Limit = 50,
    *,
    unread: bool = False,
) -> Page[NoticeView]:
    """List the notices to one's own organisation, the newest first."""
    found = await notices.of_organisation(connection, actor, read_identifier(cursor), limit + 1, unread=unread)
    return page(map(NoticeView.model_validate, found), limit)


@router.post("/v1/my/notices/{notice_id}/reading", status_code=204)
async def mark_notice_read(
    work: CurrentWork, notice_id: UUID, actor: Annotated[Actor, allow("notices.read")]
) -> Response:
    """Mark a notice as read; the first time counts."""
    await notices.mark_read(work, actor, notice_id)
    return Response(status_code=204)
