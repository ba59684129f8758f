"""A provider's invoice for what was accepted: it moves the term of the payment, and is held to the order."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from budget.domain.bank_events import Invoiced
from budget.domain.payment_order import ORDER, Approved, PaymentOrder
from shared.kernel.errors import Invalid, NotAllowed
from shared.kernel.ids import derived_id
from shared.kernel.money import Money
from shared.rules.pack import RulePack
from shared.rules.payment_due import payment_term


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """An invoice as it came in; the payee and its number give the id, so that none is entered twice.

    Shape: facts are what the invoice states of the payee and the contract, by the names that rules use.
    """

    id: UUID
    order: UUID
    payee: str
    number: str
    amount: Money
    received_at: datetime
    entered_by: str
    facts: Mapping[str, bool]


def new_invoice(
    order: PaymentOrder, *, number: str, amount: Money, received_at: datetime, by: str, facts: Mapping[str, bool]
) -> Invoice:
    """Enter an invoice of whoever the order pays."""
    return Invoice(
        id=derived_id("invoice", order.payee, number),
        order=order.id,
        payee=order.payee,
        number=number,
        amount=amount,
        received_at=received_at,
        entered_by=by,
        facts=facts,
    )


def enter_invoice(
    order: PaymentOrder, invoice: Invoice, pack: RulePack, *, at: datetime, acceleration: int
) -> Approved:
    """Let the invoice decide until when the order is paid, as the pack says.

    Raises:
        NotAllowed: order-paid, order-invoiced, invoice-differs-from-order.
        Invalid: invoice-from-the-future.
    """
    if order.state not in ORDER.transitions["invoice"].before:
        raise NotAllowed("order-paid", "The order is paid.", satisfied_by="An order that is still open.")
    if order.invoiced_at is not None:
        raise NotAllowed(
            "order-invoiced",
            "There is an invoice for this order.",
            satisfied_by="An order that is not invoiced yet.",
        )
    if invoice.amount != order.amount:
        raise NotAllowed(
            "invoice-differs-from-order",
            "The invoice is of another amount than what was accepted.",
            satisfied_by="An invoice of exactly the order's amount.",
        )
    if invoice.received_at > at:
        raise Invalid("invoice-from-the-future", "An invoice that is entered has come in.")
    term = payment_term(
        pack,
        accepted=order.accepted_at,
        invoiced=invoice.received_at,
        facts=invoice.facts,
        acceleration=acceleration,
    )
    after = replace(
        order,
        version=order.version + 1,
        invoiced_at=invoice.received_at,
        due_at=term.due_at,
        unresolved=term.unresolved,
    )
    event = Invoiced(
        aggregate=order.id,
        version=after.version,
        ocid=order.ocid,
        contract=order.contract,
        order=order.id,
        period=order.period,
        payee=order.payee,
        amount=order.amount,
        received_at=invoice.received_at,
        due_at=term.due_at,
        rule=term.reference.rule,
        source=term.reference.source,
    )
    return after, (event,)
