"""Capacity programmes: calls of offices, applications of providers, decisions, outcomes and results."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response

from provider_registry.api.deps import CurrentPack, OrganisationPath, PackAsked
from provider_registry.api.instants import At
from provider_registry.api.programme_schemas import (
    ApplicationBody,
    ApplicationView,
    AssessmentBody,
    DecisionBody,
    OutcomeBody,
    ProgrammeBody,
    ProgrammeView,
    ResultsView,
    application_view,
    comparison_view,
    programme_view,
)
from provider_registry.domain.application import Application
from provider_registry.domain.programme import Programme
from provider_registry.usecases import programme_queries, programmes
from shared.contracts.fields import ShortText
from shared.kernel.access import Actor
from shared.kernel.ids import new_id
from shared.platform.access import allow, known, public
from shared.platform.commands import CommandRoute, CurrentWork
from shared.platform.paging import AfterId, Limit, Page, page
from shared.platform.reading import Now, Reading

router = APIRouter(tags=["programmes"], route_class=CommandRoute)

Reader = Annotated[Actor | None, Depends(known)]
Open = Annotated[bool, Query(alias="open", description="Only calls that are not over.")]
MilestonePath = Annotated[ShortText, Path(description="The milestone's code.")]
_APPLICATION = "/v1/programmes/{programme}/applications/{organisation}"


@router.post("/v1/programmes", status_code=201)
async def open_programme(
    work: CurrentWork,
    body: ProgrammeBody,
    pack: CurrentPack,
    response: Response,
    actor: Annotated[Actor, allow("programme.open")],
) -> ProgrammeView:
    """Call for applications, for the office that the token speaks for."""
    programme = Programme(
        id=new_id(),
        version=1,
        organisation=actor.organisation,
        title=body.title,
        kind=body.kind,
        summary=body.summary,
        criteria=tuple(body.criteria),
        categories=tuple(body.categories),
        opens_at=body.opens_at,
        closes_at=body.closes_at,
        decision_due=pack.ends_at("capacity.application-decision", body.closes_at),
    )
    opened = await programmes.open_call(work, programme)
    response.headers["Location"] = f"v1/programmes/{opened.id}"
    return programme_view(opened)


@router.get("/v1/programmes", dependencies=[public()])
async def list_programmes(
    connection: Reading, now: Now, after: AfterId, limit: Limit = 50, only_open: Open = False
) -> Page[ProgrammeView]:
    """List programmes."""
    found = await programme_queries.page(connection, after, limit + 1, now if only_open else None)
    return page(map(programme_view, found), limit)


@router.get("/v1/programmes/{programme}", dependencies=[public()])
async def show_programme(connection: Reading, programme: UUID) -> ProgrammeView:
    """Show a programme."""
    return programme_view(await programme_queries.programme(connection, programme))


@router.get("/v1/programmes/{programme}/applications", dependencies=[public()])
async def list_applications(connection: Reading, programme: UUID, actor: Reader) -> list[ApplicationView]:
    """List the applications for a programme, with decisions and outcomes."""
    return [_shown(one, actor) for one in await programme_queries.applications(connection, programme)]


@router.get("/v1/programmes/{programme}/results", dependencies=[public()])
async def show_results(connection: Reading, programme: UUID, at: At, pack: PackAsked) -> ResultsView:
    """Show how those who were granted were graded before and after, where enough periods are graded."""
    needed, found = await programme_queries.results(connection, programme, at, pack)
    return ResultsView(programme=programme, at=at, needed=needed, categories=[comparison_view(one) for one in found])


@router.post("/v1/programmes/{programme}/applications", status_code=201)
async def apply_for_programme(
    work: CurrentWork, programme: UUID, body: ApplicationBody, actor: Annotated[Actor, allow("application.apply")]
) -> ApplicationView:
    """Apply for a programme, for the provider that the token speaks for."""
    return _shown(await programmes.apply(work, actor, programme, body.text), actor)


@router.post(f"{_APPLICATION}/withdrawal")
async def withdraw_application(
    work: CurrentWork,
    programme: UUID,
    organisation: OrganisationPath,
    actor: Annotated[Actor, allow("application.withdraw")],
) -> ApplicationView:
    """Take an application back."""
    return _shown(await programmes.withdraw(work, actor, programme, organisation), actor)


@router.post(f"{_APPLICATION}/assessment")
async def assess_application(
    work: CurrentWork,
    programme: UUID,
    organisation: OrganisationPath,
    body: AssessmentBody,
    actor: Annotated[Actor, allow("application.assess")],
) -> ApplicationView:
    """Assess an application on the criteria of the call."""
    assessed = await programmes.assess(
        work, actor, programme, organisation, recommended=body.recommended, text=body.text
    )
    return _shown(assessed, actor)


@router.post(f"{_APPLICATION}/decision")
async def decide_application(
    work: CurrentWork,
    programme: UUID,
    organisation: OrganisationPath,
    body: DecisionBody,
    pack: CurrentPack,
    actor: Annotated[Actor, allow("application.decide")],
) -> ApplicationView:
    """Grant or decline an application, as another person than who assessed it."""
    decided = await programmes.decide(
        work,
        actor,
        programme,
        organisation,
        granted=body.granted,
        reasons=body.reasons,
        milestones=body.parts(),
        pack=pack,
    )
    return _shown(decided, actor)


@router.post(_APPLICATION + "/milestones/{milestone}/outcome")
async def record_outcome(
    work: CurrentWork,
    programme: UUID,
    organisation: OrganisationPath,
    milestone: MilestonePath,
    body: OutcomeBody,
    actor: Annotated[Actor, allow("application.record-outcome")],
) -> ApplicationView:
    """Record whether a milestone was reached."""
    recorded = await programmes.record_outcome(
        work, actor, programme, organisation, milestone, reached=body.reached, outcome=body.outcome
    )
    return _shown(recorded, actor)


def _shown(application: Application, actor: Actor | None) -> ApplicationView:
    inside = actor is not None and actor.organisation in {application.organisation, application.office}
    return application_view(application, inside=inside)
