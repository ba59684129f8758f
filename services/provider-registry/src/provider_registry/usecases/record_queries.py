"""What can be asked of a provider's record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from provider_registry.db import records, store
from provider_registry.domain.rating import CategoryRating, RatingTerms
from provider_registry.domain.record import TrackRecord
from provider_registry.usecases.ratings import rating_of
from shared.rules.pack import RulePack


@dataclass(frozen=True, slots=True)
class RecordAnswer:
    """Hold a record as it was known at an instant, rated by a pack."""

    record: TrackRecord
    at: datetime
    pack: RulePack
    terms: RatingTerms
    ratings: Sequence[CategoryRating]


async def record(
    connection: AsyncConnection, organisation: str, at: datetime, pack: RulePack, category: str | None
) -> RecordAnswer:
    """Rate a provider in its categories, or in the one that is asked for, whether it has been there or not."""
    await store.provider(connection, organisation)
    known = await records.record_known(connection, organisation, at)
    categories = known.categories if category is None else (category,)
    ratings = [await rating_of(connection, known, one, pack, at) for one in categories]
    return RecordAnswer(known, at, pack, RatingTerms.of(pack), ratings)
