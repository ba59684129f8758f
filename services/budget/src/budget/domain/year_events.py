"""What happens to a fiscal year."""

from dataclasses import dataclass
from datetime import date

from shared.kernel.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class FiscalYearDeclared(DomainEvent):
    fiscal_year: int
    starts: date
    ends: date
    time_zone: str
    policy: str
