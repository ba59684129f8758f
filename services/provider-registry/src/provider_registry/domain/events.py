"""What happens to a provider."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from provider_registry.domain.provider_data import (
    Address,
    Evidence,
    FormerName,
    Identifier,
    Member,
    Owner,
    PersonRole,
)
from shared.kernel.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRegistered(DomainEvent):
    organisation: str
    name: str
    legal_form: str
    identifier: Identifier
    other_identifiers: tuple[Identifier, ...] = ()
    former_names: tuple[FormerName, ...] = ()
    address: Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailsChanged(DomainEvent):
    """Units: people are counted by role, and owners who are persons together."""

    organisation: str
    address: Address | None
    people: Mapping[PersonRole, int]
    owners: tuple[Owner, ...]
    owning_persons: int
    members: tuple[Member, ...]
    verification_ended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderMerged(DomainEvent):
    organisation: str
    into: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAbsorbed(DomainEvent):
    organisation: str
    given_up: str
    other_identifiers: tuple[Identifier, ...]
    former_names: tuple[FormerName, ...]


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
    legal_form: str
    verified_at: datetime
    valid_until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationRefused(DomainEvent):
    organisation: str
    reason: str
