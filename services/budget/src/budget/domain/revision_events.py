"""What happens to a revision of the budget before it is in force."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.kernel.events import DomainEvent
from shared.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Move:
    """What a revision adds to a line, or takes from it.

    Units: an amount below zero takes.
    """

    line: UUID
    amount: Money


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
