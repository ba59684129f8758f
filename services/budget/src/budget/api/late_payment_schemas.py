"""What goes over the wire of invoices, reference rates and interest for paying late."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from budget.domain.late_interest import ClaimState, EnteredRate, ReferenceRate
from shared.contracts.fields import Amount, DecimalText, Instant, Moment, PositiveAmount, ShortText
from shared.kernel.money import Money
from shared.rules.late_interest import LateInterest

HalfYear = Annotated[str, StringConstraints(pattern=r"^(19|20|21)[0-9]{2}-H[12]$")]
Reference = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]


class InvoiceBody(BaseModel):
    """An invoice for one payment order; without `received_at` it comes in now."""

    model_config = ConfigDict(extra="forbid")

    order: UUID
    number: ShortText
    amount: PositiveAmount
    received_at: Annotated[Moment | None, Field(description="When it came in; said by the office alone.")] = None
    small_enterprise: Annotated[
        bool | None, Field(description="Whether the provider is small or medium-sized; null: not known.")
    ] = None
    longer_term_agreed: Annotated[
        bool | None, Field(description="Whether a longer term of payment is agreed; null: not known.")
    ] = None

    def facts(self) -> dict[str, bool]:
        told = {"supplier.sme": self.small_enterprise, "payment.longer_term_agreed": self.longer_term_agreed}
        return {name: value for name, value in told.items() if value is not None}


class InvoiceView(BaseModel):
    """An invoice as it came in; `facts` is what it states by the names that rules use."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    order: UUID
    payee: str
    number: str
    amount: Amount
    received_at: Instant
    facts: dict[str, bool]


class RateBody(BaseModel):
    """The reference rate of a half-year, as a share for a year; `source` says where it was read."""

    model_config = ConfigDict(extra="forbid")

    reference: Reference
    half_year: HalfYear
    rate: DecimalText
    source: ShortText

    def known(self) -> ReferenceRate:
        return ReferenceRate(reference=self.reference, half_year=self.half_year, rate=self.rate, source=self.source)


class RateView(BaseModel):
    id: UUID
    reference: str
    half_year: str
    rate: DecimalText
    source: str
    entered_at: Instant


class InterestView(BaseModel):
    """What paying an order late bears until now; `amount` is null where a reference rate is not known."""

    until: Instant
    days: int
    amount: Amount | None
    unresolved: list[str]
    derivation: list[dict[str, str]]


class ClaimView(BaseModel):
    """The interest on one late payment; `interest_order` is the order by which it is paid, `unresolved` what lacks."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    state: ClaimState
    payment: UUID
    order: UUID
    ocid: str
    contract: UUID
    payee: str
    paid: Amount
    due_at: Instant
    paid_at: Instant
    amount: Amount | None
    unresolved: list[str]
    interest_order: UUID | None


def rate_view(entered: EnteredRate) -> RateView:
    rate = entered.rate
    return RateView(
        id=entered.id,
        reference=rate.reference,
        half_year=rate.half_year,
        rate=rate.rate,
        source=rate.source,
        entered_at=entered.entered_at,
    )


def interest_view(interest: LateInterest | None, until: datetime, nothing: Money) -> InterestView:
    if interest is None:
        return InterestView(until=until, days=0, amount=nothing, unresolved=[], derivation=[])
    return InterestView(
        until=until,
        days=interest.days,
        amount=interest.amount,
        unresolved=list(interest.unresolved),
        derivation=[dict(step) for step in interest.lines],
    )
