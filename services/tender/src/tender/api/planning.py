"""Plans, drafts, publication."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from shared.kernel.access import Actor
from shared.platform.access import allow, known, public
from shared.platform.commands import CommandRoute, CurrentWork, IfMatch, RequiredIfMatch, etag
from shared.platform.operations import OverdueItem
from shared.platform.paging import Cursor, Limit, Page, read_cursor, write_cursor
from shared.platform.problems import EdgeProblem
from shared.platform.reading import Now, Reading
from tender.api.deps import CurrentCatalogue, CurrentPack, OcidPrefix
from tender.api.requirements import with_requirements
from tender.api.schemas import ContentBody, DraftBody, PlanBody, PlanView, TenderView, criterion
from tender.domain.parts import Status
from tender.domain.tender import Content, Tender
from tender.usecases import planning, queries

router = APIRouter(tags=["procedures"], route_class=CommandRoute)


@router.post("/v1/plans", status_code=201)
async def plan_need(
    work: CurrentWork,
    body: PlanBody,
    catalogue: CurrentCatalogue,
    pack: CurrentPack,
    response: Response,
    actor: Annotated[Actor, allow("plan.make")],
) -> PlanView:
    """Enter a need in the procurement plan, if the catalogue has its service and the negative list does not."""
    new = planning.NewPlan(body.title, body.buyer_name, body.service, body.estimate, body.budget_line)
    plan = await planning.plan_need(work, actor, new, catalogue, pack)
    response.headers["Location"] = f"v1/plans/{plan.id}"
    return PlanView.model_validate(plan)


@router.get("/v1/plans/{plan_id}", dependencies=[public()])
async def show_plan(connection: Reading, plan_id: UUID) -> PlanView:
    """Show a planned need."""
    return PlanView.model_validate(await queries.plan(connection, plan_id))


@router.post("/v1/tenders", status_code=201)
async def draft_tender(
    work: CurrentWork,
    body: DraftBody,
    pack: CurrentPack,
    prefix: OcidPrefix,
    response: Response,
    actor: Annotated[Actor, allow("tender.draft")],
) -> TenderView:
    """Draft a tender from its plan; the rule pack of this day is pinned to it."""
    tender = await planning.draft(
        work, actor, body.plan, content_of(body), pack=pack, acceleration=body.acceleration, prefix=prefix
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
    return _shown(await planning.change(work, actor, tender_id, content_of(body), version=version), response)


@router.post("/v1/tenders/{tender_id}/publication", status_code=202)
async def request_publication(
    work: CurrentWork,
    tender_id: UUID,
    catalogue: CurrentCatalogue,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("tender.publish")],
) -> TenderView:
    """Ask, as a second person, for a tender to be published; the budget is asked for the funds first."""
    return _shown(await planning.request_publication(work, actor, tender_id, catalogue, version=version), response)


@router.get("/v1/tenders", dependencies=[public()])
async def list_tenders(
    connection: Reading, cursor: Cursor = None, limit: Limit = 50, status: Status | None = None
) -> Page[TenderView]:
    """List tenders, the newest first; drafts are not public."""
    found = await queries.tenders(connection, after_cursor(cursor), limit + 1, status)
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


def content_of(body: ContentBody) -> Content:
    """Read what an office wrote, with levels and requirements."""
    return with_requirements(_content(body), body)


def _content(body: ContentBody) -> Content:
    return planning.content(
        title=body.title,
        description=body.description,
        value=body.value,
        lots=[(lot.id, lot.title, lot.value) for lot in body.lots],
        criteria=[criterion(item) for item in body.criteria],
        delivery=(body.delivery.start, body.delivery.end, body.delivery.periods),
    )


def after_cursor(cursor: str | None) -> UUID | None:
    """Read the cursor of a list that is ordered by id."""
    if cursor is None:
        return None
    try:
        return UUID(read_cursor(cursor, 1)[0])
    except ValueError as error:
        raise EdgeProblem(422, "cursor-malformed", "A cursor is the `next` of the page before, unchanged.") from error
