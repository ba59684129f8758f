"""Whom the provider registry keeps from new tenders or new orders."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.kernel.errors import NotAllowed, RuleReference
from shared.rules.pack import RulePack

RULE, UNRESOLVED = "bidder-eligible", "bidder-eligible.unresolved-admitted"
# That is a rule of its own here, which the procedure's pack may not have.
_NOT_VERIFIED = "provider-not-verified"

Purpose = Literal["tenders", "orders"]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """One finding of the registry under a pack; until is the first instant at which it does not count, if any."""

    pack: str
    purpose: str
    code: str
    unresolved: bool
    rule: str | None
    source: str | None
    until: datetime | None


def standing_exclusion(
    told: Iterable[Exclusion], pack: RulePack, purpose: Purpose, instant: datetime
) -> Exclusion | None:
    """Return what keeps an organisation away at an instant, of all that was told of it the longest."""
    if not pack.flag(RULE):
        return None
    counting = [
        one
        for one in told
        if (one.pack, one.purpose) == (pack.id, purpose)
        and one.code != _NOT_VERIFIED
        and not (one.unresolved and pack.flag(UNRESOLVED))
        and (one.until is None or instant < one.until)
    ]
    return max(counting, key=lambda one: (one.until is None, one.until.timestamp() if one.until else 0), default=None)


def reference_of(exclusion: Exclusion, pack: RulePack) -> RuleReference:
    """Return the rule by which the registry excludes; where it names none, that only eligible providers bid."""
    if exclusion.rule is None or exclusion.source is None:
        return pack.reference(RULE)
    return RuleReference(exclusion.rule, exclusion.source)


def not_eligible(exclusion: Exclusion, pack: RulePack) -> NotAllowed:
    """Refuse whoever is not eligible."""
    end = exclusion.until.isoformat(timespec="seconds").replace("+00:00", "Z") if exclusion.until else None
    return NotAllowed(
        "bidder-not-eligible",
        f"The provider registry keeps the organisation away: {exclusion.code}.",
        reference=reference_of(exclusion, pack),
        satisfied_by=f"Its end at {end}." if end else "Its end, which the provider registry tells.",
    )
