"""What happens to an amount that is withheld; aggregate is the hold."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.kernel.events import DomainEvent
from shared.kernel.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldEvent(DomainEvent):
    """Something that happened to a hold; rest is what is still withheld after it."""

    ocid: str
    contract: UUID
    hold: UUID
    period: str
    payee: str
    amount: Money
    rest: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldAppealed(HoldEvent):
    appealed_at: datetime
    decision_due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReleased(HoldEvent):
    because: str
    reason: str
    released_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldDecided(HoldEvent):
    outcome: str
    appealed: bool
    reason: str
    decided_at: datetime
