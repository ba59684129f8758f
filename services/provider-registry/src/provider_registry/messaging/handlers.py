"""What the registry does about the events of others."""

from collections.abc import Mapping
from typing import cast

from provider_registry.domain.record import GradedPeriod
from provider_registry.usecases import commands
from shared.contracts.contract import Assigned, Signed
from shared.contracts.inspection import PeriodGraded
from shared.platform.consumer import Delivery, Handlers
from shared.platform.work import Work


async def on_contract_signed(work: Work, delivery: Delivery) -> None:
    signed = cast("Signed", delivery.data)
    await commands.count_contract(work, signed.supplier.id, signed.contract)


async def on_contract_assigned(work: Work, delivery: Delivery) -> None:
    assigned = cast("Assigned", delivery.data)
    await commands.count_contract(work, assigned.supplier.id, assigned.contract)


async def on_period_graded(work: Work, delivery: Delivery) -> None:
    graded = cast("PeriodGraded", delivery.data)
    period = GradedPeriod(graded.ocid, graded.contract, graded.period, graded.score, graded.grade)
    await commands.count_period(work, graded.provider, period)


HANDLERS: Mapping[str, Handlers] = {
    "tender": {Signed.TYPE: on_contract_signed, Assigned.TYPE: on_contract_assigned},
    "evaluation": {PeriodGraded.TYPE: on_period_graded},
}
