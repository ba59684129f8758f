"""What the evaluation does about the events of others."""

from collections.abc import Mapping
from typing import cast

from evaluation.domain.agreement import PinnedPack
from evaluation.messaging.agreements import milestones, party
from evaluation.usecases.commands import supervision
from shared.contracts.contract import Assigned, Changed, Signed, Terminated, TerminationNotified
from shared.platform.consumer import Delivery, Handlers
from shared.platform.work import Work


async def on_contract_signed(work: Work, delivery: Delivery) -> None:
    signed = cast("Signed", delivery.data)
    await supervision.open_file(
        work,
        contract=signed.contract,
        ocid=signed.ocid,
        title=signed.title,
        buyer=party(signed.buyer),
        provider=party(signed.supplier),
        milestones=milestones(signed),
        pinned=PinnedPack(signed.pack.id, signed.pack.version),
        acceleration=signed.acceleration,
        signed_at=signed.signed_at,
        handlers=signed.handlers,
    )


async def on_contract_changed(work: Work, delivery: Delivery) -> None:
    changed = cast("Changed", delivery.data)
    await supervision.change(work, changed.contract, milestones(changed))


async def on_contract_assigned(work: Work, delivery: Delivery) -> None:
    assigned = cast("Assigned", delivery.data)
    await supervision.hand_to(work, assigned.contract, party(assigned.supplier), assigned.assigned_at)


async def on_termination_notified(work: Work, delivery: Delivery) -> None:
    notified = cast("TerminationNotified", delivery.data)
    await supervision.end(work, notified.contract, notified.last_day)


async def on_contract_terminated(work: Work, delivery: Delivery) -> None:
    terminated = cast("Terminated", delivery.data)
    await supervision.close(work, terminated.contract)


HANDLERS: Mapping[str, Handlers] = {
    "tender": {
        Signed.TYPE: on_contract_signed,
        Changed.TYPE: on_contract_changed,
        Assigned.TYPE: on_contract_assigned,
        TerminationNotified.TYPE: on_termination_notified,
        Terminated.TYPE: on_contract_terminated,
    }
}
