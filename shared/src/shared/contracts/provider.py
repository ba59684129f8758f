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


class FormerName(Data):
    """A name that an organisation had; `since` is null where nobody said."""

    name: ShortText
    since: date | None
    until: date


class Address(Data):
    """Where an organisation has its seat."""

    street: ShortText
    locality: ShortText
    postal_code: ShortText | None
    region: ShortText | None
    country: ShortText


class OwningOrganisation(Data):
    """An organisation that owns or controls another; persons who do are counted, never named."""

    name: ShortText
    control: tuple[ShortText, ...]
    since: date
    until: date | None
    share: DecimalText | None
    organisation: OrganisationId | None
    identifier: Identifier | None


class ConsortiumMember(Data):
    """An organisation of a consortium."""

    organisation: OrganisationId
    share: DecimalText


class RoleCount(Data):
    """How many people have a role."""

    role: ShortText
    number: int


class ProviderRegistered(EventData, type="provider.registered.v1", owner=OWNER, key="provider"):
    """An organisation entered the registry."""

    provider: OrganisationId
    name: ShortText
    legal_form: ShortText
    identifier: Identifier
    other_identifiers: tuple[Identifier, ...] | None = None
    former_names: tuple[FormerName, ...] | None = None
    address: Address | None = None


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


class DetailsChanged(EventData, type="provider.details-changed.v1", owner=OWNER, key="provider"):
    """Who runs, owns or forms a provider changed, or its seat; where `verification_ended`, it may not bid any more."""

    provider: OrganisationId
    address: Address | None
    people: tuple[RoleCount, ...]
    owners: tuple[OwningOrganisation, ...]
    owning_persons: int
    members: tuple[ConsortiumMember, ...]
    verification_ended: bool


class ProviderMerged(EventData, type="provider.merged.v1", owner=OWNER, key="provider"):
    """The entry was given up for another of the same organisation, and may not bid any more."""

    provider: OrganisationId
    into: OrganisationId


class ProviderAbsorbed(EventData, type="provider.absorbed.v1", owner=OWNER, key="provider"):
    """The entry holds what another entry of the same organisation held; its own verification stays."""

    provider: OrganisationId
    given_up: OrganisationId
    other_identifiers: tuple[Identifier, ...]
    former_names: tuple[FormerName, ...]


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
