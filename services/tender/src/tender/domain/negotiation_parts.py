"""The parts of a round of talks and final quotes, and what can become of it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from shared.kernel.lifecycle import lifecycle, transition

_OFFICE, _HEAD, _BIDDER = "purchasing office", "head of the purchasing office", "bidder"


class NegotiationStatus(StrEnum):
    """Where a round of talks stands."""

    TALKS = "talks"
    REQUESTED = "requested"
    OPENED = "opened"


NEGOTIATION = lifecycle(
    "negotiation",
    "talks",
    transition("record talks", "talks", "talks", _OFFICE),
    transition("change terms", "talks", "talks", _HEAD),
    transition("request final quotes", "talks", "requested", _OFFICE),
    transition("quote", "requested", "requested", _BIDDER),
    transition("leave", "talks requested", "talks requested", _BIDDER),
    transition("open", "requested", "opened", _OFFICE),
)


class QuoteStatus(StrEnum):
    """What has become of the final quote for which a bidder is asked."""

    AWAITED = "awaited"
    SUBMITTED = "submitted"
    LEFT = "left"


FINAL_QUOTE = lifecycle(
    "final-quote",
    "awaited",
    transition("submit", "awaited submitted", "submitted", _BIDDER),
    transition("leave", "awaited submitted", "left", _BIDDER),
)


@dataclass(frozen=True, slots=True)
class Talks:
    """That the team talked with one bidder by itself.

    Shape: minutes is the SHA-256 of their document.
    """

    bid: UUID
    held_on: date
    persons: tuple[str, ...]
    minutes: str
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class ChangedTerms:
    """What the talks changed, told in writing and at the same time to all who take part."""

    what: str
    told_by: str
    told_at: datetime
    bids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Negotiation:
    """One round: the talks, what they changed, and the final quotes.

    Shape: round is that of the evaluation; bids are those that are asked for a final quote.
    """

    round: int
    status: NegotiationStatus = NegotiationStatus.TALKS
    talks: tuple[Talks, ...] = ()
    terms: tuple[ChangedTerms, ...] = ()
    bids: tuple[UUID, ...] = ()
    requested_at: datetime | None = None
    closes_at: datetime | None = None
    opened_at: datetime | None = None
