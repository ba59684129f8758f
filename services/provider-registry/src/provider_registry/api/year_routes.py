"""Yearly reports and the indices that are worked out from them, as data and as a page that prints."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from fastapi.responses import HTMLResponse

from provider_registry.api.deps import CurrentPack, OrganisationPath, PackAsked
from provider_registry.api.instants import At
from provider_registry.api.pages import page
from provider_registry.api.schemas import Refusal
from provider_registry.api.year_schemas import FiguresBody, IndicesView, YearView, indices_view, year_view
from provider_registry.domain.yearly_report import YearlyReport
from provider_registry.usecases import index_queries, yearly_reports
from shared.kernel.access import Actor
from shared.platform.access import allow, known, public
from shared.platform.commands import CommandRoute, CurrentWork, IfMatch, etag
from shared.platform.reading import Reading

router = APIRouter(tags=["years"], route_class=CommandRoute)

YearPath = Annotated[int, Path(ge=1900, le=2199, description="The year that the financial year ends in.")]
Reader = Annotated[Actor | None, Depends(known)]


@router.put("/v1/providers/{organisation}/years/{year}")
async def enter_year(
    work: CurrentWork,
    organisation: OrganisationPath,
    year: YearPath,
    body: FiguresBody,
    version: IfMatch,
    pack: CurrentPack,
    response: Response,
    actor: Annotated[Actor, allow("year.enter")],
) -> YearView:
    """Enter the figures of a year, or correct them; what was confirmed counts until the correction is."""
    report = await yearly_reports.enter(work, actor, organisation, year, body.figures(), version=version, pack=pack)
    return _shown(report, actor, response)


@router.post("/v1/providers/{organisation}/years/{year}/confirmation")
async def confirm_year(
    work: CurrentWork,
    organisation: OrganisationPath,
    year: YearPath,
    pack: CurrentPack,
    response: Response,
    actor: Annotated[Actor, allow("year.confirm")],
) -> YearView:
    """Confirm the figures of a year; from now on they count."""
    return _shown(await yearly_reports.confirm(work, actor, organisation, year, pack), actor, response)


@router.post("/v1/providers/{organisation}/years/{year}/refusal")
async def refuse_year(
    work: CurrentWork,
    organisation: OrganisationPath,
    year: YearPath,
    body: Refusal,
    response: Response,
    actor: Annotated[Actor, allow("year.refuse")],
) -> YearView:
    """Send the figures of a year back with a reason."""
    return _shown(await yearly_reports.send_back(work, actor, organisation, year, body.reason), actor, response)


@router.get("/v1/providers/{organisation}/years", dependencies=[public()])
async def list_years(connection: Reading, organisation: OrganisationPath, at: At, actor: Reader) -> list[YearView]:
    """List the years that a provider has reported."""
    found = await index_queries.reports(connection, organisation, at)
    return [year_view(report, entered=_sees_entered(actor, organisation)) for report in found]


@router.get("/v1/providers/{organisation}/years/{year}", dependencies=[public()])
async def show_year(
    connection: Reading, organisation: OrganisationPath, year: YearPath, response: Response, actor: Reader
) -> YearView:
    """Show a year of a provider."""
    return _shown(await index_queries.report(connection, organisation, year), actor, response)


@router.get("/v1/providers/{organisation}/indices", dependencies=[public()])
async def show_indices(connection: Reading, organisation: OrganisationPath, at: At, pack: PackAsked) -> IndicesView:
    """Show how independent and how healthy a provider is, with formulas, inputs and peers."""
    return indices_view(await index_queries.indices(connection, organisation, at, pack))


@router.get("/v1/providers/{organisation}/indices/page", dependencies=[public()], response_class=HTMLResponse)
async def print_indices(connection: Reading, organisation: OrganisationPath, at: At, pack: PackAsked) -> HTMLResponse:
    """Print how independent and how healthy a provider is."""
    found = await index_queries.indices(connection, organisation, at, pack)
    return page("indices.html", title=f"Independence and health of {found.name}", found=found)


def _sees_entered(actor: Actor | None, organisation: str) -> bool:
    if actor is None:
        return False
    return actor.organisation == organisation or bool(actor.roles & {"registry-officer", "auditor"})


def _shown(report: YearlyReport, actor: Actor | None, response: Response) -> YearView:
    response.headers["ETag"] = etag(report.version)
    return year_view(report, entered=_sees_entered(actor, report.organisation))
