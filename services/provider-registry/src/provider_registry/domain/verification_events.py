"""What happens to declarations, evidence and the counts of professionals; no person is in any of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from shared.kernel.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderDeclared(DomainEvent):
    organisation: str
    pack: str
    pack_version: str
    declared_at: datetime
    valid_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEvent(DomainEvent):
    """What every event of a document tells; its number may be that of a person."""

    organisation: str
    document_type: str
    issuer: str
    digest: str
    valid_from: date
    valid_until: date
    criteria: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEntered(DocumentEvent):
    """It waits for an officer; nothing rests on it yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentAccepted(DocumentEvent):
    accepted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRejected(DocumentEvent):
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentWithdrawn(DocumentEvent):
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentExpiring(DocumentEvent):
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentExpired(DocumentEvent):
    expired_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidencePackIssued(DomainEvent):
    organisation: str
    digest: str
    pack: str
    pack_version: str
    at: datetime
    issued_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfessionalsChanged(DomainEvent):
    organisation: str
    professionals: int
    certificates: Mapping[str, int]
    practice_hours: int
