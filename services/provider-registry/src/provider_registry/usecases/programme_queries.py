"""What can be asked of capacity programmes."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from provider_registry.db import programmes, records
from provider_registry.domain.application import Application
from provider_registry.domain.programme import Programme
from provider_registry.domain.programme_results import BeforeAndAfter, compare
from provider_registry.domain.rating import RatingTerms, day_of
from shared.rules.pack import RulePack


async def programme(connection: AsyncConnection, identifier: UUID) -> Programme:
    return await programmes.programme(connection, identifier)


async def page(
    connection: AsyncConnection, after: UUID | None, limit: int, open_at: datetime | None
) -> Sequence[Programme]:
    return await programmes.page(connection, after, limit, open_at)


async def applications(connection: AsyncConnection, identifier: UUID) -> Sequence[Application]:
    await programmes.programme(connection, identifier)
    return await programmes.applications_of(connection, identifier)


async def results(
    connection: AsyncConnection, identifier: UUID, at: datetime, pack: RulePack
) -> tuple[int, Sequence[BeforeAndAfter]]:
    """Compare how those who were granted were graded before and after, by category of the programme.

    Returns the least number of periods on each side, and a comparison for each category.
    """
    found = await programmes.programme(connection, identifier)
    granted = [
        (await records.record_known(connection, one.organisation, at), day_of(one.decided_at))
        for one in await programmes.applications_of(connection, identifier)
        if one.milestones and one.decided_at is not None and one.decided_at <= at
    ]
    least = RatingTerms.of(pack).minimum
    return least, [
        compare(
            category,
            [(observed, day) for record, day in granted for observed in record.observations(category)],
            least,
        )
        for category in found.categories
    ]
