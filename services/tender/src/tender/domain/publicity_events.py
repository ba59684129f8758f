"""What happens while it is public that one provider alone is to be asked."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.kernel.money import Money
from tender.domain.events import ProcedureEvent
from tender.domain.parts import Party


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleSourcePublicised(ProcedureEvent):
    tender: UUID
    buyer: Party
    title: str
    value: Money
    supplier: Party
    ground: str
    rationale: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionRaised(ProcedureEvent):
    tender: UUID
    objection: UUID
    raised_at: datetime
    review_due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionReviewed(ProcedureEvent):
    tender: UUID
    objection: UUID
    outcome: str
    answer: str
    reviewed_at: datetime
