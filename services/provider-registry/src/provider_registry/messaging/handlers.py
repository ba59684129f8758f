"""What the registry does about the events of others."""

from collections.abc import Mapping
from typing import cast

from provider_registry.domain.record_data import Engagement, GradedPeriod
from provider_registry.usecases import records
from shared.contracts.contract import Assigned, Changed, Signed, Suspended, Terminated
from shared.contracts.inspection import PeriodGraded
from shared.platform.consumer import Delivery, Handlers
from shared.platform.work import Work


async def on_contract_signed(work: Work, delivery: Delivery) -> None:
    signed = cast("Signed", delivery.data)
    engagement = Engagement(
        contract=signed.contract,
        ocid=signed.ocid,
        category=signed.service.code,
        buyer=signed.buyer.id,
        since=signed.signed_at,
        pack=signed.pack.id,
        pack_version=signed.pack.version,
    )
    await records.sign(work, signed.supplier.id, engagement)


async def on_contract_assigned(work: Work, delivery: Delivery) -> None:
    assigned = cast("Assigned", delivery.data)
    await records.assign(work, assigned.contract, assigned.before.id, assigned.supplier.id, delivery.event.time)


async def on_contract_changed(work: Work, delivery: Delivery) -> None:
    await records.change(work, cast("Changed", delivery.data).contract)


async def on_contract_suspended(work: Work, delivery: Delivery) -> None:
    await records.suspend(work, cast("Suspended", delivery.data).contract)


async def on_contract_terminated(work: Work, delivery: Delivery) -> None:
    terminated = cast("Terminated", delivery.data)
    await records.end(work, terminated.contract, terminated.ground, terminated.terminated_at)


async def on_period_graded(work: Work, delivery: Delivery) -> None:
    graded = cast("PeriodGraded", delivery.data)
    period = GradedPeriod(graded.ocid, graded.contract, graded.period, graded.score, graded.grade, delivery.event.time)
    await records.grade(work, graded.provider, period)


HANDLERS: Mapping[str, Handlers] = {
    "tender": {
        Signed.TYPE: on_contract_signed,
        Assigned.TYPE: on_contract_assigned,
        Changed.TYPE: on_contract_changed,
        Suspended.TYPE: on_contract_suspended,
        Terminated.TYPE: on_contract_terminated,
    },
    "evaluation": {PeriodGraded.TYPE: on_period_graded},
}
