"""Contracts as others published them."""

from fastapi import APIRouter

from evaluation.api.deps import AfterId, ContractPath
from evaluation.api.schemas.contracts import ContractView
from evaluation.usecases import queries
from shared.platform.access import public
from shared.platform.paging import Limit, Page, write_cursor
from shared.platform.reading import Reading

router = APIRouter(tags=["contracts"])


@router.get("/v1/contracts", dependencies=[public()])
async def list_contracts(connection: Reading, after: AfterId, limit: Limit = 50) -> Page[ContractView]:
    """List contracts."""
    found = await queries.contracts(connection, after, limit + 1)
    items = [ContractView.model_validate(contract) for contract in found[:limit]]
    return Page(items=items, next=write_cursor(str(items[-1].id)) if len(found) > limit else None)


@router.get("/v1/contracts/{contract}", dependencies=[public()])
async def show_contract(connection: Reading, contract: ContractPath) -> ContractView:
    """Show one contract."""
    return ContractView.model_validate(await queries.contract(connection, contract))
