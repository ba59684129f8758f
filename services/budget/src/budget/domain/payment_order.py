"""What is owed to a provider: an order to pay that one person approves and another one carries out."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from budget.domain.advance_events import AdvancePaid
from budget.domain.events import PaymentApproved, PaymentDue, PeriodPaid
from budget.domain.hold import Hold
from shared.kernel.access import different_persons
from shared.kernel.errors import Invalid, NotAllowed
from shared.kernel.events import DomainEvent
from shared.kernel.ids import derived_id
from shared.kernel.lifecycle import lifecycle, transition
from shared.kernel.money import Money, zero
from shared.rules.derivation import Derivation, amount_of


class OrderState(StrEnum):
    """Where an order stands; one that is paid in part stays approved, and what nobody may be paid is withdrawn."""

    DUE = "due"
    APPROVED = "approved"
    PAID = "paid"
    WITHDRAWN = "withdrawn"


ORDER = lifecycle(
    "payment-order",
    OrderState.DUE,
    transition("approve", "due", "approved", "finance-officer", events="budget.payment-approved.v1"),
    transition(
        "pay",
        "approved",
        "approved paid",
        "treasurer who is another person",
        events="budget.paid.v1 budget.advance-paid.v1",
    ),
    transition("return", "approved paid withdrawn", "approved", "bank", events="budget.payment-returned.v1"),
    transition("withdraw", "due approved", "withdrawn", "contract's end, or its going over, for an advance"),
    transition("invoice", "due approved", "due approved", "provider, or finance-officer", events="budget.invoiced.v1"),
    events="budget.payment-due.v1",
)


class OrderKind(StrEnum):
    """Name what is owed: a period's payable part, an amount that was held, an advance, or interest for paying late."""

    PERIOD = "period"
    RELEASE = "release"
    ADVANCE = "advance"
    INTEREST = "interest"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentOrder:
    """An amount that is owed and due; the derivation says how each unit of it came about.

    Units: share is the part of what the period was worth that its grade makes payable.
    Shape: unresolved names the facts without which it is not known whether a further rule says until when it is paid;
    repay_by is until when what is outstanding of an advance is owed back, none where nothing is.
    """

    id: UUID
    version: int
    kind: OrderKind
    ocid: str
    line: UUID
    contract: UUID
    period: str
    payee: str
    amount: Money
    paid: Money
    grade: str
    share: Decimal
    accepted_at: datetime
    due_at: datetime
    derivation: Derivation
    state: OrderState = OrderState.DUE
    approved_by: str | None = None
    approved_at: datetime | None = None
    invoiced_at: datetime | None = None
    unresolved: tuple[str, ...] = ()
    raised_by: str | None = None
    repay_by: datetime | None = None

    @property
    def open(self) -> Money:
        """What is still to be paid."""
        return self.amount - self.paid


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What was paid on an order, under the id that whoever paid chose."""

    id: UUID
    order: UUID
    line: UUID
    ocid: str
    contract: UUID
    period: str
    payee: str
    amount: Money
    grade: str
    share: Decimal
    reference: str | None
    paid_by: str
    paid_at: datetime


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """What a payer asks for under an id of its own; a repetition is compared in the order of the fields."""

    order: UUID
    amount: Money
    reference: str | None


Approved = tuple[PaymentOrder, tuple[DomainEvent, ...]]
Paid = tuple[PaymentOrder, Payment, tuple[DomainEvent, ...]]


def raised(order: PaymentOrder) -> Approved:
    """Owe the amount from now on, and tell the payee how it came about."""
    after = replace(order, version=order.version + 1)
    event = PaymentDue(
        aggregate=order.id,
        version=after.version,
        ocid=order.ocid,
        contract=order.contract,
        order=order.id,
        kind=order.kind,
        period=order.period,
        payee=order.payee,
        amount=order.amount,
        accepted_at=order.accepted_at,
        due_at=order.due_at,
        derivation=order.derivation,
    )
    return after, (event,)


def approve(order: PaymentOrder, *, by: str, at: datetime) -> Approved:
    """Approve that the amount is paid; what a person asked for, another one approves.

    Raises:
        NotAllowed: order-already-approved, order-withdrawn.
        Forbidden: second-person-needed.
    """
    _not_withdrawn(order)
    if order.state not in ORDER.transitions["approve"].before:
        raise NotAllowed(
            "order-already-approved",
            "The payment order was approved before.",
            satisfied_by="The payment itself, by another person.",
        )
    if order.raised_by is not None:
        different_persons(order.raised_by, by, "Approving an advance")
    state = ORDER.move("approve", order.state, OrderState.APPROVED)
    after = replace(order, version=order.version + 1, state=state, approved_by=by, approved_at=at)
    event = PaymentApproved(
        aggregate=order.id,
        version=after.version,
        ocid=order.ocid,
        contract=order.contract,
        order=order.id,
        period=order.period,
        payee=order.payee,
        amount=order.amount,
        approved_at=at,
    )
    return after, (event,)


def pay(order: PaymentOrder, payment: UUID, amount: Money, *, reference: str | None, by: str, at: datetime) -> Paid:
    """Pay an approved order, the whole or a part of it.

    Raises:
        NotAllowed: order-withdrawn, order-not-approved, payment-above-accrued.
        Invalid: amount-not-positive, currency-differs.
        Forbidden: second-person-needed.
    """
    _not_withdrawn(order)
    if order.approved_by is None:
        raise NotAllowed(
            "order-not-approved", "The payment order is not approved yet.", satisfied_by="The order's approval."
        )
    different_persons(order.approved_by, by, "Paying what was approved")
    if amount.currency != order.amount.currency:
        raise Invalid("currency-differs", "The order is in another currency.")
    if amount.minor <= 0:
        raise Invalid("amount-not-positive", "An amount above zero is paid.")
    if amount > order.open:
        raise NotAllowed(
            "payment-above-accrued",
            "More would be paid than is owed on the order.",
            satisfied_by="At most the amount of the order that is still open.",
        )
    paid = order.paid + amount
    state = ORDER.move("pay", order.state, OrderState.PAID if paid == order.amount else order.state)
    after = replace(order, version=order.version + 1, paid=paid, state=state)
    made = Payment(
        id=payment,
        order=order.id,
        line=order.line,
        ocid=order.ocid,
        contract=order.contract,
        period=order.period,
        payee=order.payee,
        amount=amount,
        grade=order.grade,
        share=order.share,
        reference=reference,
        paid_by=by,
        paid_at=at,
    )
    return after, made, (_paid(after, made),)


def _not_withdrawn(order: PaymentOrder) -> None:
    if order.state is OrderState.WITHDRAWN:
        raise NotAllowed(
            "order-withdrawn",
            "Nothing is paid in advance any more on this order.",
            satisfied_by="A new advance, to whoever holds the contract, while it goes on.",
        )


def _paid(order: PaymentOrder, made: Payment) -> DomainEvent:
    if order.kind is OrderKind.ADVANCE:
        return AdvancePaid(
            aggregate=order.id,
            version=order.version,
            ocid=order.ocid,
            contract=order.contract,
            order=order.id,
            payment=made.id,
            payee=order.payee,
            amount=made.amount,
            paid_at=made.paid_at,
        )
    return PeriodPaid(
        aggregate=order.id,
        version=order.version,
        ocid=order.ocid,
        contract=order.contract,
        period=order.period,
        payment=made.id,
        payee=order.payee,
        amount=made.amount,
        grade=order.grade,
        share=order.share,
        paid_at=made.paid_at,
    )


def new_order(
    identifier: UUID,
    *,
    kind: OrderKind,
    ocid: str,
    line: UUID,
    contract: UUID,
    period: str,
    payee: str,
    amount: Money,
    grade: str,
    share: Decimal,
    accepted_at: datetime,
    due_at: datetime,
    derivation: Derivation,
) -> PaymentOrder:
    """Begin an order of which nothing is paid."""
    return PaymentOrder(
        id=identifier,
        version=0,
        kind=kind,
        ocid=ocid,
        line=line,
        contract=contract,
        period=period,
        payee=payee,
        amount=amount,
        paid=zero(amount.currency),
        grade=grade,
        share=share,
        accepted_at=accepted_at,
        due_at=due_at,
        derivation=derivation,
    )


def released_order(
    hold: Hold, amount: Money, reason: str, *, line: UUID, at: datetime, due_at: datetime
) -> PaymentOrder:
    """Begin an order of what was held and is owed after all, on the line that its funds are on now."""
    return new_order(
        derived_id("payment-order", hold.id, hold.version),
        kind=OrderKind.RELEASE,
        ocid=hold.ocid,
        line=line,
        contract=hold.contract,
        period=hold.period,
        payee=hold.payee,
        amount=amount,
        grade=hold.grade,
        share=hold.share,
        accepted_at=at,
        due_at=due_at,
        derivation=(
            {"step": "withheld", "reason": hold.reason, "text": hold.text, **amount_of(hold.amount)},
            {"step": "released", "reason": reason, **amount_of(amount)},
            {"step": "still-withheld", **amount_of(hold.rest)},
        ),
    )
