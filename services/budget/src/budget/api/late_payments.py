"""Invoices, which move the term of a payment, and the interest that a payment bears when it comes late."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from budget.api.late_payment_schemas import (
    ClaimView,
    InterestView,
    InvoiceBody,
    InvoiceView,
    RateBody,
    RateView,
    interest_view,
    rate_view,
)
from budget.api.payment_schemas import PaymentOrderView
from budget.usecases import invoices, late_interest
from budget.usecases import payment_queries as queries
from shared.kernel.access import Actor
from shared.platform.access import allow, public
from shared.platform.commands import CommandRoute, CurrentWork, etag
from shared.platform.paging import AfterId, Cursor, Limit, Page, page, read_identifier
from shared.platform.reading import Now, Reading

router = APIRouter(tags=["late payment"], route_class=CommandRoute)


@router.post("/v1/invoices", status_code=201)
async def enter_invoice(
    work: CurrentWork, body: InvoiceBody, response: Response, actor: Annotated[Actor, allow("budget.enter-invoice")]
) -> PaymentOrderView:
    """Enter the invoice for what was accepted: a provider its own, as of now, or the office one that came in before."""
    order = await invoices.enter(
        work,
        actor,
        order=body.order,
        number=body.number,
        amount=body.amount,
        received_at=body.received_at,
        facts=body.facts(),
    )
    response.headers["Location"] = f"v1/payment-orders/{order.id}"
    response.headers["ETag"] = etag(order.version)
    return PaymentOrderView.model_validate(order)


@router.get("/v1/invoices")
async def list_invoices(
    connection: Reading, after: AfterId, actor: Annotated[Actor, allow("budget.read-invoice")], limit: Limit = 50
) -> Page[InvoiceView]:
    """List the invoices by the day they came in: a provider sees its own."""
    found = await queries.invoices(connection, actor, after, limit + 1)
    return page(map(InvoiceView.model_validate, found), limit)


@router.get("/v1/payment-orders/{order}/interest", dependencies=[public()])
async def show_interest(connection: Reading, now: Now, order: UUID) -> InterestView:
    """Show what the open part of an order bears until now because it is late, and how it is worked out."""
    found, interest = await queries.interest(connection, order, now)
    return interest_view(interest, now, found.amount - found.amount)


@router.put("/v1/reference-rates/{rate}", responses={201: {"model": RateView}})
async def enter_reference_rate(
    work: CurrentWork,
    rate: UUID,
    body: RateBody,
    response: Response,
    actor: Annotated[Actor, allow("budget.enter-rate")],
) -> RateView:
    """Enter a half-year's reference rate; of several for one half-year, the one entered last counts from then on."""
    entered, now = await late_interest.enter_rate(work, rate, body.known(), actor.person)
    response.status_code = 201 if now else 200
    return rate_view(entered)


@router.get("/v1/reference-rates", dependencies=[public()])
async def list_reference_rates(connection: Reading, cursor: Cursor = None, limit: Limit = 50) -> Page[RateView]:
    """List the reference rates that were entered, oldest first."""
    found = await queries.reference_rates(connection, read_identifier(cursor), limit + 1)
    return page(map(rate_view, found), limit)


@router.get("/v1/late-interest", dependencies=[public()])
async def list_late_interest(connection: Reading, cursor: Cursor = None, limit: Limit = 50) -> Page[ClaimView]:
    """List the interest on payments that came late, oldest first."""
    found = await queries.interest_claims(connection, read_identifier(cursor), limit + 1)
    return page(map(ClaimView.model_validate, found), limit)


@router.post("/v1/late-interest/{claim}/order")
async def order_late_interest(
    work: CurrentWork, claim: UUID, _: Annotated[Actor, allow("budget.order-interest")]
) -> ClaimView:
    """Order interest that waited for a reference rate or for money on the line."""
    return ClaimView.model_validate(await late_interest.try_again(work, claim))
