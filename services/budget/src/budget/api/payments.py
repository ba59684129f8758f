"""What is owed, approved and paid: two persons for each payment, and payers with ids of their own."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from budget.api.payment_schemas import PaymentMade, PaymentOrderView, PaymentView
from budget.domain.payment_order import PaymentRequest
from budget.usecases import payments, queries
from shared.kernel.access import Actor
from shared.kernel.errors import DomainError
from shared.platform.access import allow, public
from shared.platform.commands import CommandRoute, CurrentWork, etag
from shared.platform.paging import Cursor, Limit, Page, page, read_identifier
from shared.platform.problems import describe
from shared.platform.reading import Reading

router = APIRouter(tags=["payments"], route_class=CommandRoute)


@router.get("/v1/payment-orders", dependencies=[public()])
async def list_payment_orders(connection: Reading, cursor: Cursor = None, limit: Limit = 50) -> Page[PaymentOrderView]:
    """List what is or was owed to providers, oldest first."""
    found = await queries.orders(connection, read_identifier(cursor), limit + 1)
    return page(map(PaymentOrderView.model_validate, found), limit)


@router.get("/v1/payment-orders/{order}", dependencies=[public()])
async def show_payment_order(connection: Reading, order: UUID, response: Response) -> PaymentOrderView:
    """Show what is owed, and how each unit of it came about."""
    found = await queries.order(connection, order)
    response.headers["ETag"] = etag(found.version)
    return PaymentOrderView.model_validate(found)


@router.post("/v1/payment-orders/{order}/approval")
async def approve_payment_order(
    work: CurrentWork,
    order: UUID,
    response: Response,
    actor: Annotated[Actor, allow("budget.approve-payment")],
) -> PaymentOrderView:
    """Approve that an order is paid; another person pays it."""
    approved = await payments.approve(work, order, actor.person)
    response.headers["ETag"] = etag(approved.version)
    return PaymentOrderView.model_validate(approved)


@router.put("/v1/payments/{payment}", response_model=PaymentView, responses={201: {"model": PaymentView}})
async def pay(
    work: CurrentWork,
    payment: UUID,
    body: PaymentMade,
    response: Response,
    actor: Annotated[Actor, allow("budget.pay")],
) -> PaymentView | Response:
    """Pay on an approved order under an id that the payer chose: 201 when it is made, 200 when it was made before.

    What was refused because of the state of the order stays refused under its id (`id-already-failed`).
    """
    asked = PaymentRequest(body.order, body.amount, body.reference)
    outcome = await payments.pay(work, payment, asked, actor.person)
    if isinstance(outcome, DomainError):
        # Returned and not raised: that it was refused is kept.
        return describe(outcome)
    made, now = outcome
    response.status_code = 201 if now else 200
    return PaymentView.model_validate(made)


@router.get("/v1/payments", dependencies=[public()])
async def list_payments(connection: Reading, cursor: Cursor = None, limit: Limit = 50) -> Page[PaymentView]:
    """List what was paid, oldest first."""
    found = await queries.payments(connection, read_identifier(cursor), limit + 1)
    return page(map(PaymentView.model_validate, found), limit)


@router.get("/v1/payments/{payment}", dependencies=[public()])
async def show_payment(connection: Reading, payment: UUID) -> PaymentView:
    """Show a payment."""
    return PaymentView.model_validate(await queries.payment(connection, payment))
