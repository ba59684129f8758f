"""Scores, award, contract."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from shared.kernel.access import Actor
from shared.platform.access import allow, public
from shared.platform.commands import CommandRoute, CurrentWork, IfMatch, etag
from shared.platform.reading import Reading
from tender.api.deps import DryRun
from tender.api.schemas import ContractView, TenderView
from tender.domain.contract import Contract
from tender.domain.tender import Tender
from tender.usecases import awarding, queries

router = APIRouter(tags=["awards and contracts"], route_class=CommandRoute)


@router.post("/v1/tenders/{tender_id}/award")
async def propose_award(
    work: CurrentWork,
    tender_id: UUID,
    version: IfMatch,
    response: Response,
    dry_run: DryRun,
    actor: Annotated[Actor, allow("award.propose")],
) -> TenderView:
    """Rank the bids and propose the award; the standstill begins. A dry run ranks none."""
    # Nobody sees the scores before the proposal, and a dry run is none.
    act = awarding.may_be_proposed if dry_run else awarding.propose
    return _tender(await act(work, actor, tender_id, version=version), response)


@router.post("/v1/tenders/{tender_id}/award/confirmation")
async def confirm_award(
    work: CurrentWork,
    tender_id: UUID,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("award.confirm")],
) -> TenderView:
    """Confirm the award as a second person, after the standstill; the contract is generated."""
    return _tender(await awarding.confirm(work, actor, tender_id, version=version), response)


@router.get("/v1/contracts/{contract_id}", dependencies=[public()])
async def show_contract(connection: Reading, contract_id: UUID, response: Response) -> ContractView:
    """Show a contract."""
    return _contract(await queries.contract(connection, contract_id), response)


@router.post("/v1/contracts/{contract_id}/supplier-signature")
async def sign_as_supplier(
    work: CurrentWork,
    contract_id: UUID,
    response: Response,
    actor: Annotated[Actor, allow("contract.sign-as-supplier")],
) -> ContractView:
    """Sign as the supplier, first."""
    return _contract(await awarding.sign_as_supplier(work, actor, contract_id), response)


@router.post("/v1/contracts/{contract_id}/buyer-signature")
async def sign_as_buyer(
    work: CurrentWork,
    contract_id: UUID,
    response: Response,
    actor: Annotated[Actor, allow("contract.sign-as-buyer")],
) -> ContractView:
    """Sign as the buyer, second; the contract is in force."""
    return _contract(await awarding.sign_as_buyer(work, actor, contract_id), response)


def _tender(tender: Tender, response: Response) -> TenderView:
    response.headers["ETag"] = etag(tender.version)
    return TenderView.model_validate(tender)


def _contract(contract: Contract, response: Response) -> ContractView:
    response.headers["ETag"] = etag(contract.version)
    return ContractView.model_validate(contract)
