"""What becomes of exceptions."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tender.domain.events import ProcedureEvent
from tender.domain.parts import Party


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionGranted(ProcedureEvent):
    tender: UUID
    buyer: Party
    rule: str
    source: str
    code: str
    reason: str
    evidence: tuple[str, ...]
    granted_at: datetime
