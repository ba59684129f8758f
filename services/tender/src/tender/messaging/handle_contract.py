"""What the budget's answers do to changes of contracts."""

from typing import cast

from shared.contracts import budget
from shared.platform.consumer import Delivery, Handlers
from shared.platform.work import Work
from tender.usecases import contract


async def on_change_committed(work: Work, delivery: Delivery) -> None:
    committed = cast("budget.ChangeCommitted", delivery.data)
    await contract.fund_change(work, committed.contract, committed.change)


async def on_change_refused(work: Work, delivery: Delivery) -> None:
    refused = cast("budget.ChangeRefused", delivery.data)
    await contract.refuse_change(work, refused.contract, refused.change, refused.code, refused.reason)


ON_BUDGET: Handlers = {
    budget.ChangeCommitted.TYPE: on_change_committed,
    budget.ChangeRefused.TYPE: on_change_refused,
}
