"""The budget's API; the budget is public record, so everything in it may be read by anybody."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response

from budget.api.schemas import (
    FundsView,
    TransferView,
    funds_view,
)
from budget.usecases import queries
from shared.contracts.fields import Ocid
from shared.platform.access import public
from shared.platform.commands import CommandRoute, etag
from shared.platform.operations import OverdueItem
from shared.platform.paging import Cursor, Limit, Page, page, read_identifier
from shared.platform.reading import Now, Reading

router = APIRouter(tags=["budget"], route_class=CommandRoute)

OcidPath = Annotated[Ocid, Path(description="The contracting process (OCDS).")]


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


@router.get("/v1/overdue", dependencies=[public()], tags=["operations"])
async def list_overdue(connection: Reading, now: Now) -> list[OverdueItem]:
    """List what has waited longer than its term."""
    return [OverdueItem.model_validate(item) for item in await queries.overdue(connection, now)]
