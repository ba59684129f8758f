"""The parts a procedure is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Literal
from uuid import UUID

from shared.kernel.errors import Invalid, RuleReference
from shared.kernel.money import Money
from tender.domain.draw_parts import Closing, Draw, NumbersEntered


class Status(StrEnum):
    """Where a procedure stands."""

    DRAFT = "draft"
    FUNDING_REQUESTED = "funding-requested"
    ACTIVE = "active"
    QUALIFICATION = "qualification"
    EVALUATION = "evaluation"
    AWARD = "award"
    COMPLETE = "complete"
    UNSUCCESSFUL = "unsuccessful"
    CANCELLED = "cancelled"


class LotStatus(StrEnum):
    """Where a lot of a published procedure stands; the words are OCDS's.

    Source: OCDS 1.1, codelist tenderStatus.
    """

    ACTIVE = "active"
    COMPLETE = "complete"
    UNSUCCESSFUL = "unsuccessful"
    CANCELLED = "cancelled"


class AwardStatus(StrEnum):
    """Where an award stands: pending while it may be challenged.

    Source: OCDS 1.1, codelist awardStatus.
    """

    PENDING = "pending"
    ACTIVE = "active"
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
class FinalQuote:
    """The final quote of a bid, opened: what its digest is checked with, and when it was received.

    Shape: received_at is that of the quote; between equal bids decides that of the bid.
    """

    received_at: datetime
    digest: str
    salt: str


@dataclass(frozen=True, slots=True)
class OpenedBid:
    """A bid, as far as it has been opened; one that does not count says why, and by which rule.

    Units: deduction is the share that policy takes off the price before it is compared, if the size that its bidder
        declares is confirmed.
    Shape: price is None until the prices are opened, and where the content could not be read; salt, with which the
        digest can be checked, until the prices are opened, and of bids that were kept without; findings name the
        requirements that the answers do not meet, and what is wrong with each; requirement is the one by which it was
        disqualified; size_reason says why the declared size is not confirmed; where there are final quotes the price
        is that of final_quote, and salt stays None: the financial envelope of the bid is never opened.
    """

    bid: UUID
    lot: str
    bidder: Party
    received_at: datetime
    digest: str
    price: Money | None = None
    valid: bool = True
    reason: str | None = None
    rule: RuleReference | None = None
    excluded_in: Status | None = None
    technical_digest: str | None = None
    salt: str | None = None
    deduction: Decimal = Decimal(0)
    findings: tuple[str, ...] = ()
    size_confirmed: bool = True
    final_quote: FinalQuote | None = None
    size_reason: str | None = None
    requirement: str | None = None


@dataclass(frozen=True, slots=True)
class RankedBid:
    """One bid's place in the ranking of its lot.

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
class Disclosure:
    """What of a ranking everybody may read where the rule pack does not make it public whole.

    Shape: digest is the salted one of the whole ranking with its derivation.
    """

    ranking: tuple[RankedBid, ...]
    digest: str


class Ranked:
    """What has a ranking, of which not everything may be public."""

    __slots__ = ()
    ranking: tuple[RankedBid, ...]
    disclosure: Disclosure | None

    @property
    def public_ranking(self) -> tuple[RankedBid, ...]:
        """Return the places that everybody may read."""
        return self.ranking if self.disclosure is None else self.disclosure.ranking

    @property
    def ranking_digest(self) -> str | None:
        """Return the digest of the whole ranking where it is not public."""
        return None if self.disclosure is None else self.disclosure.digest

    @property
    def ranked(self) -> int:
        """Return how many bids have a place."""
        return len(self.ranking)


@dataclass(frozen=True, slots=True)
class Award(Ranked):
    """The proposal of a lot's first, and what became of it.

    Shape: standstill_rule is the rule of the pack that sets the standstill; None, if none asks for one here.
    """

    id: UUID
    lot: str
    bid: UUID
    supplier: Party
    value: Money
    proposed_by: str
    proposed_at: datetime
    standstill_ends_at: datetime
    confirmation_due: datetime
    ranking: tuple[RankedBid, ...]
    status: AwardStatus = AwardStatus.PENDING
    contract: UUID | None = None
    cancelled_because: str | None = None
    standstill_rule: str | None = None
    disclosure: Disclosure | None = None


@dataclass(frozen=True, slots=True)
class FrameworkTerms:
    """What a framework agreement lasts, whom it takes in, and how is called off under it.

    Shape: each lot's value is the ceiling of its agreement.
    """

    start: date
    end: date
    stage_two: str
    most_suppliers: int


@dataclass(frozen=True, slots=True)
class FrameworkProposal(Ranked):
    """Who is to be admitted to a framework agreement, in the order of their rank.

    Shape: standstill_rule as in an award.
    """

    suppliers: tuple[Party, ...]
    ranking: tuple[RankedBid, ...]
    proposed_by: str
    proposed_at: datetime
    standstill_ends_at: datetime
    confirmation_due: datetime
    standstill_rule: str | None = None
    disclosure: Disclosure | None = None


@dataclass(frozen=True, slots=True)
class LotProgress:
    """What has become of a lot since the publication.

    Shape: passed_over are the bids whose award was cancelled; they are not awarded again.
    """

    id: str
    status: LotStatus = LotStatus.ACTIVE
    awards: tuple[Award, ...] = ()
    passed_over: tuple[UUID, ...] = ()
    framework: FrameworkProposal | None = None

    @property
    def award(self) -> Award | None:
        """Return the award that stands, if there is one."""
        return next((award for award in self.awards if award.status is not AwardStatus.CANCELLED), None)


@dataclass(frozen=True, slots=True)
class PriceInquiry:
    """What a bidder was asked about its price, what it said, and what came of it.

    Shape: triggers are the ids of the rules that fired, or of the panel's judgement; explained_at, accepted and the
    reason are None until then.
    """

    bid: UUID
    lot: str
    triggers: tuple[str, ...]
    asked_at: datetime
    due_at: datetime
    explanation: str | None = None
    explained_at: datetime | None = None
    accepted: bool | None = None
    decided_by: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Deficiency:
    """What a bidder may put right, once, and until when.

    Shape: correction is the digest of what it handed in; corrected is None until somebody has looked at it,
        and says why, or its time has passed; decided_by is None where time has.
    """

    bid: UUID
    lot: str
    what: str
    notified_at: datetime
    due_at: datetime
    correction: str | None = None
    corrected_at: datetime | None = None
    corrected: bool | None = None
    reason: str | None = None
    decided_by: str | None = None


@dataclass(frozen=True, slots=True)
class TieDraw:
    """How a tie is drawn: from a public beacon that was named before it was known.

    Shape: order is what the draw gives, the first the winner; draw is None until the beacon is there. Both closing and
    draw are None where the tie was drawn before beacons were held to their source.
    """

    lot: str
    bids: tuple[UUID, ...]
    closing: Closing | None = None
    entered: tuple[NumbersEntered, ...] = ()
    draw: Draw | None = None
    order: tuple[UUID, ...] = ()

    @property
    def awaited(self) -> bool:
        """Tell whether the draw waits for its beacon, or for somebody to read it."""
        return self.closing is not None and self.draw is None

    @property
    def source(self) -> str | None:
        """Name the beacon."""
        return self.closing.beacon.name if self.closing else None

    @property
    def not_before(self) -> datetime | None:
        """Return from when on the beacon can be known."""
        return self.closing.beacon.at if self.closing else None

    @property
    def randomness(self) -> str | None:
        """Return what the beacon gave, in hexadecimal digits."""
        return self.draw.randomness if self.draw else None


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
