"""What reports look like over the wire."""

from datetime import date
from typing import Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.fields import Amount, DecimalText, Instant

Row = TypeVar("Row", bound=BaseModel)


class AdjustmentTotalView(BaseModel):
    """What all adjustments of one kind added; below nothing, took away."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    amount: Amount


class ExecutionView(BaseModel):
    """A budget line in the form of IPSAS 24, on the budget's basis: an expenditure counts once it is accepted."""

    model_config = ConfigDict(from_attributes=True)

    line: UUID
    code: str
    title: str
    programme: str | None = Field(description="The function of government (COFOG), where one was named.")
    fiscal_year: int
    currency: str
    original: Amount = Field(description="What the legislature granted at first.")
    adjustments: list[AdjustmentTotalView] = Field(description="What came to it, or was taken from it, by kind.")
    final: Amount = Field(description="The original budget and all adjustments.")
    actual: Amount = Field(description="What was accepted: paid, owed or held.")
    encumbered: Amount = Field(description="What contracts bind and was not accepted yet.")
    variance: Amount = Field(description="The final budget less the actual amount.")


class YearCommitmentsView(BaseModel):
    """What contracts bind of a fiscal year."""

    model_config = ConfigDict(from_attributes=True)

    fiscal_year: int
    currency: str
    encumbered: Amount = Field(description="What is bound in the year's lines.")
    promised: Amount = Field(description="What contracts promise of the year, whose budget is still to come.")
    ceiling: Amount | None = Field(description="Up to how much may be promised, where a ceiling is set.")


class MonthOfCashView(BaseModel):
    """What is to be paid in a month."""

    model_config = ConfigDict(from_attributes=True)

    month: date = Field(description="The first day of the month; what is past due is in the present one.")
    currency: str
    ordered: Amount = Field(description="What is owed already.")
    expected: Amount = Field(description="What periods are worth that are still to be accepted.")
    amount: Amount = Field(description="Both together.")


class AgeBandView(BaseModel):
    """What is owed and unpaid, by the days that it is past its due date."""

    model_config = ConfigDict(from_attributes=True)

    band: str = Field(description="The band in words.")
    from_day: int | None = Field(description="None for what is not due yet.")
    to_day: int | None = Field(description="None where the band has no end.")
    currency: str
    orders: int
    amount: Amount


class ProviderPaymentsView(BaseModel):
    """What a provider was paid."""

    model_config = ConfigDict(from_attributes=True)

    payee: str
    currency: str
    payments: int
    amount: Amount
    share: DecimalText = Field(description="The share of all that was paid in the currency.")


class PunctualityView(BaseModel):
    """How punctually was paid; an order counts by its last payment."""

    model_config = ConfigDict(from_attributes=True)

    currency: str
    paid: int = Field(description="Orders that were paid whole.")
    on_time: int
    late: int
    open_and_late: int = Field(description="Orders that are past due now and not paid whole.")
    share_on_time: DecimalText | None = Field(description="None where nothing was paid.")
    average_days_to_pay: DecimalText | None = Field(description="From the acceptance; none where nothing was paid.")
    most_days_late: int
    late_amount: Amount
    interest: Amount = Field(description="What was owed for paying late.")


class Report(BaseModel, Generic[Row]):
    """A report as it stood at an instant."""

    title: str
    as_of: Instant
    rows: list[Row]
