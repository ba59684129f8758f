"""Topic `provider`: who provides services, and what was verified about them."""

from datetime import date

from shared.contracts.event import Data
from shared.contracts.fields import DecimalText, Instant, OrganisationId, Sha256, ShortText
from shared.contracts.subject import OfProvider

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


class ProviderRegistered(OfProvider, type="provider.registered.v1", owner=OWNER):
    """An organisation entered the registry."""

    name: ShortText
    legal_form: ShortText
    identifier: Identifier
    other_identifiers: tuple[Identifier, ...] | None = None
    former_names: tuple[FormerName, ...] | None = None
    address: Address | None = None


class EvidenceSubmitted(OfProvider, type="provider.evidence-submitted.v1", owner=OWNER):
    """A provider put forward the evidence to be checked."""

    evidence: tuple[Evidence, ...]
    check_due: Instant


class EvidenceChecked(OfProvider, type="provider.evidence-checked.v1", owner=OWNER):
    """A first officer found the evidence good; only a second one makes it count."""


class ProviderVerified(OfProvider, type="provider.verified.v1", owner=OWNER):
    """A second officer confirmed the evidence: the provider may bid until the date given."""

    name: ShortText
    legal_form: ShortText
    verified_at: Instant
    valid_until: date


class VerificationRefused(OfProvider, type="provider.verification-refused.v1", owner=OWNER):
    """The evidence did not hold; the provider may submit again."""

    reason: ShortText


class DetailsChanged(OfProvider, type="provider.details-changed.v1", owner=OWNER):
    """Who runs, owns or forms a provider changed, or its seat; where `verification_ended`, it may not bid any more."""

    address: Address | None
    people: tuple[RoleCount, ...]
    owners: tuple[OwningOrganisation, ...]
    owning_persons: int
    members: tuple[ConsortiumMember, ...]
    verification_ended: bool


class ProviderMerged(OfProvider, type="provider.merged.v1", owner=OWNER):
    """The entry was given up for another of the same organisation, and may not bid any more."""

    into: OrganisationId


class ProviderAbsorbed(OfProvider, type="provider.absorbed.v1", owner=OWNER):
    """The entry holds what another entry of the same organisation held; its own verification stays."""

    given_up: OrganisationId
    other_identifiers: tuple[Identifier, ...]
    former_names: tuple[FormerName, ...]


class RecordUpdated(OfProvider, type="provider.record-updated.v1", owner=OWNER):
    """The track record changed; `mean_score` is null while the provider is not rated."""

    contracts: int
    periods_graded: int
    rated: bool
    mean_score: DecimalText | None
    latest_grade: ShortText | None
    latest_ocid: ShortText | None
    ended_early: int | None = None
