"""How good a provider is at one kind of service: graded periods, weighed by age and drawn to the mean of its peers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from shared.kernel.calendar import anniversary
from shared.kernel.errors import RuleReference
from shared.rules.derivation import Derivation, half_up, plain
from shared.rules.pack import RulePack

WEIGHT = "w = (1/2)^q x (1 - r / (2 x half-life)), with q whole half-lives and r days of age"
MEAN = "mean = sum(w x score) / W, with W = sum(w)"
SCORE = "score = (W x mean + k x peer mean) / (W + k)"


@dataclass(frozen=True, slots=True)
class RatingTerms:
    """Say how a pack wants past performance to be weighed.

    Units: half_life is in days, expiry in years; strength, the k of the formula, in graded periods of full weight.
    Shape: levels are the best first, each with the least score that reaches it; references are by rule id.
    """

    minimum: int
    strength: Fraction
    half_life: int
    expiry: int
    levels: tuple[tuple[str, Decimal], ...]
    references: Mapping[str, RuleReference]

    @classmethod
    def of(cls, pack: RulePack) -> "RatingTerms":
        """Read the terms of a pack."""
        rules = ("minimum-observations", "shrinkage", "half-life", "expiry", "scale")
        return cls(
            minimum=int(pack.number("past-performance.minimum-observations")),
            strength=pack.fraction("past-performance.shrinkage"),
            half_life=int(pack.number("past-performance.half-life")),
            expiry=int(pack.number("past-performance.expiry")),
            levels=tuple(
                (level["level"], Decimal(level["from"])) for level in pack.table("past-performance.scale")["levels"]
            ),
            references={rule: pack.reference(f"past-performance.{rule}") for rule in rules},
        )


@dataclass(frozen=True, slots=True)
class Observation:
    """Hold one graded period as it is weighed; without a day it is too old for anybody to have noted one."""

    contract: UUID
    period: str
    score: Decimal
    graded_on: date | None


@dataclass(frozen=True, slots=True)
class DayTotal:
    """Hold what all providers of a category were graded on one day: how many periods, and the sum of their scores."""

    day: date
    observations: int
    scores: Decimal


@dataclass(frozen=True, slots=True)
class Weighed:
    """Hold an observation that counts, and its weight."""

    observation: Observation
    weight: Fraction


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Hold an observation that does not count; the reason is `expired`, `later` or `undated`."""

    observation: Observation
    reason: str


@dataclass(frozen=True, slots=True)
class CategoryRating:
    """Hold what a provider is worth in one category on a day.

    Units: weight in graded periods of full weight; mean, peer mean, score and ranking from 0 to 100.
    Shape: score and level are None while the provider is not rated; ranking is then the peers' mean, which neither
    favours nor harms a newcomer, and None only where nobody at all was graded.
    """

    category: str
    on: date
    counted: tuple[Weighed, ...]
    left_out: tuple[LeftOut, ...]
    weight: Fraction
    mean: Fraction | None
    peer_observations: int
    peer_mean: Fraction | None
    score: Fraction | None
    ranking: Fraction | None
    level: str | None
    derivation: Derivation

    @property
    def rated(self) -> bool:
        """Tell whether there are enough observations to speak of."""
        return self.score is not None


def day_of(at: datetime) -> date:
    """Return the day that ages are counted from and to, which is UTC's."""
    return at.astimezone(UTC).date()


def weight(age: int, half_life: int) -> Fraction:
    """Weigh an observation by its age: one half after each half-life, and along straight lines between.

    Units: age and half-life in days.
    """
    halvings, days = divmod(age, half_life)
    return Fraction(1, 2**halvings) * (1 - Fraction(days, 2 * half_life))


def counts(day: date, on: date, terms: RatingTerms) -> bool:
    """Tell whether what was graded on a day still counts on another."""
    return day <= on <= anniversary(day, terms.expiry)


