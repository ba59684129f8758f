"""What is told of whether a provider is eligible, and that it has changed."""

from dataclasses import dataclass
from datetime import datetime

from provider_registry.domain.finding import Purpose
from shared.kernel.errors import RuleReference
from shared.kernel.events import DomainEvent
from shared.rules.result import Verdict


@dataclass(frozen=True, slots=True)
class Exclusion:
    """One finding that keeps a provider from a purpose; a missing fact is `unresolved`."""

    code: str
    verdict: Verdict
    reference: RuleReference | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Held:
    """What was last told of one pack and one purpose."""

    pack: str
    pack_version: str
    purpose: Purpose
    eligible: bool
    exclusions: tuple[Exclusion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityChanged(DomainEvent):
    """The answers of all packs and purposes, as they are from an instant on."""

    organisation: str
    changed_at: datetime
    answers: tuple[Held, ...]
    next_change: datetime | None
