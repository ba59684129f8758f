"""The terms of payment of a contract, as they are published with the tender and agreed in the contract."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from shared.contracts.event import Data
from shared.contracts.fields import DecimalText, ShortText
from shared.rules import payment_formula

_FORMULA = TypeAdapter(payment_formula.PaymentFormula)


class _Terms(Data):
    model_config = ConfigDict(from_attributes=True)


class ReleaseCondition(_Terms):
    """What ends a hold: a next period of at least `grade`, so many `days`, or a decision."""

    when: Literal["next-grade-at-least", "days-after", "decision"]
    grade: ShortText | None = None
    days: int | None = Field(default=None, ge=1, le=payment_formula.LONGEST_HOLD)


class GradeShare(_Terms):
    """The share, from 0 to 1, that a grade makes payable, and why the rest is held."""

    grade: ShortText
    share: DecimalText
    reason: ShortText


class IndicatorDeduction(_Terms):
    """What is deducted for each full step by which an indicator misses its target; share and cap are of the amount."""

    kpi: ShortText
    target: DecimalText
    direction: Literal["higher", "lower"]
    step: DecimalText
    share: DecimalText
    cap: DecimalText


class PaymentTerms(_Terms):
    """The terms of payment; shares from 0 to 1, grades from the best to the worst.

    Deductions come first, then the retention is taken of what is left, then the grade's share of the rest is payable;
    neither deductions nor holds touch the guarantee.
    """

    grades: tuple[GradeShare, ...]
    indicators: tuple[IndicatorDeduction, ...]
    guarantee: DecimalText
    deduction_cap: DecimalText
    retention_share: DecimalText
    retention_release: ReleaseCondition
    shortcoming_release: ReleaseCondition


class AgreedPayment(_Terms):
    """The formula that a contract carries: whose it is, in which version, and its terms."""

    id: ShortText
    version: ShortText
    terms: PaymentTerms


def read_formula(terms: BaseModel) -> payment_formula.PaymentFormula:
    """Return the formula that terms on the wire are; whether a pack admits it, check_formula() says."""
    return _FORMULA.validate_python(terms.model_dump())
