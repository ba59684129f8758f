"""Topic `provider`: what providers declare and prove, and with how many professionals; it names nobody."""

from datetime import date

from shared.contracts.event import Data, EventData
from shared.contracts.fields import Instant, OrganisationId, Sha256, ShortText
from shared.contracts.provider import OWNER
from shared.contracts.tender import PinnedPack


class Declared(EventData, type="provider.declared.v1", owner=OWNER, key="provider"):
    """A provider declared itself on every criterion of a rule pack; what it answered is for those it bids to."""

    provider: OrganisationId
    pack: PinnedPack
    declared_at: Instant
    valid_until: Instant


class DocumentEntered(EventData, type="provider.document-entered.v1", owner=OWNER, key="provider"):
    """A document was entered for a provider; nothing rests on it before an officer has accepted it."""

    provider: OrganisationId
    document_type: ShortText
    issuer: ShortText
    digest: Sha256
    valid_from: date
    valid_until: date
    criteria: tuple[ShortText, ...]


class DocumentAccepted(EventData, type="provider.document-accepted.v1", owner=OWNER, key="provider"):
    """An officer who neither entered it nor belongs to the provider accepted a document."""

    provider: OrganisationId
    document_type: ShortText
    issuer: ShortText
    digest: Sha256
    valid_from: date
    valid_until: date
    criteria: tuple[ShortText, ...]
    accepted_at: Instant


class DocumentRejected(EventData, type="provider.document-rejected.v1", owner=OWNER, key="provider"):
    """An officer found that a document does not prove what it is to prove."""

    provider: OrganisationId
    document_type: ShortText
    digest: Sha256
    reason: ShortText


class DocumentWithdrawn(EventData, type="provider.document-withdrawn.v1", owner=OWNER, key="provider"):
    """A document was taken back; nothing rests on it any more."""

    provider: OrganisationId
    document_type: ShortText
    digest: Sha256
    reason: ShortText


class DocumentExpiring(EventData, type="provider.document-expiring.v1", owner=OWNER, key="provider"):
    """An accepted document is about to expire; what rests on it needs another one."""

    provider: OrganisationId
    document_type: ShortText
    issuer: ShortText
    digest: Sha256
    criteria: tuple[ShortText, ...]
    expires_at: Instant


class DocumentExpired(EventData, type="provider.document-expired.v1", owner=OWNER, key="provider"):
    """An accepted document has expired."""

    provider: OrganisationId
    document_type: ShortText
    issuer: ShortText
    digest: Sha256
    criteria: tuple[ShortText, ...]
    expired_at: Instant


class EvidencePackIssued(EventData, type="provider.evidence-pack-issued.v1", owner=OWNER, key="provider"):
    """All that was verified of a provider was put into one file; whoever gets it compares its digest with this."""

    provider: OrganisationId
    digest: Sha256
    pack: PinnedPack
    at: Instant
    issued_at: Instant


class CertificateCount(Data):
    """How many confirmed certificates of a type the professionals of a provider have."""

    certificate_type: ShortText
    certificates: int


class ProfessionalsChanged(EventData, type="provider.professionals-changed.v1", owner=OWNER, key="provider"):
    """A provider's professionals changed, in numbers."""

    provider: OrganisationId
    professionals: int
    certificates: tuple[CertificateCount, ...]
    practice_hours: int
