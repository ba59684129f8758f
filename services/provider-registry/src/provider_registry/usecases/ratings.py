"""How a provider is rated, in a category and at an instant."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from provider_registry.db import records
from provider_registry.domain.rating import CategoryRating, RatingTerms, day_of, rate
from provider_registry.domain.record import TrackRecord
from shared.rules.pack import RulePack


async def rating_of(
    connection: AsyncConnection, record: TrackRecord, category: str, pack: RulePack, at: datetime
) -> CategoryRating:
    """Rate a provider in a category, against the peers that the registry knew at the instant."""
    terms, on = RatingTerms.of(pack), day_of(at)
    # No year is longer, so nothing before this day counts.
    first = on - timedelta(days=366 * terms.expiry)
    peers = await records.totals(connection, category, first, on, at)
    return rate(category, record.observations(category), peers, terms, on)
