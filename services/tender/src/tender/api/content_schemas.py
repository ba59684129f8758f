"""What an office writes in a tender, over the wire."""

from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from shared.contracts.fields import Amount, Day, DecimalText, LongText, Moment, PositiveAmount, ShortText
from tender.api.schemas import Code, Request
from tender.domain.requirement_values import DataType
from tender.domain.requirements import RequirementKind

RequirementValue = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class DeductionsBody(Request):
    """What is taken off the price of a favoured bid before it is compared, in percent; null for the pack's least."""

    small_micro: DecimalText | None = None
    consortium: DecimalText | None = None


class ProcurementBody(Request):
    """How it is procured; `facts` are those of `POST /v1/rules/check` that are the office's to state."""

    method: Code = "open"
    ground: Code | None = None
    rationale: LongText | None = None
    closes_at: Moment | None = None
    follows: UUID | None = None
    facts: dict[str, Any] = Field(default_factory=dict, max_length=100)
    deductions: DeductionsBody = Field(default_factory=DeductionsBody)


class LotBody(Request):
    id: Code
    title: ShortText
    value: PositiveAmount


class LevelBody(Request):
    """A grade of a quality criterion: what a bid reaches it with, and the score it then has."""

    title: ShortText
    points: DecimalText
    at_least: DecimalText | None = None


class CriterionBody(Request):
    """What bids are scored on; with levels a score is one of theirs, and they rise."""

    id: Code
    title: ShortText
    kind: Literal["price", "quality"]
    weight: DecimalText
    levels: Annotated[list[LevelBody], Field(default_factory=list, max_length=10)]


class RequirementBody(Request):
    """One thing to be answered; values are text: true, 12, 12.50, 2026-03-02, a code, or free text."""

    id: Code
    title: ShortText
    data_type: DataType
    subject: Code | None = None
    expected: RequirementValue | None = None
    minimum: RequirementValue | None = None
    maximum: RequirementValue | None = None
    options: Annotated[list[RequirementValue], Field(default_factory=list, max_length=20)]
    evidence: Annotated[list[Code], Field(default_factory=list, max_length=10)]


class RequirementGroupBody(Request):
    """One of the ways to meet a criterion."""

    id: Code
    title: ShortText
    requirements: Annotated[list[RequirementBody], Field(min_length=1, max_length=40)]


class RequirementCriterionBody(Request):
    """A criterion, of which a bidder answers all requirements of exactly one group."""

    id: Code
    title: ShortText
    kind: RequirementKind
    groups: Annotated[list[RequirementGroupBody], Field(min_length=1, max_length=10)]


class DeliveryBody(Request):
    """The days of delivery, and in how many equal periods it is graded and paid."""

    start: Day
    end: Day
    periods: Annotated[int, Field(ge=1, le=120, strict=True)]


class FrameworkBody(Request):
    """What a framework agreement lasts, how many suppliers it takes in, and how is called off under it."""

    start: Day
    end: Day
    stage_two: Code
    most_suppliers: Annotated[int, Field(ge=1, le=1000, strict=True)]


class OptionBody(Request):
    """A renewal; `share` is what it is worth, as a share of the contract's value."""

    id: Code
    title: ShortText
    months: Annotated[int, Field(ge=1, le=120, strict=True)]
    share: DecimalText
    exercise_before: Day


class TermsBody(Request):
    """What the tender says of its contract; `performance_security` is a share of the contract's value.

    `threshold` names the rule of the pack with the threshold that applies; `regime` and `stable_for_years` are facts
    that rules of some packs ask for.
    """

    options: Annotated[list[OptionBody], Field(default_factory=list, max_length=20)]
    performance_security: DecimalText | None = None
    bid_security: Amount | None = None
    stable_for_years: bool = False
    regime: Literal["light", "full"] | None = None
    threshold: Code | None = None


class ReleaseBody(Request):
    """What ends a hold: a next period of at least `grade`, so many `days`, or a decision."""

    when: Literal["next-grade-at-least", "days-after", "decision"]
    grade: ShortText | None = None
    days: Annotated[int, Field(strict=True)] | None = None


class GradeShareBody(Request):
    """The share, from 0 to 1, that a grade makes payable, and why the rest is held."""

    grade: ShortText
    share: DecimalText
    reason: ShortText


class IndicatorBody(Request):
    """What is deducted for each full step by which an indicator misses its target; share and cap are of the amount."""

    kpi: ShortText
    target: DecimalText
    direction: Literal["higher", "lower"]
    step: DecimalText
    share: DecimalText
    cap: DecimalText


class PaymentTermsBody(Request):
    """How a period's grade and measurements become payment; shares from 0 to 1, grades from the best to the worst."""

    grades: Annotated[list[GradeShareBody], Field(min_length=1, max_length=20)]
    indicators: Annotated[list[IndicatorBody], Field(default_factory=list, max_length=50)]
    guarantee: DecimalText = Decimal(0)
    deduction_cap: DecimalText = Decimal(1)
    retention_share: DecimalText = Decimal(0)
    retention_release: ReleaseBody = Field(default_factory=lambda: ReleaseBody(when="decision"))
    shortcoming_release: ReleaseBody = Field(default_factory=lambda: ReleaseBody(when="decision"))


class ContentBody(Request):
    """What an office writes in a tender; the weights add up to exactly 100, the lots to the value.

    Without `payment_terms` every period is paid as the rule pack's formula says.
    """

    title: ShortText
    description: LongText
    value: PositiveAmount
    lots: Annotated[list[LotBody], Field(min_length=1, max_length=100)]
    criteria: Annotated[list[CriterionBody], Field(min_length=1, max_length=40)]
    delivery: DeliveryBody
    framework: FrameworkBody | None = None
    procurement: ProcurementBody = Field(default_factory=ProcurementBody)
    requirements: Annotated[list[RequirementCriterionBody], Field(default_factory=list, max_length=40)]
    terms: TermsBody | None = None
    payment_terms: PaymentTermsBody | None = None


class DraftBody(ContentBody):
    """A new tender; an acceleration of 86400 makes a day pass in a second, in a sandbox only."""

    plan: UUID
    budget_line: UUID | None = None
    acceleration: Annotated[int, Field(ge=1, le=8_640_000, strict=True)] = 1


def criterion(body: CriterionBody) -> tuple[str, str, Literal["price", "quality"], Decimal]:
    """Take a criterion apart."""
    return body.id, body.title, body.kind, body.weight
