"""Who is eligible, by what the provider registry tells; nothing here commits."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from shared.kernel.errors import RuleReference
from shared.platform.work import Work
from shared.rules.pack import RulePack
from tender.db import eligibility
from tender.domain.eligibility import Exclusion, Purpose, not_eligible, reference_of, standing_exclusion


async def remember(work: Work, organisation: str, exclusions: Sequence[Exclusion], *, since: datetime) -> None:
    """Remember what the registry tells of an organisation."""
    await eligibility.note(work.connection, organisation, exclusions, since=since)


async def require_eligible(work: Work, organisation: str, pack: RulePack, purpose: Purpose) -> None:
    """Hold an organisation to what the registry says now.

    Raises:
        NotAllowed: bidder-not-eligible.
    """
    told = await eligibility.told_at(work.connection, [organisation], work.now)
    found = standing_exclusion(told.get(organisation, ()), pack, purpose, work.now)
    if found is not None:
        raise not_eligible(found, pack)


async def excluded_at(
    work: Work, organisations: Iterable[str], pack: RulePack, purpose: Purpose, instant: datetime
) -> Mapping[str, RuleReference]:
    """Return who was kept away at an instant, each with the rule that says so."""
    told = await eligibility.told_at(work.connection, organisations, instant)
    found = {name: standing_exclusion(exclusions, pack, purpose, instant) for name, exclusions in told.items()}
    return {name: reference_of(one, pack) for name, one in found.items() if one is not None}
