"""How invoices come in; nothing here commits."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from budget.db import late_payments, payments, store
from budget.domain import invoice as domain
from budget.domain.payment_order import PaymentOrder
from shared.kernel.access import Actor
from shared.kernel.errors import Forbidden, NotAllowed
from shared.kernel.money import Money
from shared.platform.work import Work
from shared.rules.pack import pack_of

_OFFICE = "finance-officer"


async def enter(
    work: Work,
    actor: Actor,
    *,
    order: UUID,
    number: str,
    amount: Money,
    received_at: datetime | None,
    facts: Mapping[str, bool],
) -> PaymentOrder:
    """Enter an invoice: a provider its own as of now, the office one that came in on an earlier day.

    Raises:
        Forbidden: not-own-organisation, received-day-not-yours.
        NotAllowed: invoice-number-used.
    """
    ocid = (await payments.order(work.connection, order)).ocid
    await store.lock_process(work.connection, ocid)
    before = await payments.order(work.connection, order, lock=True)
    _may_enter(actor, before, received_at)
    contract = (await store.process(work.connection, ocid)).commitment(before.contract).contract
    invoice = domain.new_invoice(
        before, number=number, amount=amount, received_at=received_at or work.now, by=actor.person, facts=facts
    )
    if await late_payments.is_invoiced(work.connection, invoice.id):
        raise NotAllowed(
            "invoice-number-used",
            "An invoice of this provider with this number was entered before.",
            satisfied_by="The number that the invoice bears.",
        )
    after, events = domain.enter_invoice(
        before, invoice, pack_of(contract), at=work.now, acceleration=contract.acceleration
    )
    await late_payments.add_invoice(work.connection, invoice)
    await payments.save_order(work.connection, before.version, after)
    await work.record(events)
    return after


def _may_enter(actor: Actor, order: PaymentOrder, received_at: datetime | None) -> None:
    if _OFFICE in actor.roles:
        return
    if actor.organisation != order.payee:
        raise Forbidden("not-own-organisation", "Only the organisation that is paid may send its invoice.")
    if received_at is not None:
        raise Forbidden(
            "received-day-not-yours",
            "When an invoice came in is said by the office; yours comes in now.",
            satisfied_by="The same request without it.",
        )
