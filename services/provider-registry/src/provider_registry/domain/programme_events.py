"""What happens to capacity programmes and to the applications for them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from provider_registry.domain.programme_parts import Milestone
from shared.kernel.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeOpened(DomainEvent):
    office: str
    title: str
    kind: str
    criteria: tuple[str, ...]
    categories: tuple[str, ...]
    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationReceived(DomainEvent):
    organisation: str
    programme: UUID
    decision_due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationAssessed(DomainEvent):
    organisation: str
    programme: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationDecided(DomainEvent):
    organisation: str
    programme: UUID
    granted: bool
    reasons: str
    milestones: tuple[Milestone, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationWithdrawn(DomainEvent):
    organisation: str
    programme: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneRecorded(DomainEvent):
    organisation: str
    programme: UUID
    milestone: str
    reached: bool
    outcome: str
    left: int
