"""What happens to the ceilings of a line."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.kernel.events import DomainEvent
from shared.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Limit:
    """How much may be promised of a later year's budget."""

    year: int
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class CeilingsProposed(DomainEvent):
    line: UUID
    code: str
    limits: tuple[Limit, ...]
    due_at: datetime
    total: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CeilingsSet(DomainEvent):
    line: UUID
    code: str
    limits: tuple[Limit, ...]
    total: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CeilingsRejected(DomainEvent):
    line: UUID
    code: str
    reason: str
