"""Scores, award, contract."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from shared.kernel.access import Actor
from shared.platform.access import allow, public
from shared.platform.commands import CommandRoute, CurrentWork, IfMatch, etag
from shared.platform.reading import Reading
from tender.api.deps import DryRun
from tender.api.schemas import Code, ContractView, ReasonBody, TenderView, show_tender
from tender.domain.contract import Contract
from tender.usecases import awarding, queries

router = APIRouter(tags=["awards and contracts"], route_class=CommandRoute)


@router.post("/v1/tenders/{tender_id}/lots/{lot_id}/award")
async def propose_award(
    work: CurrentWork,
    tender_id: UUID,
    lot_id: Code,
    version: IfMatch,
    response: Response,
    dry_run: DryRun,
    actor: Annotated[Actor, allow("award.propose")],
) -> TenderView:
    """Rank the bids of a lot and propose the award; the standstill begins. A dry run ranks none."""
    # Nobody sees the scores before the proposal, and a dry run is none.
    act = awarding.may_be_proposed if dry_run else awarding.propose
    return show_tender(await act(work, actor, tender_id, lot_id, version=version), response)


@router.post("/v1/tenders/{tender_id}/lots/{lot_id}/award/confirmation")
async def confirm_award(
    work: CurrentWork,
    tender_id: UUID,
    lot_id: Code,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("award.confirm")],
) -> TenderView:
    """Confirm the award of a lot as a second person, after the standstill; the contract is generated."""
    return show_tender(await awarding.confirm(work, actor, tender_id, lot_id, version=version), response)


@router.post("/v1/tenders/{tender_id}/lots/{lot_id}/award/cancellation")
async def cancel_award(
    work: CurrentWork,
    tender_id: UUID,
    lot_id: Code,
    body: ReasonBody,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("award.cancel")],
) -> TenderView:
    """Take a proposed award back; the lot goes on with the next in the ranking."""
    return show_tender(await awarding.cancel(work, actor, tender_id, lot_id, body.reason, version=version), response)


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


def _contract(contract: Contract, response: Response) -> ContractView:
    response.headers["ETag"] = etag(contract.version)
    return ContractView.model_validate(contract)
