"""Contracts as others published them."""

from fastapi import APIRouter

from evaluation.api.deps import ContractPath
from evaluation.api.schemas.contracts import ContractView
from evaluation.usecases import queries
from shared.platform.access import public
from shared.platform.paging import AfterId, Limit, Page, page
from shared.platform.reading import Reading

router = APIRouter(tags=["contracts"])


@router.get("/v1/contracts", dependencies=[public()])
async def list_contracts(connection: Reading, after: AfterId, limit: Limit = 50) -> Page[ContractView]:
    """List contracts."""
    found = await queries.contracts(connection, after, limit + 1)
    return page(map(ContractView.model_validate, found), limit)


@router.get("/v1/contracts/{contract}", dependencies=[public()])
async def show_contract(connection: Reading, contract: ContractPath) -> ContractView:
    """Show one contract."""
    return ContractView.model_validate(await queries.contract(connection, contract))
