"""Drafts, publication, cancellation."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from shared.kernel.access import Actor
from shared.platform.access import allow, known, public
from shared.platform.commands import CommandRoute, CurrentWork, IfMatch, RequiredIfMatch, etag
from shared.platform.operations import OverdueItem
from shared.platform.paging import Limit, Page, write_cursor
from shared.platform.reading import Now, Reading
from tender.api.deps import AfterId, CurrentCatalogues, CurrentPack, OcidPrefix
from tender.api.schemas import CancellationBody, ContentBody, DraftBody, TenderView, criterion
from tender.domain.parts import Status
from tender.domain.procurement import Procurement
from tender.domain.tender import Content, Tender
from tender.usecases import planning, queries

router = APIRouter(tags=["procedures"], route_class=CommandRoute)


@router.post("/v1/tenders", status_code=201)
async def draft_tender(
    work: CurrentWork,
    body: DraftBody,
    pack: CurrentPack,
    prefix: OcidPrefix,
    response: Response,
    actor: Annotated[Actor, allow("tender.draft")],
) -> TenderView:
    """Draft a tender from its plan; the version of the plan's rule pack that is in force today is pinned to it."""
    tender = await planning.draft(
        work,
        actor,
        body.plan,
        _content(body),
        budget_line=body.budget_line,
        pack=pack,
        acceleration=body.acceleration,
        prefix=prefix,
    )
    response.headers["Location"] = f"v1/tenders/{tender.id}"
    return _shown(tender, response)


@router.put("/v1/tenders/{tender_id}")
async def change_tender(
    work: CurrentWork,
    tender_id: UUID,
    body: ContentBody,
    version: RequiredIfMatch,
    response: Response,
    actor: Annotated[Actor, allow("tender.change")],
) -> TenderView:
    """Rewrite a draft."""
    return _shown(await planning.change(work, actor, tender_id, _content(body), version=version), response)


@router.post("/v1/tenders/{tender_id}/publication", status_code=202)
async def request_publication(
    work: CurrentWork,
    tender_id: UUID,
    catalogues: CurrentCatalogues,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("tender.publish")],
) -> TenderView:
    """Ask, as a second person, for the publication; every precondition is met, and the budget is asked first."""
    return _shown(await planning.request_publication(work, actor, tender_id, catalogues, version=version), response)


@router.post("/v1/tenders/{tender_id}/cancellation")
async def cancel_tender(
    work: CurrentWork,
    tender_id: UUID,
    body: CancellationBody,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("tender.cancel")],
) -> TenderView:
    """End a procedure before a contract; the money is released."""
    return _shown(await planning.cancel(work, actor, tender_id, body.reason, version=version), response)


@router.get("/v1/tenders", dependencies=[public()])
async def list_tenders(
    connection: Reading, after: AfterId, limit: Limit = 50, status: Status | None = None
) -> Page[TenderView]:
    """List tenders, the newest first; drafts are not public."""
    found = await queries.tenders(connection, after, limit + 1, status)
    items = [TenderView.model_validate(tender) for tender in found[:limit]]
    return Page(items=items, next=write_cursor(str(items[-1].id)) if len(found) > limit else None)


@router.get("/v1/tenders/{tender_id}", dependencies=[public()])
async def show_tender(
    connection: Reading, tender_id: UUID, response: Response, actor: Annotated[Actor | None, Depends(known)]
) -> TenderView:
    """Show a tender; a draft is shown to its own office only."""
    return _shown(await queries.tender(connection, tender_id, actor), response)


@router.get("/v1/overdue", dependencies=[public()], tags=["operations"])
async def list_overdue(connection: Reading, now: Now) -> list[OverdueItem]:
    """List what has waited longer than its term."""
    return [OverdueItem.model_validate(item) for item in await queries.overdue(connection, now)]


def _shown(tender: Tender, response: Response) -> TenderView:
    response.headers["ETag"] = etag(tender.version)
    return TenderView.model_validate(tender)


def _content(body: ContentBody) -> Content:
    asked = body.procurement
    return planning.content(
        title=body.title,
        description=body.description,
        value=body.value,
        lots=[(lot.id, lot.title, lot.value) for lot in body.lots],
        criteria=[criterion(item) for item in body.criteria],
        delivery=(body.delivery.start, body.delivery.end, body.delivery.periods),
        procurement=Procurement(
            method=asked.method,
            ground=asked.ground,
            rationale=asked.rationale,
            closes_at=asked.closes_at,
            follows=asked.follows,
            facts=asked.facts,
        ),
    )
