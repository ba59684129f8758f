"""Advances: asked for by one person, approved by another, paid like any order, and repaid if nothing recovers them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from budget.api.payment_schemas import PaymentOrderView
from budget.api.schemas import AdvanceView, advance_view
from budget.domain.repayment import RepaymentRequest
from budget.usecases import advances, repayments
from shared.contracts.fields import Amount, Instant, Ocid, ShortText
from shared.kernel.access import Actor
from shared.platform.access import allow
from shared.platform.commands import CommandRoute, CurrentWork, etag

router = APIRouter(tags=["payments"], route_class=CommandRoute)


class AdvanceBody(BaseModel):
    """What is to be paid before delivery, and why; what the API does not name is refused."""

    model_config = ConfigDict(extra="forbid")

    ocid: Ocid
    contract: UUID
    amount: Amount
    reason: ShortText


class RepaymentBody(BaseModel):
    """What came in; what the API does not name is refused."""

    model_config = ConfigDict(extra="forbid")

    amount: Amount
    reference: Annotated[ShortText | None, Field(description="What the repayment is known by.")] = None


class RepaymentView(BaseModel):
    """A repayment, and the advance after it."""

    id: UUID
    amount: Amount
    reference: str | None
    repaid_at: Instant
    advance: AdvanceView


@router.post("/v1/advances", status_code=201)
async def ask_advance(
    work: CurrentWork,
    body: AdvanceBody,
    response: Response,
    actor: Annotated[Actor, allow("budget.ask-advance")],
) -> PaymentOrderView:
    """Ask for an advance on a contract: a payment order that another person approves, and a third step pays."""
    order = await advances.ask(work, body.ocid, body.contract, body.amount, body.reason, actor.person)
    response.headers["ETag"] = etag(order.version)
    response.headers["Location"] = f"v1/payment-orders/{order.id}"
    return PaymentOrderView.model_validate(order)


@router.put(
    "/v1/advances/{order}/repayments/{repayment}",
    responses={201: {"model": RepaymentView}},
)
async def enter_repayment(
    work: CurrentWork,
    order: UUID,
    repayment: UUID,
    body: RepaymentBody,
    response: Response,
    actor: Annotated[Actor, allow("budget.enter-repayment")],
) -> RepaymentView:
    """Enter what a provider repaid of an advance, under an id of your own: 201 when it is entered, 200 again."""
    asked = RepaymentRequest(order, body.amount, body.reference)
    made, commitment, now = await repayments.take_in(work, repayment, asked, actor.person)
    response.status_code = 201 if now else 200
    advance = next(one for one in commitment.advances if one.order == order)
    return RepaymentView(
        id=made.id,
        amount=made.asked.amount,
        reference=made.asked.reference,
        repaid_at=made.repaid_at,
        advance=advance_view(commitment, advance),
    )
