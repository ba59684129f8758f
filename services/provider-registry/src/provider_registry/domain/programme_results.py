"""How providers were graded before and after a programme helped them; it says nothing of why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from provider_registry.domain.rating import Observation


@dataclass(frozen=True, slots=True)
class BeforeAndAfter:
    """Hold the plain means of the periods graded before a day and from it on.

    Units: means from 0 to 100; both are None unless each side has the least number of periods.
    """

    category: str
    before_observations: int
    after_observations: int
    before: Fraction | None
    after: Fraction | None


def compare(category: str, graded: Sequence[tuple[Observation, date]], minimum: int) -> BeforeAndAfter:
    """Compare what was graded with the day that each grade is held against, such as that of a grant."""
    dated = [(one, day) for one, day in graded if one.graded_on is not None]
    before = [one for one, day in dated if one.graded_on is not None and one.graded_on < day]
    after = [one for one, day in dated if one.graded_on is not None and one.graded_on >= day]
    shown = min(len(before), len(after)) >= max(minimum, 1)
    return BeforeAndAfter(
        category=category,
        before_observations=len(before),
        after_observations=len(after),
        before=_mean(before) if shown else None,
        after=_mean(after) if shown else None,
    )


def _mean(observations: Sequence[Observation]) -> Fraction:
    return sum((Fraction(one.score) for one in observations), Fraction(0)) / len(observations)
