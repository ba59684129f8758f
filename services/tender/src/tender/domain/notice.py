"""What a provider is told about a tender that it registered for, asked about, bid on or is invited to."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class NoticeKind(StrEnum):
    """What there is news of."""

    AMENDMENT = "amendment"
    ANSWER = "answer"
    DEADLINE = "deadline"
    CANCELLATION = "cancellation"
    INVITATION = "invitation"
    AWARD = "award"
    CHANGED_TERMS = "changed-terms"
    FINAL_QUOTES = "final-quotes"


@dataclass(frozen=True, slots=True)
class Notice:
    """One piece of news to one organisation.

    Shape: subject is the id of the amendment, question or award, or the tender's own; closes_at the deadline as it then
    was, of final quotes where it is they that are asked for, None where there is none any more.
    """

    id: UUID
    tender: UUID
    kind: NoticeKind
    subject: UUID
    closes_at: datetime | None
    given_at: datetime
    read_at: datetime | None
