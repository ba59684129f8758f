"""How providers repay advances that nothing will recover; nothing here commits."""

from uuid import UUID

from budget.db import advances, payments, store
from budget.domain import advance_payment as domain
from budget.domain.client_made import expect_same
from budget.domain.commitment import Commitment
from budget.domain.ledger import Cause
from budget.domain.repayment import Repayment, RepaymentRequest
from budget.usecases.advances import follow
from budget.usecases.commands import settle_waiting
from budget.usecases.entering import enter
from shared.platform.work import Work


async def take_in(work: Work, identifier: UUID, asked: RepaymentRequest, by: str) -> tuple[Repayment, Commitment, bool]:
    """Take in what came back under an id of the client's own; return the contract after it, and whether it was new.

    Raises:
        NotAllowed: exists-with-different-order, -amount or -reference.
    """
    await payments.lock_identifier(work.connection, identifier)
    order = await payments.order(work.connection, asked.order)
    await store.lock_process(work.connection, order.ocid)
    before = await store.process(work.connection, order.ocid)
    known = await advances.find_repayment(work.connection, identifier)
    if known is not None:
        expect_same(known.asked, asked, None)
        return known, before.commitment(order.contract), False
    made = Repayment(id=identifier, asked=asked, repaid_at=work.now, entered_by=by)
    change = domain.repay(before, order, identifier, asked.amount, Cause(identifier, work.now))
    await advances.add_repayment(work.connection, made)
    after = await enter(work, before, change)
    await follow(work, after, order.contract)
    await settle_waiting(work, after)
    return made, after.commitment(order.contract), True
