"""What an office decides of who meets the conditions of participation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Disqualification:
    """Which bid does not qualify, why, and by which rule of the pack or requirement of the tender.

    Shape: requirement is the id of a requirement, or of a criterion none of whose groups was answered.
    """

    bid: UUID
    reason: str
    rule: str | None = None
    requirement: str | None = None


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Which bid qualifies although its answers leave a requirement open, and why."""

    bid: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class UnconfirmedSize:
    """Which bid's declared size is not what the office finds, and why."""

    bid: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class Qualification:
    """What the office decides of the bids; all that are not named qualify as they are.

    Shape: nothing is taken off the price of a bid whose size is unconfirmed.
    """

    disqualified: Sequence[Disqualification] = ()
    accepted: Sequence[Acceptance] = ()
    unconfirmed: Sequence[UnconfirmedSize] = ()


@dataclass(frozen=True, slots=True)
class ProposedQualification:
    """A decision against the answers, which waits for a second person."""

    decision: Qualification
    proposed_by: str
    proposed_at: datetime