def rate(
    category: str, observations: Sequence[Observation], peers: Sequence[DayTotal], terms: RatingTerms, on: date
) -> CategoryRating:
    """Rate a provider in a category on a day, against all who were graded in it.

    Shape: peers hold the totals of every provider, of this one too.
    """
    counted, left_out = _sorted_out(observations, terms, on)
    total = sum((one.weight for one in counted), Fraction(0))
    points = sum((one.weight * Fraction(one.observation.score) for one in counted), Fraction(0))
    mean = points / total if total else None
    peer_observations, peer_weight, peer_mean = _peers(peers, terms, on)
    rated = mean is not None and len(counted) >= terms.minimum
    score = shrunk(mean, total, peer_mean, terms.strength) if rated and mean is not None else None
    level = _level(score, terms) if score is not None else None
    return CategoryRating(
        category=category,
        on=on,
        counted=counted,
        left_out=left_out,
        weight=total,
        mean=mean,
        peer_observations=peer_observations,
        peer_mean=peer_mean,
        score=score,
        ranking=score if score is not None else peer_mean,
        level=level,
        derivation=(
            *_weighing(counted, total, mean),
            {
                "step": "peers",
                "periods": str(peer_observations),
                "weight": str(peer_weight),
                "mean": _exact(peer_mean),
            },
            *_rating(len(counted), score, level, terms),
        ),
    )


def shrunk(mean: Fraction, total: Fraction, peer_mean: Fraction | None, strength: Fraction) -> Fraction:
    """Draw a mean to that of the peers, the more the less it rests on; without peers it stands for itself.

    Source: the estimator of Buehlmann's credibility theory, Z = n / (n + k).
    """
    if peer_mean is None:
        return mean
    return (total * mean + strength * peer_mean) / (total + strength)


def _sorted_out(
    observations: Sequence[Observation], terms: RatingTerms, on: date
) -> tuple[tuple[Weighed, ...], tuple[LeftOut, ...]]:
    counted, left_out = list[Weighed](), list[LeftOut]()
    for one in sorted(observations, key=lambda one: (one.graded_on or date.min, one.contract, one.period)):
        if one.graded_on is None:
            left_out.append(LeftOut(one, "undated"))
        elif counts(one.graded_on, on, terms):
            counted.append(Weighed(one, weight((on - one.graded_on).days, terms.half_life)))
        else:
            left_out.append(LeftOut(one, "later" if one.graded_on > on else "expired"))
    return tuple(counted), tuple(left_out)


def _peers(totals: Sequence[DayTotal], terms: RatingTerms, on: date) -> tuple[int, Fraction, Fraction | None]:
    counted = [one for one in totals if one.observations and counts(one.day, on, terms)]
    weights = [weight((on - one.day).days, terms.half_life) for one in counted]
    total = sum((each * one.observations for each, one in zip(weights, counted, strict=True)), Fraction(0))
    points = sum((each * Fraction(one.scores) for each, one in zip(weights, counted, strict=True)), Fraction(0))
    return sum(one.observations for one in counted), total, points / total if total else None


def _level(score: Fraction, terms: RatingTerms) -> str | None:
    # As published: a score that is shown as the least of a level has reached it.
    shown = half_up(max(score, Fraction(0)), 2)
    return next((level for level, least in terms.levels if shown >= least), None)


def _weighing(counted: Sequence[Weighed], total: Fraction, mean: Fraction | None) -> Derivation:
    weights = tuple(
        {
            "step": "weight",
            "period": one.observation.period,
            "score": plain(one.observation.score),
            "weight": str(one.weight),
            "points": str(one.weight * Fraction(one.observation.score)),
        }
        for one in counted
    )
    return (*weights, {"step": "mean", "periods": str(len(counted)), "weight": str(total), "mean": _exact(mean)})


def _rating(periods: int, score: Fraction | None, level: str | None, terms: RatingTerms) -> Derivation:
    if score is None:
        return ({"step": "not-rated", "periods": str(periods), "needed": str(terms.minimum)},)
    return (
        {"step": "shrinkage", "k": str(terms.strength), "exact": str(score), "score": plain(half_up(score, 2))},
        {"step": "level", "level": level or ""},
    )


def _exact(value: Fraction | None) -> str:
    return "none" if value is None else str(value)
