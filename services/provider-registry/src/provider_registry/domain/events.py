"""What happens to a provider."""

from dataclasses import dataclass
from datetime import date, datetime

from provider_registry.domain.provider_data import Evidence, Identifier, LegalForm
from shared.kernel.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRegistered(DomainEvent):
    organisation: str
    name: str
    legal_form: LegalForm
    identifier: Identifier


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSubmitted(DomainEvent):
    organisation: str
    evidence: tuple[Evidence, ...]
    check_due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceChecked(DomainEvent):
    organisation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderVerified(DomainEvent):
    organisation: str
    name: str
    legal_form: LegalForm
    verified_at: datetime
    valid_until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationRefused(DomainEvent):
    organisation: str
    reason: str
