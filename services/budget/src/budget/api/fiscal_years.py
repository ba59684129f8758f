"""Fiscal years: their days, and what becomes of money at their end."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from budget.api.appropriation_schemas import FiscalYearBody, FiscalYearView, fiscal_year_view
from budget.domain.fiscal_year import FiscalYear
from budget.usecases import fiscal_years, queries
from shared.kernel.access import Actor
from shared.platform.access import allow, public
from shared.platform.commands import CommandRoute, CurrentWork, IfMatch, etag
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
