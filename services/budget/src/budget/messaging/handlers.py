"""What the budget does about the events of others."""

from collections.abc import Mapping
from typing import cast

from budget.domain.commitment import RequestedChange
from budget.domain.funds_data import Contract, Ending, FundingRequest, GradedPeriod, Milestone
from budget.domain.ledger import Cause
from budget.usecases import commands, contracts
from shared.contracts.contract import Assigned, Changed, ChangeFailed, ChangeRequested, Signed, Terminated
from shared.contracts.event import EventData
from shared.contracts.framework import FrameworkEnded
from shared.contracts.inspection import Closed, PeriodGraded
from shared.contracts.payment_terms import read_formula
from shared.contracts.tender import (
    Cancelled,
    FundingRequested,
    FundsUnneeded,
    LotCancelled,
    LotUnsuccessful,
    Unsuccessful,
)
from shared.platform.consumer import Delivery, Handlers
from shared.platform.work import Work
from shared.rules.pack import load_pack, pinned_pack

# What was asked for before requests named their pack, and what is graded before its contract is known.
DEFAULT_PACK = "model"
_UNNEEDED: Mapping[type[EventData], str] = {
    Cancelled: "The tender was cancelled.",
    Unsuccessful: "The tender was unsuccessful.",
    LotCancelled: "A lot was cancelled.",
    LotUnsuccessful: "A lot was unsuccessful.",
    FrameworkEnded: "A framework agreement ended.",
    FundsUnneeded: "The value was lowered by an amendment.",
}


async def on_funding_requested(work: Work, delivery: Delivery) -> None:
    asked = cast("FundingRequested", delivery.data)
    request = FundingRequest(asked.ocid, asked.tender, asked.budget_line, asked.amount)
    pack = pinned_pack(asked.pack.id, asked.pack.version) if asked.pack else load_pack(DEFAULT_PACK)
    await commands.answer_request(work, request, pack, _cause(work, delivery))


async def on_ended(work: Work, delivery: Delivery) -> None:
    ended = cast("Cancelled | Unsuccessful", delivery.data)
    await commands.release(work, ended.ocid, None, _UNNEEDED[type(ended)], _cause(work, delivery))


async def on_part_unneeded(work: Work, delivery: Delivery) -> None:
    unneeded = cast("LotCancelled | LotUnsuccessful | FrameworkEnded | FundsUnneeded", delivery.data)
    await commands.release(work, unneeded.ocid, unneeded.amount, _UNNEEDED[type(unneeded)], _cause(work, delivery))


async def on_contract_signed(work: Work, delivery: Delivery) -> None:
    signed = cast("Signed", delivery.data)
    contract = Contract(
        id=signed.contract,
        payee=signed.supplier.id,
        value=signed.value,
        pack=signed.pack.id,
        pack_version=signed.pack.version,
        acceleration=signed.acceleration,
        payment=read_formula(signed.payment.terms) if signed.payment else None,
    )
    milestones = tuple(Milestone(one.period, one.amount, ends=one.end) for one in signed.milestones)
    await contracts.commit(work, signed.ocid, contract, milestones, signed.release, _cause(work, delivery))


async def on_change_requested(work: Work, delivery: Delivery) -> None:
    asked = cast("ChangeRequested", delivery.data)
    await contracts.request_change(work, asked.ocid, asked.contract, _change(asked), _cause(work, delivery))


async def on_changed(work: Work, delivery: Delivery) -> None:
    changed = cast("Changed", delivery.data)
    await contracts.change_contract(work, changed.ocid, changed.contract, _change(changed), _cause(work, delivery))


async def on_change_failed(work: Work, delivery: Delivery) -> None:
    failed = cast("ChangeFailed", delivery.data)
    await contracts.drop_change(work, failed.ocid, failed.contract, failed.change, _cause(work, delivery))


async def on_assigned(work: Work, delivery: Delivery) -> None:
    assigned = cast("Assigned", delivery.data)
    await contracts.assign(work, assigned.ocid, assigned.contract, assigned.supplier.id)


async def on_terminated(work: Work, delivery: Delivery) -> None:
    ended = cast("Terminated", delivery.data)
    pack = load_pack(DEFAULT_PACK)
    await contracts.end(work, ended.ocid, ended.contract, Ending.TERMINATED, pack, _cause(work, delivery))


async def on_supervision_closed(work: Work, delivery: Delivery) -> None:
    closed = cast("Closed", delivery.data)
    pack = load_pack(DEFAULT_PACK)
    await contracts.end(work, closed.ocid, closed.contract, Ending.SUPERVISION_CLOSED, pack, _cause(work, delivery))


async def on_period_graded(work: Work, delivery: Delivery) -> None:
    graded = cast("PeriodGraded", delivery.data)
    period = GradedPeriod(
        ocid=graded.ocid,
        contract=graded.contract,
        period=graded.period,
        provider=graded.provider,
        grade=graded.grade,
        kpis=tuple((one.kpi, one.value) for one in graded.kpis or ()),
    )
    await commands.settle(work, period, load_pack(DEFAULT_PACK), _cause(work, delivery))


def _change(data: ChangeRequested | Changed) -> RequestedChange:
    milestones = tuple(Milestone(one.period, one.amount, ends=one.end) for one in data.milestones)
    return RequestedChange(id=data.change, value=data.value, milestones=milestones)


def _cause(work: Work, delivery: Delivery) -> Cause:
    return Cause(delivery.event.id, work.now)


HANDLERS: Mapping[str, Handlers] = {
    "tender": {
        FundingRequested.TYPE: on_funding_requested,
        Cancelled.TYPE: on_ended,
        Unsuccessful.TYPE: on_ended,
        LotCancelled.TYPE: on_part_unneeded,
        LotUnsuccessful.TYPE: on_part_unneeded,
        FrameworkEnded.TYPE: on_part_unneeded,
        FundsUnneeded.TYPE: on_part_unneeded,
        Signed.TYPE: on_contract_signed,
        ChangeRequested.TYPE: on_change_requested,
        Changed.TYPE: on_changed,
        ChangeFailed.TYPE: on_change_failed,
        Assigned.TYPE: on_assigned,
        Terminated.TYPE: on_terminated,
    },
    "evaluation": {PeriodGraded.TYPE: on_period_graded, Closed.TYPE: on_supervision_closed},
}
