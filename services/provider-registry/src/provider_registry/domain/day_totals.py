"""What a change of a provider's record adds to the totals that its peers are compared with."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from provider_registry.domain.rating import Observation
from provider_registry.domain.record import TrackRecord


@dataclass(frozen=True, slots=True, order=True)
class TotalChange:
    """Add periods and the sum of their scores to what was graded in a category on a day; below zero, take away."""

    category: str
    day: date
    observations: int
    scores: Decimal


def total_changes(before: TrackRecord, after: TrackRecord) -> tuple[TotalChange, ...]:
    """Compare two states of a record, by category and day; what was graded on no known day is in no total."""
    counts = Counter[tuple[str, date]]()
    scores = defaultdict[tuple[str, date], Decimal](Decimal)
    for record, sign in ((before, -1), (after, 1)):
        for category in record.categories:
            for day, one in _dated(record.observations(category)):
                counts[category, day] += sign
                scores[category, day] += sign * one.score
    return tuple(
        sorted(
            TotalChange(category, day, counts[category, day], scores[category, day])
            for category, day in scores
            if counts[category, day] or scores[category, day]
        )
    )


def _dated(observations: Sequence[Observation]) -> Sequence[tuple[date, Observation]]:
    return [(one.graded_on, one) for one in observations if one.graded_on is not None]
