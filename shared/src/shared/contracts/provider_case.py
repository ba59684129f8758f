"""Topic `provider`: what is held against providers, how it is decided, and until when it counts."""

from shared.contracts.fields import Instant, OrganisationId, Sha256, ShortText
from shared.contracts.subject import OfCase

OWNER = "provider-registry"


class CaseNotified(OfCase, type="provider.case-notified.v1", owner=OWNER):
    """A provider was told of a case against it, and may reply."""

    kind: ShortText
    ground: ShortText | None
    scopes: tuple[ShortText, ...]
    pack: ShortText
    pack_version: ShortText
    evidence: tuple[Sha256, ...]
    reported_by: OrganisationId
    reply_until: Instant


class CaseReplied(OfCase, type="provider.case-replied.v1", owner=OWNER):
    """The provider replied to a case against it."""

    replied_at: Instant
    decision_due: Instant


class CaseWithdrawn(OfCase, type="provider.case-withdrawn.v1", owner=OWNER):
    """A case was taken back by who reported it."""

    withdrawn_at: Instant


class CaseDecided(OfCase, type="provider.case-decided.v1", owner=OWNER):
    """Another body decided a case; what it upholds is in force from the instant given on."""

    upheld: bool
    decided_by: OrganisationId
    scopes: tuple[ShortText, ...]
    rule: ShortText | None
    source: ShortText | None
    in_force_from: Instant | None
    until: Instant | None
    appeal_until: Instant


class CaseInForce(OfCase, type="provider.case-in-force.v1", owner=OWNER):
    """The standstill of a decision is over: it keeps the provider from what it says."""

    in_force_from: Instant
    until: Instant | None


class CaseAppealed(OfCase, type="provider.case-appealed.v1", owner=OWNER):
    """The provider appealed against the decision of a case, which holds meanwhile."""

    appealed_at: Instant
    decision_due: Instant


class CaseAppealDecided(OfCase, type="provider.case-appeal-decided.v1", owner=OWNER):
    """Yet another body decided on an appeal; one that is upheld ends the case."""

    upheld: bool
    decided_by: OrganisationId


class SelfCleaningOffered(OfCase, type="provider.self-cleaning-offered.v1", owner=OWNER):
    """The provider showed what it did so that it does not happen again."""

    evidence: tuple[Sha256, ...]
    hearing_due: Instant


class SelfCleaningHeard(OfCase, type="provider.self-cleaning-heard.v1", owner=OWNER):
    """Another body decided whether the provider has cleaned itself; if it has, the case ends."""

    accepted: bool
    heard_by: OrganisationId


class CaseEnded(OfCase, type="provider.case-ended.v1", owner=OWNER):
    """A case keeps the provider from nothing any more."""

    ended_at: Instant
    because: ShortText
