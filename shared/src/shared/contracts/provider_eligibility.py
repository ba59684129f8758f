"""Topic `provider`: for what a provider is eligible under each rule pack, whenever it changes."""

from shared.contracts.event import Data
from shared.contracts.fields import Instant, ShortText
from shared.contracts.subject import OfProvider

OWNER = "provider-registry"


class EligibilityExclusion(Data):
    """One finding that keeps a provider from a purpose."""

    code: ShortText
    verdict: ShortText
    rule: ShortText | None
    source: ShortText | None
    until: Instant | None


class EligibilityAnswer(Data):
    """Whether a provider is eligible for a purpose under a version of a rule pack."""

    pack: ShortText
    pack_version: ShortText
    purpose: ShortText
    eligible: bool
    exclusions: tuple[EligibilityExclusion, ...]


class EligibilityChanged(OfProvider, type="provider.eligibility-changed.v1", owner=OWNER):
    """For what a provider is eligible has changed; the answers are those of every rule pack and purpose."""

    changed_at: Instant
    answers: tuple[EligibilityAnswer, ...]
    next_change: Instant | None
