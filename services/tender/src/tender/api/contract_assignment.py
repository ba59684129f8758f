"""A contract that goes over to another provider."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from shared.kernel.access import Actor
from shared.platform.access import allow
from shared.platform.commands import CommandRoute
from shared.platform.reading import Reading
from tender.api.contract import CurrentAct
from tender.api.contract_schemas import AssignmentBody, AssignmentRequestView, ContractView
from tender.api.schemas import ReasonBody
from tender.usecases import contract

router = APIRouter(tags=["contracts"], route_class=CommandRoute)


@router.post("/v1/contracts/{contract_id}/assignment", status_code=202)
async def request_assignment(
    act: CurrentAct,
    contract_id: UUID,
    body: AssignmentBody,
    actor: Annotated[Actor, allow("contract.request-assignment")],
) -> ContractView:
    """Ask, as the supplier, that another provider takes the contract over, where a rule allows the exception."""
    return act.shown(
        await contract.request_assignment(
            act.work,
            actor,
            contract_id,
            supplier=body.supplier,
            ground=body.ground,
            reason=body.reason,
            version=act.version,
        )
    )


@router.get("/v1/contracts/{contract_id}/assignment")
async def show_requested_assignment(
    connection: Reading, contract_id: UUID, actor: Annotated[Actor, allow("contract.read-assignment")]
) -> AssignmentRequestView:
    """Read, as the buyer or one of the two providers, what was asked for and what became of it."""
    return AssignmentRequestView.model_validate(await contract.requested_assignment(connection, actor, contract_id))


@router.post("/v1/contracts/{contract_id}/assignment/consent")
async def consent_to_assignment(
    act: CurrentAct, contract_id: UUID, actor: Annotated[Actor, allow("contract.consent-to-assignment")]
) -> ContractView:
    """Agree, as the provider that is to take the contract over; the registry must know it as verified."""
    return act.shown(await contract.consent_to_assignment(act.work, actor, contract_id, version=act.version))


@router.post("/v1/contracts/{contract_id}/assignment/approval")
async def approve_assignment(
    act: CurrentAct, contract_id: UUID, actor: Annotated[Actor, allow("contract.approve-assignment")]
) -> ContractView:
    """Approve, as a first person of the buyer's office, what both providers want."""
    return act.shown(await contract.approve_assignment(act.work, actor, contract_id, version=act.version))


@router.post("/v1/contracts/{contract_id}/assignment/refusal")
async def refuse_assignment(
    act: CurrentAct, contract_id: UUID, body: ReasonBody, actor: Annotated[Actor, allow("contract.assign")]
) -> ContractView:
    """Refuse that the contract goes over; both providers read why."""
    return act.shown(await contract.refuse_assignment(act.work, actor, contract_id, body.reason, version=act.version))


@router.post("/v1/contracts/{contract_id}/assignment/confirmation")
async def confirm_assignment(
    act: CurrentAct, contract_id: UUID, actor: Annotated[Actor, allow("contract.assign")]
) -> ContractView:
    """Let the contract go over, as a second person; who takes it over is held to what a bidder is held to."""
    return act.shown(await contract.assign(act.work, actor, contract_id, version=act.version))
