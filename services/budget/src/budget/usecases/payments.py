"""How what is owed is approved and paid; nothing here commits."""

from uuid import UUID

from budget.db import ledger, payment_feed, payments, store
from budget.domain import payment_order as domain
from budget.domain.advance_payment import count_advance
from budget.domain.client_made import TRANSIENT, expect_same
from budget.domain.payment import count_payment
from budget.domain.payment_fact import Fact
from budget.domain.payment_order import OrderKind, Payment, PaymentOrder, PaymentRequest
from budget.usecases import late_interest
from shared.kernel.errors import DomainError, NotAllowed
from shared.platform.work import Work


async def raise_order(work: Work, fresh: PaymentOrder) -> PaymentOrder:
    """Owe an amount from now on."""
    order, events = domain.raised(fresh)
    await payments.add_order(work.connection, order)
    await work.record(events)
    return order


async def approve(work: Work, identifier: UUID, by: str) -> PaymentOrder:
    """Approve that an order is paid."""
    before = await payments.order(work.connection, identifier, lock=True)
    order, events = domain.approve(before, by=by, at=work.now)
    await payments.save_order(work.connection, before.version, order)
    await work.record(events)
    return order


async def pay(work: Work, identifier: UUID, asked: PaymentRequest, by: str) -> tuple[Payment, bool] | DomainError:
    """Pay on an order under the payer's own id; return the payment and whether it was made now, or why it is refused.

    A refusal that is returned and not raised is kept under the id.

    Raises:
        NotAllowed: exists-with-different-order, -amount or -reference, or id-already-failed.
    """
    await payments.lock_identifier(work.connection, identifier)
    known = await payments.find_payment(work.connection, identifier)
    refused = await payments.find_refused(work.connection, identifier)
    if known is not None:
        expect_same(PaymentRequest(known.order, known.amount, known.reference), asked, None)
        return known, False
    if refused is not None:
        request, code = refused
        expect_same(request, asked, code)
    found = await payments.order(work.connection, asked.order)
    await store.lock_process(work.connection, found.ocid)
    before = await payments.order(work.connection, asked.order, lock=True)
    try:
        after, payment, events = domain.pay(
            before, identifier, asked.amount, reference=asked.reference, by=by, at=work.now
        )
        funds = await store.process(work.connection, before.ocid)
        count = count_advance if before.kind is OrderKind.ADVANCE else count_payment
        counted, transfers, _ = count(funds, payment)
    except NotAllowed as refusal:
        if refusal.code not in TRANSIENT:
            raise
        await payments.keep_refused(work.connection, identifier, asked, refusal.code, work.now)
        return refusal
    await payments.save_order(work.connection, before.version, after)
    await payments.add_payment(work.connection, payment)
    await store.save_process(work.connection, funds.version, counted)
    await ledger.post(work.connection, transfers)
    await work.record(events)
    await late_interest.charge(work, before, payment, counted)
    await payment_feed.add_facts(work.connection, Fact.MADE, [payment.id], work.now)
    return payment, True
