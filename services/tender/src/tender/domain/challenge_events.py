"""What happens in a challenge."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tender.domain.events import ProcedureEvent
from tender.domain.parts import Party


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeEvent(ProcedureEvent):
    tender: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeRaised(ChallengeEvent):
    challenger: Party | None
    relates_to: str
    lot: str | None
    ground: str
    remedies: tuple[str, ...]
    answer_due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeAnswered(ChallengeEvent):
    conceded: bool
    remedy: str | None
    complaint_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintFiled(ChallengeEvent):
    filed_at: datetime
    decision_due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintAdmitted(ChallengeEvent):
    admitted: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintDecided(ChallengeEvent):
    upheld: bool
    remedy: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeClosed(ChallengeEvent):
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentBack(ProcedureEvent):
    stage: str
    lots: tuple[str, ...]
    reason: str
