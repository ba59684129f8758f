"""What happens on the way to those who are invited."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tender.domain.events import ProcedureEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidatesPooled(ProcedureEvent):
    tender: UUID
    candidates: int
    number: int
    digest: str
    pooled_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteesDrawn(ProcedureEvent):
    tender: UUID
    candidates: int
    invitees: int
    witnesses: int
    method: str
    digest: str
    randomness: str
    drawn_at: datetime
