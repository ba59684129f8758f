"""How what is owed is approved and paid; nothing here commits."""

from uuid import UUID

from budget.db import ledger, payment_feed, payments, store
from budget.domain import payment_order as domain
from budget.domain.payment import count_payment
from budget.domain.payment_fact import Fact
from budget.domain.payment_order import Payment, PaymentOrder
from budget.usecases import late_interest
from shared.kernel.errors import NotAllowed
from shared.kernel.money import Money
from shared.platform.work import Work


async def raise_order(work: Work, fresh: PaymentOrder) -> None:
    """Owe an amount from now on."""
    order, events = domain.raised(fresh)
    await payments.add_order(work.connection, order)
    await work.record(events)


async def approve(work: Work, identifier: UUID, by: str) -> PaymentOrder:
    """Approve that an order is paid."""
    before = await payments.order(work.connection, identifier, lock=True)
    order, events = domain.approve(before, by=by, at=work.now)
    await payments.save_order(work.connection, before.version, order)
    await work.record(events)
    return order


async def pay(
    work: Work, identifier: UUID, *, order: UUID, amount: Money, reference: str | None, by: str
) -> tuple[Payment, bool]:
    """Pay on an order under the payer's own id; return the payment, and whether it was made now.

    Raises:
        NotAllowed: exists-with-different-order, -amount or -reference, if the id names another payment.
    """
    found = await payments.order(work.connection, order)
    # The same process is locked for every change of its funds, and with it for a second request of the same id.
    await store.lock_process(work.connection, found.ocid)
    known = await payments.find_payment(work.connection, identifier)
    if known is not None:
        _same(known, order, amount, reference)
        return known, False
    before = await payments.order(work.connection, order, lock=True)
    after, payment, events = domain.pay(before, identifier, amount, reference=reference, by=by, at=work.now)
    funds = await store.process(work.connection, before.ocid)
    counted, transfers, _ = count_payment(funds, payment)
    await payments.save_order(work.connection, before.version, after)
    await payments.add_payment(work.connection, payment)
    await store.save_process(work.connection, funds.version, counted)
    await ledger.post(work.connection, transfers)
    await work.record(events)
    await late_interest.charge(work, before, payment)
    await payment_feed.add_facts(work.connection, Fact.MADE, [payment.id], work.now)
    return payment, True


def _same(known: Payment, order: UUID, amount: Money, reference: str | None) -> None:
    asked = (("order", known.order, order), ("amount", known.amount, amount), ("reference", known.reference, reference))
    for field, was, now in asked:
        if was != now:
            raise NotAllowed(
                f"exists-with-different-{field}",
                f"A payment with this id was made with another {field}.",
                satisfied_by="The same request as the first time, or another id.",
            )
