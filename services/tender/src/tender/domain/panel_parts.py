"""The parts that an evaluation panel is made of."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Literal
from uuid import UUID

from shared.kernel.lifecycle import lifecycle, transition
from tender.domain.draw_parts import Skip


class PanelStatus(StrEnum):
    """Where a panel stands."""

    POOL_CLOSED = "pool-closed"
    FORMING = "forming"
    SEATED = "seated"
    REVEALED = "revealed"
    LOCKED = "locked"


LIFECYCLE = lifecycle(
    "panel",
    PanelStatus.POOL_CLOSED,
    transition("enter-numbers", "pool-closed", "pool-closed", "procurement-officer"),
    transition("draw", "pool-closed", "forming seated", "procurement-officer"),
    transition("close-pool-again", "forming", "pool-closed", "procurement-officer"),
    transition("appoint", "pool-closed forming", "pool-closed forming seated", "procurement-officer"),
    transition("accept", "forming", "forming seated", "panel-member"),
    transition("refuse", "forming", "forming seated", "panel-member"),
    transition("declare", "forming seated", "forming seated", "panel-member"),
    transition("release-seat", "forming seated", "forming seated", "procurement-head"),
    transition("name-chair", "forming seated revealed", "forming seated revealed", "procurement-officer"),
    transition("reveal", "seated", "revealed", "panel-member"),
    transition("agree-scores", "revealed", "revealed", "panel-member"),
    transition("sign", "revealed", "revealed", "panel-member"),
    transition("lock", "revealed", "locked", "panel-member"),
    transition("open-round", "seated revealed locked", "seated", "procurement-head"),
)


class SeatStatus(StrEnum):
    """Whether a seat is taken."""

    INVITED = "invited"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    RECUSED = "recused"
    RELEASED = "released"


SeatKind = Literal["expert", "representative"]
Relation = Literal["none", "employment", "directorship", "shareholding", "control", "kinship", "other"]
Vote = Literal["agreed", "dissented", "silent"]


@dataclass(frozen=True, slots=True)
class Tie:
    """How a member stands to a bidder.

    Units: years since it ended, 0 while it lasts; degree of kinship.
    """

    bidder: str
    relation: Relation
    years_since: Decimal | None = None
    degree: int | None = None


@dataclass(frozen=True, slots=True)
class Seat:
    """A place in the panel and who was invited to it; ties are none until they are declared."""

    label: UUID
    kind: SeatKind
    person: str
    name: str
    organisation: str
    status: SeatStatus
    ties: tuple[Tie, ...] | None = None
    reason: str | None = None

    @property
    def held(self) -> bool:
        """Tell whether somebody has the place, or may still take it."""
        return self.status in {SeatStatus.INVITED, SeatStatus.ACCEPTED}


@dataclass(frozen=True, slots=True)
class Substitution:
    """A member who left, why, and who took the place by the order of that draw; nobody, if the order is used up.

    Shape: reason is that of the office which released the seat of somebody silent.
    """

    left: UUID
    because: Literal["refused", "recused", "silent"]
    rule: str | None
    source: str | None
    substitute: UUID | None
    iteration: int | None
    skipped: tuple[Skip, ...]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class MemberScore:
    """One revealed score."""

    member: UUID
    bid: UUID
    criterion: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class Agreed:
    """A score that the panel agreed on in place of the mean, and why; ground is of the pack's list where it has one."""

    bid: UUID
    criterion: str
    value: Decimal
    ground: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Signature:
    """How a member stands to the report."""

    member: UUID
    vote: Vote
    reasons: str | None = None


@dataclass(frozen=True, slots=True)
class FinalScore:
    """The score that the ranking takes.

    Units: mean and value from 0 to 100, four decimals half up.
    """

    bid: UUID
    criterion: str
    mean: Decimal
    value: Decimal
    ground: str | None = None
    reason: str | None = None
