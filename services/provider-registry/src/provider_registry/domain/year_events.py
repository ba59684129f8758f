"""What happens to the yearly reports of a provider."""

from dataclasses import dataclass
from datetime import datetime

from provider_registry.domain.index_values import IndexValue
from shared.kernel.events import DomainEvent
from shared.kernel.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class YearEntered(DomainEvent):
    organisation: str
    year: int
    confirm_due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class YearConfirmed(DomainEvent):
    organisation: str
    year: int
    total_income: Money
    indices: tuple[IndexValue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class YearSentBack(DomainEvent):
    organisation: str
    year: int
    reason: str
