"""A bid: two envelopes, and everything that becomes of it until the opening."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.kernel.lifecycle import lifecycle, transition
from tender.domain.parts import Party


class Envelope(StrEnum):
    """What is sealed by itself, and may be opened by itself."""

    TECHNICAL = "technical"
    FINANCIAL = "financial"


class BidStatus(StrEnum):
    """What has become of a bid."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    INVALIDATED = "invalidated"
    CONFIRMED = "confirmed"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"


LIFECYCLE = lifecycle(
    "bid",
    "draft",
    transition("submit", "draft", "submitted", "bidder"),
    transition("invalidate", "submitted confirmed", "invalidated", "amendment"),
    transition("confirm", "invalidated", "confirmed", "bidder"),
    transition("replace", "submitted invalidated confirmed", "replaced", "bidder"),
    transition("withdraw", "submitted invalidated confirmed", "withdrawn", "bidder"),
)
STANDING = frozenset({BidStatus.SUBMITTED, BidStatus.CONFIRMED})
"""The states in which a bid is opened."""
LIVE = STANDING | {BidStatus.INVALIDATED}
"""The states in which a bid is its bidder's present one for the lot; there is at most one."""


@dataclass(frozen=True, slots=True)
class BidAct:
    """Something that became of a bid."""

    status: BidStatus
    at: datetime


@dataclass(frozen=True, slots=True)
class Bid:
    """A bid without its content.

    Shape: the digests are public after the opening; the salts are its bidder's, and `salt` is public with the price.
    """

    id: UUID
    tender: UUID
    lot: str
    bidder: Party
    scheme: str
    digest: str
    technical_digest: str | None
    salt: str
    technical_salt: str | None
    acts: tuple[BidAct, ...]

    @property
    def status(self) -> BidStatus:
        """Return what became of it last."""
        return self.acts[-1].status

    @property
    def received_at(self) -> datetime:
        """Return the instant that decides between equal bids: of the submission, or of the last confirmation."""
        return next(act.at for act in reversed(self.acts) if act.status in STANDING)


@dataclass(frozen=True, slots=True)
class StandingBid:
    """A bid that stands at the opening, its envelopes sealed.

    Shape: `received_at` is the instant that decides between equal bids: of the submission, or of the confirmation after
        an amendment.
    """

    bid: UUID
    lot: str
    bidder: Party
    received_at: datetime
    digest: str
    technical_digest: str | None


@dataclass(frozen=True, slots=True)
class TechnicalRelease(StandingBid):
    """A bid whose technical envelope has been opened.

    Shape: content is None where there is no such envelope or the seal did not give it.
    """

    content: bytes | None
