"""Topic `provider`: what providers declare and prove, and with how many professionals; it names nobody."""

from datetime import date

from shared.contracts.event import Data
from shared.contracts.fields import Instant, Sha256, ShortText
from shared.contracts.provider import OWNER
from shared.contracts.subject import OfProvider
from shared.contracts.tender import PinnedPack


class Declared(OfProvider, type="provider.declared.v1", owner=OWNER):
    """A provider declared itself on every criterion of a rule pack; what it answered is for those it bids to."""

    pack: PinnedPack
    declared_at: Instant
    valid_until: Instant


class DocumentEntered(OfProvider, type="provider.document-entered.v1", owner=OWNER):
    """A document was entered for a provider; nothing rests on it before an officer has accepted it."""

    document_type: ShortText
    issuer: ShortText
    digest: Sha256
    valid_from: date
    valid_until: date
    criteria: tuple[ShortText, ...]


class DocumentAccepted(OfProvider, type="provider.document-accepted.v1", owner=OWNER):
    """An officer who neither entered it nor belongs to the provider accepted a document."""

    document_type: ShortText
    issuer: ShortText
    digest: Sha256
    valid_from: date
    valid_until: date
    criteria: tuple[ShortText, ...]
    accepted_at: Instant


class DocumentRejected(OfProvider, type="provider.document-rejected.v1", owner=OWNER):
    """An officer found that a document does not prove what it is to prove."""

    document_type: ShortText
    digest: Sha256
    reason: ShortText


class DocumentWithdrawn(OfProvider, type="provider.document-withdrawn.v1", owner=OWNER):
    """A document was taken back; nothing rests on it any more."""

    document_type: ShortText
    digest: Sha256
    reason: ShortText


class DocumentExpiring(OfProvider, type="provider.document-expiring.v1", owner=OWNER):
    """An accepted document is about to expire; what rests on it needs another one."""

    document_type: ShortText
    issuer: ShortText
    digest: Sha256
    criteria: tuple[ShortText, ...]
    expires_at: Instant


class DocumentExpired(OfProvider, type="provider.document-expired.v1", owner=OWNER):
    """An accepted document has expired."""

    document_type: ShortText
    issuer: ShortText
    digest: Sha256
    criteria: tuple[ShortText, ...]
    expired_at: Instant


class EvidencePackIssued(OfProvider, type="provider.evidence-pack-issued.v1", owner=OWNER):
    """All that was verified of a provider was put into one file; whoever gets it compares its digest with this."""

    digest: Sha256
    pack: PinnedPack
    at: Instant
    issued_at: Instant


class CertificateCount(Data):
    """How many confirmed certificates of a type the professionals of a provider have."""

    certificate_type: ShortText
    certificates: int


class ProfessionalsChanged(OfProvider, type="provider.professionals-changed.v1", owner=OWNER):
    """A provider's professionals changed, in numbers."""

    professionals: int
    certificates: tuple[CertificateCount, ...]
    practice_hours: int
