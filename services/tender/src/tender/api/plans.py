"""The life of a plan."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from shared.contracts.fields import Amount, Day, Instant, LongText, OrganisationId, PositiveAmount, ShortText
from shared.kernel.access import Actor
from shared.platform.access import allow, known, public
from shared.platform.commands import CommandRoute, CurrentWork, IfMatch, RequiredIfMatch, etag
from shared.platform.paging import AfterId, Limit, Page, page
from shared.platform.reading import Reading
from tender.api.deps import CurrentCatalogues, DefaultPack
from tender.api.schemas import Code, PartyView, ReasonBody, Request, ServiceView, View
from tender.domain.plan import Demand, Plan, PlanStatus, Terms
from tender.domain.plan_events import BudgetShare, Expected
from tender.usecases import plans

router = APIRouter(tags=["plans"], route_class=CommandRoute)


class ShareBody(Request):
    line: UUID
    amount: PositiveAmount


class ExpectedBody(Request):
    tender: Day | None = None
    start: Day | None = None
    end: Day | None = None


class DemandBody(Request):
    """What was found out about the need; the reviewer is another organisation than the author."""

    serves_public: bool | None = None
    complex: bool | None = None
    surveyed: bool | None = None
    surveyed_on: Day | None = None
    survey_reused: bool | None = None
    respondents: Annotated[int, Field(ge=0, le=1_000_000, strict=True)] | None = None
    public_consulted: bool | None = None
    written_by: OrganisationId | None = None
    reviewed_by: OrganisationId | None = None


class TermsBody(Request):
    """What an office says of a need; either one budget line, or a breakdown that adds up to the estimate."""

    title: ShortText
    estimate: PositiveAmount
    budget_line: UUID | None = None
    breakdown: Annotated[list[ShareBody], Field(max_length=50)] = Field(default_factory=list)
    method: Code = "open"
    expected: ExpectedBody | None = None
    demand: DemandBody | None = None
    in_house_cost: PositiveAmount | None = None


class PlanBody(TermsBody):
    """A need; the buyer is the organisation the token speaks for."""

    buyer_name: ShortText
    service: Code
    pack: Code | None = None
    draft: bool = False


class ChangeBody(TermsBody):
    """What is to be said instead; a change of a public plan has a reason."""

    reason: LongText | None = None


class ShareView(View):
    line: UUID
    amount: Amount


class ExpectedView(View):
    tender: date | None
    start: date | None
    end: date | None


class DemandView(View):
    serves_public: bool | None
    complex: bool | None
    surveyed: bool | None
    surveyed_on: date | None
    survey_reused: bool | None
    respondents: int | None
    public_consulted: bool | None
    written_by: str | None
    reviewed_by: str | None


class RevisionView(View):
    version: int
    changed_at: Instant
    reason: str
    title: str
    estimate: Amount
    method: str


class PlanView(View):
    id: UUID
    title: str
    buyer: PartyView
    service: ServiceView
    estimate: Amount
    budget_line: UUID
    breakdown: Annotated[list[ShareView], Field(validation_alias="shares")]
    method: str
    expected: ExpectedView | None
    demand: DemandView | None
    in_house_cost: Amount | None
    status: PlanStatus
    pack: str
    catalogue: str | None
    approval_needed: bool
    approved: bool
    scheduled_at: Instant | None
    due_at: Instant | None
    ended_because: str | None
    history: list[RevisionView]


@router.post("/v1/plans", status_code=201)
async def plan_need(
    work: CurrentWork,
    body: PlanBody,
    catalogues: CurrentCatalogues,
    default: DefaultPack,
    response: Response,
    actor: Annotated[Actor, allow("plan.make")],
) -> PlanView:
    """Enter a need in the procurement plan, if the catalogue has its service and the negative list does not.

    It is public at once, unless it is kept as a draft or its service may be outsourced only with an approval.
    """
    new = plans.NewPlan(body.buyer_name, body.service, body.pack or default, _terms(body), keep_as_draft=body.draft)
    plan = await plans.plan_need(work, actor, new, catalogues)
    response.headers["Location"] = f"v1/plans/{plan.id}"
    return _shown(plan, response)


@router.put("/v1/plans/{plan_id}")
async def change_plan(
    work: CurrentWork,
    plan_id: UUID,
    body: ChangeBody,
    version: RequiredIfMatch,
    response: Response,
    actor: Annotated[Actor, allow("plan.change")],
) -> PlanView:
    """Say something else of a need; of a public plan what was said before stays in its history."""
    plan = await plans.change(work, actor, plan_id, _terms(body), body.reason, version=version)
    return _shown(plan, response)


@router.post("/v1/plans/{plan_id}/approval")
async def approve_plan(
    work: CurrentWork,
    plan_id: UUID,
    catalogues: CurrentCatalogues,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("plan.approve")],
) -> PlanView:
    """Approve, as a second person, a plan whose service may be outsourced only so."""
    return _shown(await plans.approve(work, actor, plan_id, catalogues, version=version), response)


@router.post("/v1/plans/{plan_id}/schedule")
async def schedule_plan(
    work: CurrentWork,
    plan_id: UUID,
    catalogues: CurrentCatalogues,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("plan.schedule")],
) -> PlanView:
    """Make the intention public; tenders may be drafted from now on."""
    return _shown(await plans.schedule(work, actor, plan_id, catalogues, version=version), response)


@router.post("/v1/plans/{plan_id}/completion")
async def complete_plan(
    work: CurrentWork,
    plan_id: UUID,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("plan.complete")],
) -> PlanView:
    """Close a plan whose tenders are all done."""
    return _shown(await plans.complete(work, actor, plan_id, version=version), response)


@router.post("/v1/plans/{plan_id}/cancellation")
async def cancel_plan(
    work: CurrentWork,
    plan_id: UUID,
    body: ReasonBody,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("plan.cancel")],
) -> PlanView:
    """Give a need up, with the reason."""
    return _shown(await plans.cancel(work, actor, plan_id, body.reason, version=version), response)


@router.get("/v1/plans", dependencies=[public()])
async def list_plans(
    connection: Reading,
    after: AfterId,
    limit: Limit = 50,
    status: PlanStatus | None = None,
    buyer: Annotated[OrganisationId | None, Query()] = None,
    service: Annotated[Code | None, Query()] = None,
) -> Page[PlanView]:
    """List plans, the newest first; drafts are not public."""
    found = await plans.listed(connection, after, limit + 1, status=status, buyer=buyer, service=service)
    return page(map(_view, found), limit)


@router.get("/v1/plans/{plan_id}", dependencies=[public()])
async def show_plan(
    connection: Reading, plan_id: UUID, response: Response, actor: Annotated[Actor | None, Depends(known)]
) -> PlanView:
    """Show a planned need; a draft is shown to its own office only."""
    return _shown(await plans.show(connection, plan_id, actor), response)


def _shown(plan: Plan, response: Response) -> PlanView:
    response.headers["ETag"] = etag(plan.version)
    return _view(plan)


def _view(plan: Plan) -> PlanView:
    return PlanView.model_validate(plan)


def _terms(body: TermsBody) -> Terms:
    shares = [BudgetShare(share.line, share.amount) for share in body.breakdown]
    if body.budget_line is not None and not shares:
        shares = [BudgetShare(body.budget_line, body.estimate)]
    return Terms(
        title=body.title,
        estimate=body.estimate,
        breakdown=tuple(shares),
        method=body.method,
        expected=Expected(**body.expected.model_dump()) if body.expected else None,
        demand=Demand(**body.demand.model_dump()) if body.demand else None,
        in_house_cost=body.in_house_cost,
    )
