"""What a newcomer still lacks for its first eligible bid, and which programmes would help it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from provider_registry.db import eligibility, programmes
from provider_registry.domain import next_steps as domain
from provider_registry.domain.eligibility import Answer, answer
from provider_registry.domain.finding import Purpose
from provider_registry.domain.next_steps import Step
from provider_registry.domain.programme import Programme
from shared.kernel.errors import not_here
from shared.rules.pack import RulePack

_MOST_CALLS = 20


@dataclass(frozen=True, slots=True)
class PathToBid:
    """Hold the answer that a bid would get, the steps to a better one, and the calls that may help on the way."""

    answer: Answer
    steps: Sequence[Step]
    calls: Sequence[Programme]


async def path_to_bid(connection: AsyncConnection, organisation: str, pack: RulePack, at: datetime) -> PathToBid:
    """Say what was done and what was lacking under a pack, as it was known at an instant."""
    known = await eligibility.known(connection, organisation, at)
    if known.provider is None:
        raise not_here()
    found = answer(known, pack, Purpose.TENDERS, at)
    calls = await programmes.page(connection, None, _MOST_CALLS, at)
    return PathToBid(found, domain.next_steps(known.provider.status, found.findings, pack), calls)
