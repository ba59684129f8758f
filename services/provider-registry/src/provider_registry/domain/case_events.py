"""What happens in a case; the texts stay with the parties, and no person is named."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from provider_registry.domain.case_parts import CaseKind, Ending
from provider_registry.domain.finding import Purpose
from shared.kernel.errors import RuleReference
from shared.kernel.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEvent(DomainEvent):
    organisation: str

    @property
    def case(self) -> UUID:
        """The case that it happened in."""
        return self.aggregate


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseNotified(CaseEvent):
    kind: CaseKind
    ground: str | None
    scopes: tuple[Purpose, ...]
    pack: str
    pack_version: str
    evidence: tuple[str, ...]
    reported_by: str
    reply_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReplied(CaseEvent):
    replied_at: datetime
    decision_due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseWithdrawn(CaseEvent):
    withdrawn_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDecided(CaseEvent):
    upheld: bool
    decided_by: str
    scopes: tuple[Purpose, ...]
    reference: RuleReference | None
    in_force_from: datetime | None
    until: datetime | None
    appeal_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseInForce(CaseEvent):
    in_force_from: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAppealed(CaseEvent):
    appealed_at: datetime
    decision_due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAppealDecided(CaseEvent):
    upheld: bool
    decided_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfCleaningOffered(CaseEvent):
    evidence: tuple[str, ...]
    hearing_due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfCleaningHeard(CaseEvent):
    accepted: bool
    heard_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEnded(CaseEvent):
    ended_at: datetime
    because: Ending
