"""The parts a procedure is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Literal
from uuid import UUID

from shared.kernel.errors import Invalid
from shared.kernel.money import Money


class Status(StrEnum):
    """Where a procedure stands."""

    DRAFT = "draft"
    FUNDING_REQUESTED = "funding-requested"
    ACTIVE = "active"
    EVALUATION = "evaluation"
    STANDSTILL = "standstill"
    AWARDED = "awarded"
    UNSUCCESSFUL = "unsuccessful"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation, by the id its tokens carry."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Lot:
    """A part of a tender that is awarded by itself."""

    id: str
    title: str
    value: Money


@dataclass(frozen=True, slots=True)
class Level:
    """One grade of a criterion: what a bid reaches it with, and the score it then has.

    Units: points from 0 to 100; at_least in the criterion's own measure, None where the title alone says it.
    """

    title: str
    points: Decimal
    at_least: Decimal | None = None


@dataclass(frozen=True, slots=True)
class AwardCriterion:
    """One thing bids are scored on.

    Units: weight in points of the pack's total.
    Shape: levels ascend; without any, every score from 0 to 100 may be given.
    """

    id: str
    title: str
    kind: Literal["price", "quality"]
    weight: Decimal
    levels: tuple[Level, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """When the service is delivered, and in how many periods it is graded and paid.

    Units: both dates are days of delivery.
    """

    start: date
    end: date
    periods: int

    def split(self) -> tuple[tuple[date, date], ...]:
        """Cut the delivery into its periods, as equal as whole days allow.

        Raises:
            Invalid: delivery-too-short, if there are fewer days than periods.
        """
        days = (self.end - self.start).days + 1
        if not 1 <= self.periods <= days:
            raise Invalid("delivery-too-short", "Every period of delivery has at least one day.")
        bounds = [days * index // self.periods for index in range(self.periods + 1)]
        return tuple(
            (self.start + timedelta(days=first), self.start + timedelta(days=after - 1))
            for first, after in pairwise(bounds)
        )


@dataclass(frozen=True, slots=True)
class OpenedBid:
    """A bid, as the opening made it known; price is None where the content could not be read."""

    bid: UUID
    bidder: Party
    received_at: datetime
    digest: str
    price: Money | None
    valid: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class RankedBid:
    """One bid's place in the ranking.

    Units: points with four decimals.
    """

    bid: UUID
    bidder: Party
    rank: int
    price: Money
    price_points: Decimal
    quality_points: Mapping[str, Decimal]
    total: Decimal


@dataclass(frozen=True, slots=True)
class Award:
    """The proposal of the ranking's first, and its confirmation."""

    id: UUID
    supplier: Party
    value: Money
    proposed_by: str
    proposed_at: datetime
    standstill_ends_at: datetime
    contract: UUID | None = None


@dataclass(frozen=True, slots=True)
class Milestone:
    """One period of delivery and what it is worth."""

    period: str
    start: date
    end: date
    amount: Money


def milestones(delivery: Delivery, value: Money) -> tuple[Milestone, ...]:
    """Divide the contract's value over its periods; the parts add up exactly."""
    spans, amounts = delivery.split(), value.split(delivery.periods)
    return tuple(
        Milestone(str(number), start, end, amount)
        for number, ((start, end), amount) in enumerate(zip(spans, amounts, strict=True), 1)
    )
