"""Ranking of bids by weighted points: exact fractions inside, rounded only to be shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from shared.kernel.errors import Invalid
from shared.kernel.money import Money
from shared.rules.criteria import Criterion, check_criteria, check_ids
from shared.rules.derivation import Derivation, Step, amount_of, half_up, plain
from shared.rules.price_formulas import PRICE_FORMULAS, PriceFormula, price_formula

__all__ = [
    "PRICE_FORMULAS",
    "Criterion",
    "PriceFormula",
    "RankedBid",
    "Ranking",
    "ScoredBid",
    "check_criteria",
    "price_formula",
    "rank",
]

PLACES = 4
RANK_REVERSAL = "Price points depend on the other bids: one bid more or less can change the order of the rest."


@dataclass(frozen=True, slots=True)
class ScoredBid:
    """Hold what a bid is ranked by.

    Units: quality from 0 to 100, by criterion id.
    """

    id: str
    price: Money
    quality: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class RankedBid:
    """Hold a bid's place.

    Units: points with four decimals, half up.
    Shape: bids with equal totals share a rank and have tie set, also where the lower price decides between them.
    """

    id: str
    rank: int
    tie: bool
    price_points: Decimal
    quality_points: Mapping[str, Decimal]
    total: Decimal


@dataclass(frozen=True, slots=True)
class Ranking:
    """Hold the order of the bids and how it came about.

    Shape: bids go from best to worst, the lower price first where totals are equal; first is the best bid's id, or none
    while an unresolved tie stands at the top; unresolved_ties lists bids equal in total and in price.
    """

    bids: tuple[RankedBid, ...]
    first: str | None
    unresolved_ties: tuple[tuple[str, ...], ...]
    warnings: tuple[str, ...]
    derivation: Derivation


@dataclass(frozen=True, slots=True)
class _Score:
    """A bid with its exact points."""

    bid: ScoredBid
    price_share: Fraction
    price_points: Fraction
    quality_points: Mapping[str, Fraction]
    total: Fraction


def rank(criteria: Sequence[Criterion], bids: Sequence[ScoredBid], formula: PriceFormula) -> Ranking:
    """Rank the bids; the order in which bids and criteria are given does not matter.

    Raises:
        Invalid: criterion-repeated, price-criterion-not-single, bids-missing, bid-repeated, currencies-differ,
            price-not-positive, scores-incomplete, or score-out-of-range.
    """
    check_ids(criteria)
    price, quality = _by_kind(criteria)
    _check_bids(bids, {criterion.id for criterion in quality})
    prices = [bid.price.minor for bid in bids]
    scores = [_score(bid, prices, price, quality, formula) for bid in bids]
    scores.sort(key=lambda score: (-score.total, score.bid.price.minor, score.bid.id))
    ranked = tuple(_ranked(score, scores) for score in scores)
    unresolved = _unresolved(scores)
    decided = not any(ranked[0].id in tie for tie in unresolved)
    return Ranking(
        bids=ranked,
        first=ranked[0].id if decided else None,
        unresolved_ties=unresolved,
        warnings=(RANK_REVERSAL,) if formula.relative else (),
        derivation=(*_derivation(price, quality, formula, scores), *_places(ranked), *_ties(ranked, unresolved)),
    )


def _by_kind(criteria: Sequence[Criterion]) -> tuple[Criterion, Sequence[Criterion]]:
    prices = [criterion for criterion in criteria if criterion.kind == "price"]
    if len(prices) != 1:
        raise Invalid("price-criterion-not-single", "A ranking has exactly one price criterion.")
    quality = [criterion for criterion in criteria if criterion.kind == "quality"]
    return prices[0], sorted(quality, key=lambda criterion: criterion.id)


def _check_bids(bids: Sequence[ScoredBid], quality: set[str]) -> None:
    if not bids:
        raise Invalid("bids-missing", "There is no bid to rank.")
    if len({bid.id for bid in bids}) < len(bids):
        raise Invalid("bid-repeated", "A bid is ranked once.")
    if len({bid.price.currency for bid in bids}) > 1:
        raise Invalid("currencies-differ", "The prices of the bids are in one currency.")
    for bid in bids:
        if bid.price.minor <= 0:
            raise Invalid("price-not-positive", "A bid's price is above zero.")
        if bid.quality.keys() != quality:
            raise Invalid("scores-incomplete", "Every bid has a score for each quality criterion, and no other.")
        if not all(score.is_finite() and 0 <= score <= 100 for score in bid.quality.values()):
            raise Invalid("score-out-of-range", "A quality score is a number from 0 to 100.")


def _score(
    bid: ScoredBid, prices: Sequence[int], price: Criterion, quality: Sequence[Criterion], formula: PriceFormula
) -> _Score:
    share = formula.share(bid.price.minor, prices)
    price_points = Fraction(price.weight) * share
    quality_points = {
        criterion.id: Fraction(criterion.weight) * Fraction(bid.quality[criterion.id]) / 100 for criterion in quality
    }
    return _Score(bid, share, price_points, quality_points, price_points + sum(quality_points.values()))


def _ranked(score: _Score, scores: Sequence[_Score]) -> RankedBid:
    return RankedBid(
        id=score.bid.id,
        rank=1 + sum(other.total > score.total for other in scores),
        tie=sum(other.total == score.total for other in scores) > 1,
        price_points=half_up(score.price_points, PLACES),
        quality_points={criterion: half_up(points, PLACES) for criterion, points in score.quality_points.items()},
        total=half_up(score.total, PLACES),
    )


def _unresolved(scores: Sequence[_Score]) -> tuple[tuple[str, ...], ...]:
    groups: dict[tuple[Fraction, int], list[str]] = {}
    for score in scores:
        groups.setdefault((score.total, score.bid.price.minor), []).append(score.bid.id)
    return tuple(tuple(ids) for ids in groups.values() if len(ids) > 1)


def _derivation(
    price: Criterion, quality: Sequence[Criterion], formula: PriceFormula, scores: Sequence[_Score]
) -> Derivation:
    lowest = min((score.bid.price for score in scores), key=lambda amount: amount.minor)
    return (
        {
            "step": "price-formula",
            "formula": formula.name,
            "points": formula.expression,
            "depends-on-other-bids": str(formula.relative).lower(),
        },
        {"step": "lowest-price", **amount_of(lowest)},
        *(step for score in scores for step in _points(score, price, quality)),
    )


def _points(score: _Score, price: Criterion, quality: Sequence[Criterion]) -> Derivation:
    of_quality = tuple(
        {
            "step": "quality-points",
            "bid": score.bid.id,
            "criterion": criterion.id,
            "score": plain(score.bid.quality[criterion.id]),
            "weight": plain(criterion.weight),
            **_shown(score.quality_points[criterion.id]),
        }
        for criterion in quality
    )
    of_price = {
        "step": "price-points",
        "bid": score.bid.id,
        "criterion": price.id,
        **amount_of(score.bid.price),
        "share": str(score.price_share),
        "weight": plain(price.weight),
        **_shown(score.price_points),
    }
    terms = " + ".join(str(term) for term in (score.price_points, *score.quality_points.values()))
    return (of_price, *of_quality, {"step": "total", "bid": score.bid.id, "sum": terms, **_shown(score.total)})


def _shown(points: Fraction) -> Step:
    return {"exact": str(points), "points": plain(half_up(points, PLACES))}


def _places(ranked: Sequence[RankedBid]) -> Derivation:
    return tuple(
        {"step": "rank", "bid": bid.id, "rank": str(bid.rank), "total": plain(bid.total), "tie": str(bid.tie).lower()}
        for bid in ranked
    )


def _ties(ranked: Sequence[RankedBid], unresolved: Sequence[Sequence[str]]) -> Derivation:
    tied: dict[int, list[str]] = {}
    for bid in ranked:
        if bid.tie:
            tied.setdefault(bid.rank, []).append(bid.id)
    return (
        *(
            {"step": "tie", "rank": str(place), "bids": ", ".join(ids), "rule": "the lower price goes first"}
            for place, ids in tied.items()
        ),
        *({"step": "unresolved-tie", "bids": ", ".join(ids), "equal": "total and price"} for ids in unresolved),
    )
