"""What was granted for each budget line; the budget is public record."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from budget.api.appropriation_schemas import AdjustmentView, Appropriation, LineView, line_view
from budget.usecases import appropriations, queries
from shared.kernel.access import Actor
from shared.platform.access import allow, public
from shared.platform.commands import CommandRoute, CurrentWork
from shared.platform.paging import Cursor, Limit, Page, page, read_identifier
from shared.platform.reading import Reading

router = APIRouter(tags=["appropriations"], route_class=CommandRoute)


@router.post("/v1/appropriations", status_code=201)
async def appropriate(
    work: CurrentWork, body: Appropriation, response: Response, _: Annotated[Actor, allow("budget.appropriate")]
) -> LineView:
    """Enter the original budget of a line, as the legislature granted it; what changes it later is a revision."""
    purpose = appropriations.Purpose(body.code, body.title, body.fiscal_year)
    line = await appropriations.appropriate(work, purpose, body.grant())
    response.headers["Location"] = f"v1/lines/{line.id}"
    return line_view(*await queries.line(work.connection, line.id))


@router.get("/v1/lines", dependencies=[public()])
async def list_lines(connection: Reading, cursor: Cursor = None, limit: Limit = 50) -> Page[LineView]:
    """List the budget lines by code, each with where its money is."""
    found = await queries.lines(connection, read_identifier(cursor), limit + 1)
    return page((line_view(line, balances) for line, balances in found), limit)


@router.get("/v1/lines/{line}", dependencies=[public()])
async def show_line(connection: Reading, line: UUID) -> LineView:
    """Show where a line's money is."""
    return line_view(*await queries.line(connection, line))


@router.get("/v1/lines/{line}/adjustments", dependencies=[public()])
async def list_adjustments(connection: Reading, line: UUID) -> list[AdjustmentView]:
    """List what made of a line's original budget what was granted for it now, oldest first (IPSAS 24)."""
    return [AdjustmentView.model_validate(one) for one in await queries.adjustments(connection, line)]
