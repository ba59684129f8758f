"""Whether a provider is eligible, answered at any instant and told whenever it changes; nothing here commits."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from provider_registry.db import eligibility, screening, store
from provider_registry.domain.eligibility import Answer, answer
from provider_registry.domain.finding import Purpose
from shared.kernel.errors import not_here
from shared.platform.work import Work
from shared.rules.pack import pack_in_force


async def refresh(work: Work, organisation: str) -> None:
    """Work eligibility out anew, in the transaction of whatever may have changed it, and tell of a change.

    What becomes of an entry that was given up concerns the one that was kept.
    """
    for entry in dict.fromkeys((organisation, await store.kept(work.connection, organisation))):
        await _refresh(work, entry)


async def _refresh(work: Work, organisation: str) -> None:
    before = await eligibility.last_told(work.connection, organisation)
    known = await eligibility.known(work.connection, organisation, work.now)
    if known.provider is not None:
        await screening.to_screen(work.connection, known.provider, work.now)
    after, events = before.refreshed(known, work.now)
    if after != before:
        await eligibility.keep(work.connection, before, after)
        await work.record(events)


async def let_time_act(work: Work, identifier: UUID) -> None:
    """Work it out anew at the instant at which it changes by itself."""
    await refresh(work, await eligibility.organisation_of(work.connection, identifier))


async def eligible(
    connection: AsyncConnection, organisation: str, pack_id: str, purpose: Purpose, at: datetime
) -> Answer:
    """Answer by what was known at the instant, under the version of the pack that was in force."""
    known = await eligibility.known(connection, organisation, at)
    if known.provider is None and not await store.is_registered(connection, organisation):
        raise not_here()
    return answer(known, pack_in_force(pack_id, at.date()), purpose, at)
