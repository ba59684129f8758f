"""What a provider repaid of an advance, under the id that whoever entered it chose."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.kernel.money import Money


@dataclass(frozen=True, slots=True)
class RepaymentRequest:
    """What is entered; a repetition is compared in the order of the fields."""

    order: UUID
    amount: Money
    reference: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Repayment:
    """A repayment that came in."""

    id: UUID
    asked: RepaymentRequest
    repaid_at: datetime
    entered_by: str
