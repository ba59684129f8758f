"""A contract, from its generation to its end."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response

from shared.kernel.access import Actor
from shared.platform.access import allow, public
from shared.platform.commands import CommandRoute, CurrentWork, IfMatch, etag
from shared.platform.persons import PersonsKey
from shared.platform.reading import Reading
from tender.api.contract_schemas import (
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


@dataclass(frozen=True, slots=True)
class Act:
    """What every act on a contract comes with."""

    work: CurrentWork
    version: IfMatch
    response: Response

    def shown(self, contract: Contract) -> ContractView:
        """Show the contract as the act left it, with its version as ETag."""
        return show(contract, self.response)


CurrentAct = Annotated[Act, Depends()]


def show(contract: Contract, response: Response) -> ContractView:
    """Show a contract, with its version as ETag."""
    response.headers["ETag"] = etag(contract.version)
    return ContractView.model_validate(contract)


@router.get("/v1/contracts/{contract_id}", dependencies=[public()])
async def show_contract(connection: Reading, contract_id: UUID, response: Response) -> ContractView:
    """Show a contract."""
    return show(await queries.contract(connection, contract_id), response)


@router.post("/v1/contracts/{contract_id}/supplier-signature")
async def sign_as_supplier(
    act: CurrentAct, contract_id: UUID, actor: Annotated[Actor, allow("contract.sign-as-supplier")]
) -> ContractView:
    """Sign as the supplier, first."""
    return act.shown(await contract.sign_as_supplier(act.work, actor, contract_id, version=act.version))


@router.post("/v1/contracts/{contract_id}/buyer-signature")
async def sign_as_buyer(
    act: CurrentAct,
    contract_id: UUID,
    persons_key: PersonsKey,
    actor: Annotated[Actor, allow("contract.sign-as-buyer")],
) -> ContractView:
    """Sign as the buyer, second; the contract is in force."""
    return act.shown(await contract.sign_as_buyer(act.work, actor, contract_id, persons_key, version=act.version))


@router.post("/v1/contracts/{contract_id}/non-signature")
async def record_non_signature(
    act: CurrentAct,
    contract_id: UUID,
    body: NonSignatureBody,
    actor: Annotated[Actor, allow("contract.record-non-signature")],
) -> ContractView:
    """Record, after the deadline, that the supplier did not sign or gave no security."""
    return act.shown(
        await contract.record_non_signature(act.work, actor, contract_id, body.code, body.reason, version=act.version)
    )


@router.post("/v1/contracts/{contract_id}/security")
async def receive_security(
    act: CurrentAct, contract_id: UUID, body: SecurityBody, actor: Annotated[Actor, allow("contract.receive-security")]
) -> ContractView:
    """Record the performance security that the supplier gave."""
    return act.shown(
        await contract.receive_security(
            act.work,
            actor,
            contract_id,
            amount=body.amount,
            kind=body.kind,
            received_on=body.received_on,
            version=act.version,
        )
    )


@router.post("/v1/contracts/{contract_id}/security/return")
async def return_security(
    act: CurrentAct,
    contract_id: UUID,
    body: SecurityReturnBody,
    actor: Annotated[Actor, allow("contract.return-security")],
) -> ContractView:
    """Record that the supplier has its security back."""
    return act.shown(
        await contract.return_security(act.work, actor, contract_id, returned_on=body.returned_on, version=act.version)
    )


@router.post("/v1/contracts/{contract_id}/changes", status_code=202)
async def propose_change(
    act: CurrentAct, contract_id: UUID, body: ChangeBody, actor: Annotated[Actor, allow("contract.propose-change")]
) -> ContractView:
    """Propose a change; the budget is asked for its funds first."""
    return act.shown(await contract.propose_change(act.work, actor, contract_id, _wish(body), version=act.version))


@router.post("/v1/contracts/{contract_id}/options/{option}/exercise", status_code=202)
async def exercise_option(
    act: CurrentAct,
    contract_id: UUID,
    option: OptionId,
    body: ReasonBody,
    actor: Annotated[Actor, allow("contract.propose-change")],
) -> ContractView:
    """Begin to exercise an option, which takes the course of a change."""
    return act.shown(
        await contract.exercise_option(act.work, actor, contract_id, option, body.reason, version=act.version)
    )


@router.post("/v1/contracts/{contract_id}/changes/{change_id}/approval")
async def approve_change(
    act: CurrentAct, contract_id: UUID, change_id: UUID, actor: Annotated[Actor, allow("contract.approve-change")]
) -> ContractView:
    """Approve a funded change as a second person."""
    return act.shown(await contract.approve_change(act.work, actor, contract_id, change_id, version=act.version))


@router.post("/v1/contracts/{contract_id}/changes/{change_id}/supplier-signature")
async def sign_change_as_supplier(
    act: CurrentAct, contract_id: UUID, change_id: UUID, actor: Annotated[Actor, allow("contract.sign-as-supplier")]
) -> ContractView:
    """Sign a change as the supplier, first."""
    return act.shown(
        await contract.sign_change_as_supplier(act.work, actor, contract_id, change_id, version=act.version)
    )


@router.post("/v1/contracts/{contract_id}/changes/{change_id}/buyer-signature")
async def sign_change_as_buyer(
    act: CurrentAct, contract_id: UUID, change_id: UUID, actor: Annotated[Actor, allow("contract.sign-as-buyer")]
) -> ContractView:
    """Sign a change as the buyer, second; it is in force."""
    return act.shown(await contract.sign_change_as_buyer(act.work, actor, contract_id, change_id, version=act.version))


@router.post("/v1/contracts/{contract_id}/changes/{change_id}/withdrawal")
async def withdraw_change(
    act: CurrentAct,
    contract_id: UUID,
    change_id: UUID,
    body: ReasonBody,
    actor: Annotated[Actor, allow("contract.propose-change")],
) -> ContractView:
    """Withdraw a change that is not in force."""
    return act.shown(
        await contract.withdraw_change(act.work, actor, contract_id, change_id, body.reason, version=act.version)
    )


@router.post("/v1/contracts/{contract_id}/suspension")
async def suspend(
    act: CurrentAct, contract_id: UUID, body: SuspensionBody, actor: Annotated[Actor, allow("contract.suspend")]
) -> ContractView:
    """Let a contract rest, until an instant that is known from the start."""
    return act.shown(
        await contract.suspend(act.work, actor, contract_id, reason=body.reason, until=body.until, version=act.version)
    )


@router.post("/v1/contracts/{contract_id}/resumption")
async def resume(
    act: CurrentAct, contract_id: UUID, actor: Annotated[Actor, allow("contract.suspend")]
) -> ContractView:
    """Bring a suspended contract back into force before its time."""
    return act.shown(await contract.resume(act.work, actor, contract_id, version=act.version))


@router.post("/v1/contracts/{contract_id}/termination", status_code=202)
async def propose_termination(
    act: CurrentAct, contract_id: UUID, body: TerminationBody, actor: Annotated[Actor, allow("contract.propose-end")]
) -> ContractView:
    """Propose to end a contract before its term."""
    return act.shown(
        await contract.propose_termination(
            act.work,
            actor,
            contract_id,
            ground=body.ground,
            reason=body.reason,
            last_day=body.last_day,
            version=act.version,
        )
    )


@router.post("/v1/contracts/{contract_id}/termination/consent")
async def consent_to_termination(
    act: CurrentAct, contract_id: UUID, actor: Annotated[Actor, allow("contract.consent-to-end")]
) -> ContractView:
    """Agree, as the supplier, to an end by agreement that was proposed."""
    return act.shown(await contract.consent_to_termination(act.work, actor, contract_id, version=act.version))


@router.post("/v1/contracts/{contract_id}/termination/confirmation")
async def confirm_termination(
    act: CurrentAct, contract_id: UUID, actor: Annotated[Actor, allow("contract.confirm-end")]
) -> ContractView:
    """Settle, as a second person, that a contract ends; the handover begins."""
    return act.shown(await contract.confirm_termination(act.work, actor, contract_id, version=act.version))


@router.post("/v1/contracts/{contract_id}/closing", status_code=202)
async def propose_closing(
    act: CurrentAct, contract_id: UUID, body: ClosingBody, actor: Annotated[Actor, allow("contract.propose-end")]
) -> ContractView:
    """Propose to close a contract whose service has ended, with what was paid in all."""
    return act.shown(
        await contract.propose_closing(
            act.work,
            actor,
            contract_id,
            amount_paid=body.amount_paid,
            without_handover=body.without_handover,
            version=act.version,
        )
    )


@router.post("/v1/contracts/{contract_id}/closing/confirmation")
async def confirm_closing(
    act: CurrentAct, contract_id: UUID, actor: Annotated[Actor, allow("contract.confirm-end")]
) -> ContractView:
    """Close a contract as a second person."""
    return act.shown(await contract.confirm_closing(act.work, actor, contract_id, version=act.version))


@router.post("/v1/contracts/{contract_id}/handover")
async def plan_handover(
    act: CurrentAct, contract_id: UUID, body: HandoverBody, actor: Annotated[Actor, allow("contract.plan-handover")]
) -> ContractView:
    """Begin the handover before the contract ends."""
    return act.shown(await contract.plan_handover(act.work, actor, contract_id, due=body.due_at, version=act.version))


@router.post("/v1/contracts/{contract_id}/handover/{kind}/settlement")
async def settle_item(
    act: CurrentAct,
    contract_id: UUID,
    kind: Kind,
    body: SettlementBody,
    actor: Annotated[Actor, allow("contract.hand-over")],
) -> ContractView:
    """Say, as the responsible side, that an item was handed over or why there is nothing to hand over."""
    return act.shown(
        await contract.settle_item(
            act.work,
            actor,
            contract_id,
            kind,
            Settlement(applicable=body.applicable, note=body.note, successor=body.successor),
            version=act.version,
        )
    )


@router.post("/v1/contracts/{contract_id}/handover/{kind}/confirmation")
async def confirm_item(
    act: CurrentAct, contract_id: UUID, kind: Kind, actor: Annotated[Actor, allow("contract.hand-over")]
) -> ContractView:
    """Confirm, as the other side, what was said of an item."""
    return act.shown(await contract.confirm_item(act.work, actor, contract_id, kind, version=act.version))


@router.post("/v1/contracts/{contract_id}/handover/{kind}/objection")
async def object_to_item(
    act: CurrentAct, contract_id: UUID, kind: Kind, actor: Annotated[Actor, allow("contract.hand-over")]
) -> ContractView:
    """Say, as the other side, that an item was not handed over; it is open again."""
    return act.shown(await contract.object_to_item(act.work, actor, contract_id, kind, version=act.version))


def _wish(body: ChangeBody) -> Wish:
    return Wish(
        ground=body.ground,
        reason=body.reason,
        difference=body.difference,
        end=body.end,
        milestones=tuple(Milestone(one.period, one.start, one.end, one.amount) for one in body.milestones),
        documents=tuple(Document(one.title, one.digest) for one in body.documents),
    )
