"""The parts that a case is made of."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from shared.kernel.lifecycle import lifecycle, transition
from shared.kernel.money import Money


class CaseKind(StrEnum):
    """What a case is to lead to."""

    GROUND = "exclusion-ground"
    DEBARMENT = "debarment"
    SUSPENSION = "suspension"


class CaseStatus(StrEnum):
    """Where a case stands."""

    DRAFT = "draft"
    NOTIFIED = "notified"
    REPLIED = "replied"
    DECIDED = "decided"
    IN_FORCE = "in-force"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


class Ending(StrEnum):
    """Why a decision does not hold any more."""

    TERM = "term"
    SETTLED = "settled"
    APPEAL = "appeal"
    SELF_CLEANED = "self-cleaned"


_OPEN = "notified replied"
_HOLDING = "decided in-force"
CASE = lifecycle(
    "case",
    CaseStatus.DRAFT,
    transition("notify", "draft", "notified", "sanctions-officer"),
    transition("reply", "notified", "replied", "provider", rule="case.reply-period"),
    transition("withdraw", f"draft {_OPEN}", "withdrawn", "sanctions-officer"),
    transition("offer", f"{_OPEN} {_HOLDING}", f"{_OPEN} {_HOLDING}", "provider"),
    transition("hear", f"{_OPEN} {_HOLDING}", f"{_OPEN} {_HOLDING} ended", "sanctions-authority"),
    transition("decide", _OPEN, "decided in-force dismissed", "sanctions-authority", rule="case.reply-heard"),
    transition("enter", "decided", "in-force", "time"),
    transition("settle", _HOLDING, "ended", "sanctions-authority"),
    transition("end", "in-force", "ended", "time"),
    transition("appeal", f"{_HOLDING} ended", f"{_HOLDING} ended", "provider", rule="debarment.appeal"),
    transition("decide-appeal", f"{_HOLDING} ended", f"{_HOLDING} ended", "another sanctions-authority"),
)


@dataclass(frozen=True, slots=True)
class Body:
    """A person who acts for an organisation; events name the organisation alone."""

    person: str
    organisation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What somebody says that a provider did, and what shows it, by digests (SHA-256, hexadecimal).

    Shape: event_day is the day of the event, or of the conviction; last_day is what the report asks for, if anything.
    """

    by: Body
    at: datetime
    facts: str
    evidence: tuple[str, ...]
    event_day: date
    fine: Money | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What the provider says to it."""

    at: datetime
    statement: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What another body decided, and from when on and until when it holds.

    Shape: until is the first instant at which it does not hold, none until it is settled; both are none where the case
    is dismissed.
    """

    by: Body
    at: datetime
    upheld: bool
    reasons: str
    appeal_until: datetime
    in_force_from: datetime | None = None
    until: datetime | None = None
    likely_to_recur: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """What the provider brings against the decision, and what became of it."""

    at: datetime
    grounds: str
    decision_due: datetime
    decided_by: Body | None = None
    decided_at: datetime | None = None
    upheld: bool | None = None
    reasons: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfCleaning:
    """What the provider has done so that it does not happen again, and whether that was found enough."""

    at: datetime
    measures: str
    evidence: tuple[str, ...]
    hearing_due: datetime
    heard_by: Body | None = None
    heard_at: datetime | None = None
    accepted: bool | None = None
    reasons: str | None = None

    @property
    def heard(self) -> bool:
        """Whether somebody has decided on it."""
        return self.heard_at is not None
