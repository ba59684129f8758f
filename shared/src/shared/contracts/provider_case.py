"""Topic `provider`: what is held against providers, how it is decided, and until when it counts."""

from uuid import UUID

from shared.contracts.event import EventData
from shared.contracts.fields import Instant, OrganisationId, Sha256, ShortText

OWNER = "provider-registry"


class CaseNotified(EventData, type="provider.case-notified.v1", owner=OWNER, key="provider"):
    """A provider was told of a case against it, and may reply."""

    provider: OrganisationId
    case: UUID
    kind: ShortText
    ground: ShortText | None
    scopes: tuple[ShortText, ...]
    pack: ShortText
    pack_version: ShortText
    evidence: tuple[Sha256, ...]
    reported_by: OrganisationId
    reply_until: Instant


class CaseReplied(EventData, type="provider.case-replied.v1", owner=OWNER, key="provider"):
    """The provider replied to a case against it."""

    provider: OrganisationId
    case: UUID
    replied_at: Instant
    decision_due: Instant


class CaseWithdrawn(EventData, type="provider.case-withdrawn.v1", owner=OWNER, key="provider"):
    """A case was taken back by who reported it."""

    provider: OrganisationId
    case: UUID
    withdrawn_at: Instant


class CaseDecided(EventData, type="provider.case-decided.v1", owner=OWNER, key="provider"):
    """Another body decided a case; what it upholds is in force from the instant given on."""

    provider: OrganisationId
    case: UUID
    upheld: bool
    decided_by: OrganisationId
    scopes: tuple[ShortText, ...]
    rule: ShortText | None
    source: ShortText | None
    in_force_from: Instant | None
    until: Instant | None
    appeal_until: Instant


class CaseInForce(EventData, type="provider.case-in-force.v1", owner=OWNER, key="provider"):
    """The standstill of a decision is over: it keeps the provider from what it says."""

    provider: OrganisationId
    case: UUID
    in_force_from: Instant
    until: Instant | None


class CaseAppealed(EventData, type="provider.case-appealed.v1", owner=OWNER, key="provider"):
    """The provider appealed against the decision of a case, which holds meanwhile."""

    provider: OrganisationId
    case: UUID
    appealed_at: Instant
    decision_due: Instant


class CaseAppealDecided(EventData, type="provider.case-appeal-decided.v1", owner=OWNER, key="provider"):
    """Yet another body decided on an appeal; one that is upheld ends the case."""

    provider: OrganisationId
    case: UUID
    upheld: bool
    decided_by: OrganisationId


class SelfCleaningOffered(EventData, type="provider.self-cleaning-offered.v1", owner=OWNER, key="provider"):
    """The provider showed what it did so that it does not happen again."""

    provider: OrganisationId
    case: UUID
    evidence: tuple[Sha256, ...]
    hearing_due: Instant


class SelfCleaningHeard(EventData, type="provider.self-cleaning-heard.v1", owner=OWNER, key="provider"):
    """Another body decided whether the provider has cleaned itself; if it has, the case ends."""

    provider: OrganisationId
    case: UUID
    accepted: bool
    heard_by: OrganisationId


class CaseEnded(EventData, type="provider.case-ended.v1", owner=OWNER, key="provider"):
    """A case keeps the provider from nothing any more."""

    provider: OrganisationId
    case: UUID
    ended_at: Instant
    because: ShortText
