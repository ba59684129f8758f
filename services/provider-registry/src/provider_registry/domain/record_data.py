"""The parts a track record is made of."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

END_OF_TERM = "end-of-term"
ASSIGNED = "assigned"


@dataclass(frozen=True, slots=True)
class GradedPeriod:
    """One period of one contract, as it was graded; no instant is known of what was graded before it was kept."""

    ocid: str
    contract: UUID
    period: str
    score: Decimal
    grade: str
    graded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Engagement:
    """A contract of the provider, with what became of it.

    Shape: category is the service's code; ending is the ground on which it ended, `end-of-term` where it came to its
    term and `assigned` where it went over to another; None while it runs.
    """

    contract: UUID
    ocid: str
    category: str
    buyer: str
    since: datetime
    pack: str
    pack_version: str
    changes: int = 0
    suspensions: int = 0
    ending: str | None = None
    ended_at: datetime | None = None

    @property
    def ended_early(self) -> bool:
        """Tell whether it ended before its term, for this provider."""
        return self.ending not in {None, END_OF_TERM}


@dataclass(frozen=True, slots=True)
class Reply:
    """What the provider says of the grade of a period; another grade of it may be replied to anew."""

    contract: UUID
    period: str
    graded_at: datetime
    text: str
    replied_at: datetime


@dataclass(frozen=True, slots=True)
class PublishedRating:
    """What was last published of a category, as it was shown."""

    category: str
    observations: int
    score: Decimal | None
    level: str | None
