"""Fiscal years: their days, what becomes of money at their end, and the closing of their books."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from budget.api.appropriation_schemas import (
    FiscalYearBody,
    FiscalYearView,
    OpeningView,
    RejectionBody,
    RenewalView,
    fiscal_year_view,
)
from budget.domain.fiscal_year import FiscalYear
from budget.usecases import fiscal_years, queries, year_end
from shared.kernel.access import Actor
from shared.platform.access import allow, public
from shared.platform.commands import CommandRoute, CurrentWork, IfMatch, RequiredIfMatch, etag
from shared.platform.reading import Reading

router = APIRouter(tags=["fiscal years"], route_class=CommandRoute)

YearPath = Annotated[int, Path(ge=1900, le=2199, description="The calendar year in which it begins or ends.")]


@router.put("/v1/fiscal-years/{year}")
async def declare_fiscal_year(
    work: CurrentWork,
    year: YearPath,
    body: FiscalYearBody,
    version: IfMatch,
    response: Response,
    _: Annotated[Actor, allow("budget.declare-year")],
) -> FiscalYearView:
    """Declare a fiscal year, or change it; its days stand once money was granted for it."""
    declared = await fiscal_years.declare(
        work,
        year,
        starts=body.starts,
        ends=body.ends,
        time_zone=body.time_zone,
        policy=body.policy,
        version=version,
    )
    return _shown(declared, response)


@router.post("/v1/fiscal-years/{year}/closing")
async def propose_closing(
    work: CurrentWork,
    year: YearPath,
    version: RequiredIfMatch,
    response: Response,
    actor: Annotated[Actor, allow("budget.close-year")],
) -> FiscalYearView:
    """Propose to close the books of a year that has ended; nothing is closed yet."""
    return _shown(await year_end.propose(work, actor, year, version=version), response)


@router.post("/v1/fiscal-years/{year}/closing/approval")
async def approve_closing(
    work: CurrentWork,
    year: YearPath,
    version: RequiredIfMatch,
    response: Response,
    actor: Annotated[Actor, allow("budget.close-year")],
) -> FiscalYearView:
    """Close the books of a year for good, as another person than proposed it."""
    return _shown(await year_end.close(work, actor, year, version=version), response)


@router.post("/v1/fiscal-years/{year}/closing/rejection")
async def reject_closing(
    work: CurrentWork,
    year: YearPath,
    body: RejectionBody,
    version: RequiredIfMatch,
    response: Response,
    _: Annotated[Actor, allow("budget.close-year")],
) -> FiscalYearView:
    """Leave the books of a year open, with the reason."""
    return _shown(await year_end.reject(work, year, version=version, reason=body.reason), response)


@router.post("/v1/fiscal-years/{year}/opening")
async def open_fiscal_year(
    work: CurrentWork, year: YearPath, _: Annotated[Actor, allow("budget.open-year")]
) -> OpeningView:
    """Fund by the year's budget what lapsed or was left to it; what the budget lacks may be asked for again."""
    opening = await year_end.open_year(work, year)
    return OpeningView(
        funded=[RenewalView(ocid=ocid, amount=amount) for ocid, amount in opening.funded],
        refused=[RenewalView(ocid=ocid, amount=amount) for ocid, amount in opening.refused],
    )


@router.get("/v1/fiscal-years", dependencies=[public()])
async def list_fiscal_years(connection: Reading) -> list[FiscalYearView]:
    """List the fiscal years that were declared."""
    return [fiscal_year_view(year) for year in await queries.declared_years(connection)]


@router.get("/v1/fiscal-years/{year}", dependencies=[public()])
async def show_fiscal_year(connection: Reading, year: YearPath, response: Response) -> FiscalYearView:
    """Show a fiscal year; one that nobody declared is the calendar year."""
    return _shown(await queries.fiscal_year(connection, year), response)


def _shown(year: FiscalYear, response: Response) -> FiscalYearView:
    response.headers["ETag"] = etag(year.version)
    return fiscal_year_view(year)
