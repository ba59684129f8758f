"""A contract, from its generation to its end."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response

from shared.kernel.access import Actor
from shared.platform.access import allow, public
from shared.platform.commands import CommandRoute, CurrentWork, IfMatch, etag
from shared.platform.reading import Reading
from tender.api.contract_schemas import (
    AssignmentBody,
    ChangeBody,
    ClosingBody,
    ContractView,
    HandoverBody,
    NonSignatureBody,
    SecurityBody,
    SecurityReturnBody,
    SettlementBody,
    SuspensionBody,
    TerminationBody,
)
from tender.api.schemas import ReasonBody
from tender.domain.contract import Contract
from tender.domain.contract_change import Wish
from tender.domain.contract_parts import Document
from tender.domain.handover import Settlement
from tender.domain.parts import Milestone
from tender.usecases import contract, queries

router = APIRouter(tags=["contracts"], route_class=CommandRoute)
Kind = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,40}$", description="An item of the handover.")]
OptionId = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9.-]{0,79}$", description="An option of the contract.")]


@router.get("/v1/contracts/{contract_id}", dependencies=[public()])
async def show_contract(connection: Reading, contract_id: UUID, response: Response) -> ContractView:
    """Show a contract."""
    return _shown(await queries.contract(connection, contract_id), response)


@router.post("/v1/contracts/{contract_id}/supplier-signature")
async def sign_as_supplier(
    work: CurrentWork,
    contract_id: UUID,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("contract.sign-as-supplier")],
) -> ContractView:
    """Sign as the supplier, first."""
    return _shown(await contract.sign_as_supplier(work, actor, contract_id, version=version), response)


@router.post("/v1/contracts/{contract_id}/buyer-signature")
async def sign_as_buyer(
    work: CurrentWork,
    contract_id: UUID,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("contract.sign-as-buyer")],
) -> ContractView:
    """Sign as the buyer, second; the contract is in force."""
    return _shown(await contract.sign_as_buyer(work, actor, contract_id, version=version), response)


@router.post("/v1/contracts/{contract_id}/non-signature")
async def record_non_signature(
    work: CurrentWork,
    contract_id: UUID,
    body: NonSignatureBody,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("contract.record-non-signature")],
) -> ContractView:
    """Record, after the deadline, that the supplier did not sign or gave no security."""
    return _shown(
        await contract.record_non_signature(work, actor, contract_id, body.code, body.reason, version=version), response
    )


@router.post("/v1/contracts/{contract_id}/security")
async def receive_security(
    work: CurrentWork,
    contract_id: UUID,
    body: SecurityBody,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("contract.receive-security")],
) -> ContractView:
    """Record the performance security that the supplier gave."""
    return _shown(
        await contract.receive_security(
            work, actor, contract_id, amount=body.amount, kind=body.kind, received_on=body.received_on, version=version
        ),
        response,
    )


@router.post("/v1/contracts/{contract_id}/security/return")
async def return_security(
    work: CurrentWork,
    contract_id: UUID,
    body: SecurityReturnBody,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("contract.return-security")],
) -> ContractView:
    """Record that the supplier has its security back."""
    return _shown(
        await contract.return_security(work, actor, contract_id, returned_on=body.returned_on, version=version),
        response,
    )


@router.post("/v1/contracts/{contract_id}/changes", status_code=202)
async def propose_change(
    work: CurrentWork,
    contract_id: UUID,
    body: ChangeBody,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("contract.propose-change")],
) -> ContractView:
    """Propose a change; the budget is asked for its funds first."""
    return _shown(await contract.propose_change(work, actor, contract_id, _wish(body), version=version), response)


@router.post("/v1/contracts/{contract_id}/options/{option}/exercise", status_code=202)
async def exercise_option(
    work: CurrentWork,
    contract_id: UUID,
    option: OptionId,
    body: ReasonBody,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("contract.propose-change")],
) -> ContractView:
    """Begin to exercise an option, which takes the course of a change."""
    return _shown(
        await contract.exercise_option(work, actor, contract_id, option, body.reason, version=version), response
    )


@router.post("/v1/contracts/{contract_id}/changes/{change_id}/approval")
async def approve_change(
    work: CurrentWork,
    contract_id: UUID,
    change_id: UUID,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("contract.approve-change")],
) -> ContractView:
    """Approve a funded change as a second person."""
    return _shown(await contract.approve_change(work, actor, contract_id, change_id, version=version), response)


@router.post("/v1/contracts/{contract_id}/changes/{change_id}/supplier-signature")
async def sign_change_as_supplier(
    work: CurrentWork,
    contract_id: UUID,
    change_id: UUID,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("contract.sign-as-supplier")],
) -> ContractView:
    """Sign a change as the supplier, first."""
    return _shown(
        await contract.sign_change_as_supplier(work, actor, contract_id, change_id, version=version), response
    )


@router.post("/v1/contracts/{contract_id}/changes/{change_id}/buyer-signature")
async def sign_change_as_buyer(
    work: CurrentWork,
    contract_id: UUID,
    change_id: UUID,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("contract.sign-as-buyer")],
) -> ContractView:
    """Sign a change as the buyer, second; it is in force."""
    return _shown(await contract.sign_change_as_buyer(work, actor, contract_id, change_id, version=version), response)


@router.post("/v1/contracts/{contract_id}/changes/{change_id}/withdrawal")
async def withdraw_change(
    work: CurrentWork,
    contract_id: UUID,
    change_id: UUID,
    body: ReasonBody,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("contract.propose-change")],
) -> ContractView:
    """Withdraw a change that is not in force."""
    return _shown(
        await contract.withdraw_change(work, actor, contract_id, change_id, body.reason, version=version), response
    )


@router.post("/v1/contracts/{contract_id}/suspension")
async def suspend(
    work: CurrentWork,
    contract_id: UUID,
    body: SuspensionBody,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("contract.suspend")],
) -> ContractView:
    """Let a contract rest, until an instant that is known from the start."""
    return _shown(
        await contract.suspend(work, actor, contract_id, reason=body.reason, until=body.until, version=version),
        response,
    )


@router.post("/v1/contracts/{contract_id}/resumption")
async def resume(
    work: CurrentWork,
    contract_id: UUID,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("contract.suspend")],
) -> ContractView:
    """Bring a suspended contract back into force before its time."""
    return _shown(await contract.resume(work, actor, contract_id, version=version), response)


@router.post("/v1/contracts/{contract_id}/assignment")
async def assign(
    work: CurrentWork,
    contract_id: UUID,
    body: AssignmentBody,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("contract.assign")],
) -> ContractView:
    """Let another provider take a contract over, where a rule allows the exception."""
    return _shown(
        await contract.assign(
            work, actor, contract_id, supplier=body.supplier, ground=body.ground, reason=body.reason, version=version
        ),
        response,
    )


@router.post("/v1/contracts/{contract_id}/termination", status_code=202)
async def propose_termination(
    work: CurrentWork,
    contract_id: UUID,
    body: TerminationBody,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("contract.propose-end")],
) -> ContractView:
    """Propose to end a contract before its term."""
    return _shown(
        await contract.propose_termination(
            work, actor, contract_id, ground=body.ground, reason=body.reason, last_day=body.last_day, version=version
        ),
        response,
    )


@router.post("/v1/contracts/{contract_id}/termination/consent")
async def consent_to_termination(
    work: CurrentWork,
    contract_id: UUID,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("contract.consent-to-end")],
) -> ContractView:
    """Agree, as the supplier, to an end by agreement that was proposed."""
    return _shown(await contract.consent_to_termination(work, actor, contract_id, version=version), response)


@router.post("/v1/contracts/{contract_id}/termination/confirmation")
async def confirm_termination(
    work: CurrentWork,
    contract_id: UUID,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("contract.confirm-end")],
) -> ContractView:
    """Settle, as a second person, that a contract ends; the handover begins."""
    return _shown(await contract.confirm_termination(work, actor, contract_id, version=version), response)


@router.post("/v1/contracts/{contract_id}/closing", status_code=202)
async def propose_closing(
    work: CurrentWork,
    contract_id: UUID,
    body: ClosingBody,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("contract.propose-end")],
) -> ContractView:
    """Propose to close a contract whose service has ended, with what was paid in all."""
    return _shown(
        await contract.propose_closing(
            work,
            actor,
            contract_id,
            amount_paid=body.amount_paid,
            without_handover=body.without_handover,
            version=version,
        ),
        response,
    )


@router.post("/v1/contracts/{contract_id}/closing/confirmation")
async def confirm_closing(
    work: CurrentWork,
    contract_id: UUID,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("contract.confirm-end")],
) -> ContractView:
    """Close a contract as a second person."""
    return _shown(await contract.confirm_closing(work, actor, contract_id, version=version), response)


@router.post("/v1/contracts/{contract_id}/handover")
async def plan_handover(
    work: CurrentWork,
    contract_id: UUID,
    body: HandoverBody,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("contract.plan-handover")],
) -> ContractView:
    """Begin the handover before the contract ends."""
    return _shown(await contract.plan_handover(work, actor, contract_id, due=body.due_at, version=version), response)


@router.post("/v1/contracts/{contract_id}/handover/{kind}/settlement")
async def settle_item(
    work: CurrentWork,
    contract_id: UUID,
    kind: Kind,
    body: SettlementBody,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("contract.hand-over")],
) -> ContractView:
    """Say, as the responsible side, that an item was handed over or why there is nothing to hand over."""
    return _shown(
        await contract.settle_item(
            work,
            actor,
            contract_id,
            kind,
            Settlement(applicable=body.applicable, note=body.note, successor=body.successor),
            version=version,
        ),
        response,
    )


@router.post("/v1/contracts/{contract_id}/handover/{kind}/confirmation")
async def confirm_item(
    work: CurrentWork,
    contract_id: UUID,
    kind: Kind,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("contract.hand-over")],
) -> ContractView:
    """Confirm, as the other side, what was said of an item."""
    return _shown(await contract.confirm_item(work, actor, contract_id, kind, version=version), response)


@router.post("/v1/contracts/{contract_id}/handover/{kind}/objection")
async def object_to_item(
    work: CurrentWork,
    contract_id: UUID,
    kind: Kind,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("contract.hand-over")],
) -> ContractView:
    """Say, as the other side, that an item was not handed over; it is open again."""
    return _shown(await contract.object_to_item(work, actor, contract_id, kind, version=version), response)


def _wish(body: ChangeBody) -> Wish:
    return Wish(
        ground=body.ground,
        reason=body.reason,
        difference=body.difference,
        end=body.end,
        milestones=tuple(Milestone(one.period, one.start, one.end, one.amount) for one in body.milestones),
        documents=tuple(Document(one.title, one.digest) for one in body.documents),
    )


def _shown(shown: Contract, response: Response) -> ContractView:
    response.headers["ETag"] = etag(shown.version)
    return ContractView.model_validate(shown)
