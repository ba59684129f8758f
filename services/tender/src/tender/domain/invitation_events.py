"""What happens on the way to those who are invited."""

from dataclasses import dataclass
from uuid import UUID

from tender.domain.draw_parts import Closing, Draw
from tender.domain.events import ProcedureEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidatesPooled(ProcedureEvent):
    tender: UUID
    candidates: int
    number: int
    digest: str
    closing: Closing


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteesDrawn(ProcedureEvent):
    tender: UUID
    candidates: int
    invitees: int
    witnesses: int
    digest: str
    draw: Draw
