"""What happens to questions."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tender.domain.events import ProcedureEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionEvent(ProcedureEvent):
    question: UUID
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAsked(QuestionEvent):
    asker: str
    lot: str | None
    criterion: str | None
    asked_at: datetime
    answer_due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAnswered(QuestionEvent):
    number: int
    answered_at: datetime
    old_closes_at: datetime
    closes_at: datetime
