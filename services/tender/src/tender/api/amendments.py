"""Amendments of a published tender, and the contents it had."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from shared.contracts.fields import Instant, LongText, Moment
from shared.kernel.access import Actor
from shared.platform.access import allow, known, public
from shared.platform.commands import CommandRoute, CurrentWork, IfMatch
from shared.platform.reading import Reading
from tender.api.content_schemas import ContentBody
from tender.api.planning import content_of
from tender.api.schemas import ContentView, Request, View
from tender.domain.amendment import Amendment, AmendmentStatus, NewAmendment
from tender.usecases import amendments

router = APIRouter(tags=["amendments"], route_class=CommandRoute)


class AmendmentBody(Request):
    """The whole new content, why, and a later deadline if the rule's own is not late enough."""

    content: ContentBody
    reason: LongText
    closes_at: Moment | None = None


class AmendmentView(View):
    """An amendment; `number`, `changed`, the deadlines and `published_at` are there once it is in force."""

    id: UUID
    tender: UUID
    status: AmendmentStatus
    content: ContentView
    reason: str
    due_at: Instant | None
    number: int | None
    changed: list[str]
    published_at: Instant | None
    old_closes_at: Instant | None
    closes_at: Instant | None


class EditionView(View):
    """A content of the tender, in force from `published_at` until the next; `amendment` is null for the first."""

    number: int
    content: ContentView
    published_at: Instant
    closes_at: Instant
    amendment: UUID | None


@router.post("/v1/tenders/{tender_id}/amendments", status_code=201)
async def draft_amendment(
    work: CurrentWork,
    tender_id: UUID,
    body: AmendmentBody,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("amendment.draft")],
) -> AmendmentView:
    """Draft an amendment for a second person to publish; until then only the office sees it."""
    new = NewAmendment(content_of(body.content), body.reason, body.closes_at)
    amendment = await amendments.draft(work, actor, tender_id, new, version=version)
    response.headers["Location"] = f"v1/tenders/{tender_id}/amendments/{amendment.id}"
    return _shown(amendment)


@router.post("/v1/tenders/{tender_id}/amendments/{amendment_id}/publication")
async def publish_amendment(
    work: CurrentWork,
    tender_id: UUID,
    amendment_id: UUID,
    version: IfMatch,
    actor: Annotated[Actor, allow("amendment.publish")],
) -> AmendmentView:
    """Put an amendment in force as a second person: bids wait to be confirmed, and the deadline moves if it is near."""
    return _shown(await amendments.publish(work, actor, tender_id, amendment_id, version=version))


@router.get("/v1/tenders/{tender_id}/amendments", dependencies=[public()])
async def list_amendments(connection: Reading, tender_id: UUID) -> list[AmendmentView]:
    """List the amendments that were published, by number."""
    return [_shown(amendment) for amendment in await amendments.of_tender(connection, tender_id)]


@router.get("/v1/tenders/{tender_id}/amendments/{amendment_id}", dependencies=[public()])
async def show_amendment(
    connection: Reading, tender_id: UUID, amendment_id: UUID, actor: Annotated[Actor | None, Depends(known)]
) -> AmendmentView:
    """Show an amendment; one that is not in force is shown to its own office only."""
    return _shown(await amendments.amendment(connection, tender_id, amendment_id, actor))


@router.get("/v1/tenders/{tender_id}/versions", dependencies=[public()])
async def list_versions(connection: Reading, tender_id: UUID) -> list[EditionView]:
    """List every content that a tender had since its publication, the first first."""
    return [EditionView.model_validate(edition) for edition in await amendments.versions(connection, tender_id)]


def _shown(amendment: Amendment) -> AmendmentView:
    return AmendmentView(
        id=amendment.id,
        tender=amendment.tender,
        status=amendment.status,
        content=ContentView.model_validate(amendment.new.content),
        reason=amendment.new.reason,
        due_at=amendment.due_at,
        number=amendment.number,
        changed=list(amendment.changed),
        published_at=amendment.published_at,
        old_closes_at=amendment.old_closes_at,
        closes_at=amendment.closes_at,
    )
