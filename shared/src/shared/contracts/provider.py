"""Topic `provider`: who provides services, and what was verified about them."""

from datetime import date

from shared.contracts.event import Data, EventData
from shared.contracts.fields import DecimalText, Instant, OrganisationId, Sha256, ShortText

OWNER = "provider-registry"


class Identifier(Data):
    """A registration number in a scheme of org-id.guide."""

    scheme: ShortText
    id: ShortText


class Evidence(Data):
    """A document that supports a claim, by its digest."""

    document_type: ShortText
    digest: Sha256
    valid_until: date


class ProviderRegistered(EventData, type="provider.registered.v1", owner=OWNER, key="provider"):
    """An organisation entered the registry."""

    provider: OrganisationId
    name: ShortText
    legal_form: ShortText
    identifier: Identifier


class EvidenceSubmitted(EventData, type="provider.evidence-submitted.v1", owner=OWNER, key="provider"):
    """A provider put forward the evidence to be checked."""

    provider: OrganisationId
    evidence: tuple[Evidence, ...]
    check_due: Instant


class EvidenceChecked(EventData, type="provider.evidence-checked.v1", owner=OWNER, key="provider"):
    """A first officer found the evidence good; only a second one makes it count."""

    provider: OrganisationId


class ProviderVerified(EventData, type="provider.verified.v1", owner=OWNER, key="provider"):
    """A second officer confirmed the evidence: the provider may bid until the date given."""

    provider: OrganisationId
    name: ShortText
    legal_form: ShortText
    verified_at: Instant
    valid_until: date


class VerificationRefused(EventData, type="provider.verification-refused.v1", owner=OWNER, key="provider"):
    """The evidence did not hold; the provider may submit again."""

    provider: OrganisationId
    reason: ShortText


class RecordUpdated(EventData, type="provider.record-updated.v1", owner=OWNER, key="provider"):
    """The track record changed; `mean_score` is null while the provider is not rated."""

    provider: OrganisationId
    contracts: int
    periods_graded: int
    rated: bool
    mean_score: DecimalText | None
    latest_grade: ShortText | None
    latest_ocid: ShortText | None
    ended_early: int | None = None
