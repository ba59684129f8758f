"""How advances are asked for and followed; nothing here commits."""

from uuid import UUID

from budget.db import ledger, payments, store
from budget.domain import advance_payment as domain
from budget.domain.funds import Funds
from budget.domain.ledger import Cause
from budget.domain.payment_order import PaymentOrder
from budget.usecases.entering import enter
from budget.usecases.payments import raise_order
from shared.kernel.ids import derived_id
from shared.kernel.money import Money
from shared.platform.work import Work
from shared.rules.pack import pack_of


async def ask(work: Work, ocid: str, contract: UUID, amount: Money, reason: str, by: str) -> PaymentOrder:
    """Ask for an advance; another person approves it."""
    await store.lock_process(work.connection, ocid)
    before = await store.process(work.connection, ocid)
    line = await ledger.line(work.connection, before.line)
    pack = pack_of(before.commitment(contract).contract)
    cause = Cause(derived_id("advance", contract, before.version), work.now)
    after, fresh = domain.ask_advance(before, line, contract, amount, reason=reason, by=by, pack=pack, cause=cause)
    await enter(work, before, (after, (), ()))
    return await raise_order(work, fresh)


async def follow(work: Work, funds: Funds, contract: UUID) -> None:
    """Withdraw the advances that nobody may be paid any more, and wait for what is owed back."""
    commitment = funds.commitment(contract)
    for advance in commitment.advances:
        before = await payments.order(work.connection, advance.order, lock=True)
        cause = Cause(before.id, work.now)
        after = domain.follow(before, commitment, pack_of(commitment.contract), cause)
        if after.version > before.version:
            await payments.save_order(work.connection, before.version, after)
