"""What goes over the wire of what is owed and paid; who approved and who paid is not public."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from budget.domain.payment_order import OrderKind, OrderState
from shared.contracts.fields import Amount, DecimalText, Instant, ShortText


class PaymentOrderView(BaseModel):
    """An amount that is owed; `paid` is what of it was paid, and `derivation` says how it came about.

    `unresolved` names the facts without which it is not known whether a shorter term of payment holds. An advance is of
    no period: it says `advance`, and the grade `none`; `repay_by` is until when the provider is to repay it.
    """

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: OrderKind
    state: OrderState
    line: UUID
    ocid: str
    contract: UUID
    period: str
    payee: str
    amount: Amount
    paid: Amount
    grade: str
    share: DecimalText
    accepted_at: Instant
    invoiced_at: Instant | None
    due_at: Instant
    unresolved: list[str]
    approved_at: Instant | None
    repay_by: Instant | None
    derivation: list[dict[str, str]]


class PaymentView(BaseModel):
    """What was paid on an order; `reference` is the payer's own."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    order: UUID
    line: UUID
    ocid: str
    contract: UUID
    period: str
    payee: str
    amount: Amount
    grade: str
    share: DecimalText
    reference: str | None
    paid_at: Instant


class PaymentMade(BaseModel):
    """A body; what the API does not name is refused."""

    model_config = ConfigDict(extra="forbid")

    order: UUID
    amount: Amount
    reference: Annotated[ShortText | None, Field(description="What the payer knows the payment by.")] = None
