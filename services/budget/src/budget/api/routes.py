"""The budget's API; the budget is public record, so everything in it may be read by anybody."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response

from budget.api.schemas import (
    Appropriation,
    FundsView,
    LineView,
    PaymentView,
    TransferView,
    funds_view,
    line_view,
    payment_view,
)
from budget.usecases import commands, queries
from shared.contracts.fields import Ocid
from shared.kernel.access import Actor
from shared.platform.access import allow, public
from shared.platform.commands import CommandRoute, CurrentWork, etag
from shared.platform.operations import OverdueItem
from shared.platform.paging import Cursor, Limit, Page, page, read_identifier
from shared.platform.reading import Now, Reading

router = APIRouter(tags=["budget"], route_class=CommandRoute)

OcidPath = Annotated[Ocid, Path(description="The contracting process (OCDS).")]


@router.post("/v1/appropriations", status_code=201)
async def appropriate(
    work: CurrentWork, body: Appropriation, response: Response, _: Annotated[Actor, allow("budget.appropriate")]
) -> LineView:
    """Enter an amount that the legislature granted; a further one for the same line adds to it."""
    line = await commands.appropriate(
        work, code=body.code, title=body.title, fiscal_year=body.fiscal_year, amount=body.amount
    )
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


@router.get("/v1/lines/{line}/transfers", dependencies=[public()])
async def list_transfers(
    connection: Reading, line: UUID, cursor: Cursor = None, limit: Limit = 50
) -> Page[TransferView]:
    """List every movement of a line's money, oldest first; its balances are what these add up to."""
    found = await queries.transfers(connection, line, read_identifier(cursor), limit + 1)
    return page(map(TransferView.model_validate, found), limit)


@router.get("/v1/procedures/{ocid}", dependencies=[public()])
async def show_procedure(connection: Reading, ocid: OcidPath, response: Response) -> FundsView:
    """Show the money of a contracting process: every movement, and how each payment was worked out."""
    funds, transfers = await queries.procedure(connection, ocid)
    response.headers["ETag"] = etag(funds.version)
    return funds_view(funds, transfers)


@router.get("/v1/payments", dependencies=[public()])
async def list_payments(connection: Reading, cursor: Cursor = None, limit: Limit = 50) -> Page[PaymentView]:
    """List what was paid, oldest first."""
    found = await queries.payments(connection, read_identifier(cursor), limit + 1)
    return page(map(payment_view, found), limit)


@router.get("/v1/overdue", dependencies=[public()], tags=["operations"])
async def list_overdue(connection: Reading, now: Now) -> list[OverdueItem]:
    """List what has waited longer than its term."""
    return [OverdueItem.model_validate(item) for item in await queries.overdue(connection, now)]
