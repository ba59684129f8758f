"""What happens in the budget; nothing here commits."""

from budget.db import ledger, store
from budget.domain.funds import Funds, unfunded
from budget.domain.funds_data import FundingRequest, GradedPeriod
from budget.domain.ledger import Cause
from budget.domain.payment import Acceptance, accept_period
from budget.usecases import advances, holds, payments
from budget.usecases.entering import enter
from shared.kernel.errors import DomainError, NotAllowed
from shared.kernel.money import Money
from shared.platform.work import Work
from shared.rules.pack import RulePack, pack_of

RESERVATION_RULE = "funds-reserved-before-publication"


async def answer_request(work: Work, request: FundingRequest, pack: RulePack, cause: Cause) -> None:
    """Set aside what a tender asks for, or say why not."""
    await store.lock_process(work.connection, request.ocid)
    before = await store.find_process(work.connection, request.ocid) or unfunded(request)
    line = await ledger.find_line(work.connection, request.line)
    try:
        async with work.connection.begin_nested():
            await enter(work, before, before.reserve(request, line, cause))
    except NotAllowed as refusal:
        available = await ledger.available(work.connection, line) if line else None
        reference = pack.reference(RESERVATION_RULE)
        await enter(work, before, before.refuse(request, refusal, available, reference))


async def release(work: Work, ocid: str, amount: Money | None, reason: str, cause: Cause) -> None:
    """Give back the part of what is reserved that is not needed any more; without an amount, all that is reserved."""
    await store.lock_process(work.connection, ocid)
    before = await store.find_process(work.connection, ocid)
    if before is not None:
        released = before.release(reason, cause) if amount is None else before.release_lot(amount, reason, cause)
        await enter(work, before, released)


async def settle(work: Work, graded: GradedPeriod, pack: RulePack, cause: Cause) -> None:
    """Owe what a period's grade makes payable and hold the rest.

    A grade that precedes its contract or its provider, or comes amid a change that touches the period, waits for it.
    """
    await store.lock_process(work.connection, graded.ocid)
    before = await store.find_process(work.connection, graded.ocid)
    awaited = before.awaited(graded) if before else "the contract"
    if before is None or awaited:
        if await store.is_pending(work.connection, graded):
            raise NotAllowed("period-already-graded", "The period was graded before and waits for its contract.")
        await store.add_pending(work.connection, graded, cause, awaited, pack.ends_at("payment", work.now))
        return
    await _enter_accepted(work, before, graded, _accepted(before, graded, cause))


async def settle_waiting(work: Work, funds: Funds) -> None:
    """Settle the grades that waited for what has happened now; those that wait for something else go on waiting."""
    for event, graded in await store.pending_of(work.connection, funds.ocid):
        if funds.awaited(graded):
            continue
        try:
            accepted = _accepted(funds, graded, Cause(event, work.now))
        except DomainError as refusal:
            # A contract is not refused for a wrong grade; the grade is reported until it is corrected.
            await store.refuse_pending(work.connection, event, refusal.code)
        else:
            funds = await _enter_accepted(work, funds, graded, accepted)


def _accepted(funds: Funds, graded: GradedPeriod, cause: Cause) -> Acceptance:
    return accept_period(funds, graded, pack_of(funds.commitment(graded.contract).contract), cause)


async def _enter_accepted(work: Work, before: Funds, graded: GradedPeriod, accepted: Acceptance) -> Funds:
    after = await enter(work, before, (accepted.funds, accepted.transfers, accepted.events))
    if accepted.order is not None:
        await payments.raise_order(work, accepted.order)
    await holds.withhold(work, accepted.holds)
    await store.drop_pending(work.connection, graded)
    await advances.follow(work, after, graded.contract)
    return await holds.release_met(work, after, graded)
