"""What happens to a revision of the budget before it is in force."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from budget.domain.grant import Source
from shared.kernel.events import DomainEvent
from shared.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Move:
    """What a revision adds to a line, or takes from it.

    Units: an amount below zero takes.
    Shape: sources say where what is added comes from, none where nobody says.
    """

    line: UUID
    amount: Money
    sources: tuple[Source, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionProposed(DomainEvent):
    kind: str
    moves: tuple[Move, ...]
    reason: str
    decision: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionRejected(DomainEvent):
    reason: str
