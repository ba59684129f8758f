"""Ranking of bids: exact fractions inside, rounded only to be shown."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from itertools import groupby

from shared.kernel.errors import Invalid
from shared.rules import scoring_steps
from shared.rules.criteria import UNSCORED, Criterion, check_criteria, check_ids
from shared.rules.price_formulas import PRICE_FORMULAS, Figures, PriceFormula, price_formula
from shared.rules.ranking import Offer, RankedBid, Ranking, Score, ScoredBid
from shared.rules.scoring_steps import EXACT, shown

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

_PERCENT = Decimal("0.01")

RANK_REVERSAL = "Price points depend on the other bids: one bid more or less can change the order of the rest."


def rank(
    criteria: Sequence[Criterion],
    bids: Sequence[ScoredBid],
    formula: PriceFormula,
    parameters: Mapping[str, Decimal] | None = None,
    currency: str | None = None,
    *,
    lower_price_first: bool = True,
) -> Ranking:
    """Rank the bids; the order in which bids and criteria are given does not matter.

    Shape: where the lower price does not go first, it stays open which of two bids with equal totals is the better one.

    Raises:
        Invalid: criterion-repeated, price-criterion-not-single, bids-missing, bid-repeated, price-not-positive,
            deduction-out-of-range, scores-incomplete, score-out-of-range, quality-not-positive, or what the formula
            refuses of its parameters.
    """
    check_ids(criteria)
    price, quality = _by_kind(criteria, formula)
    parameters = parameters or {}
    formula.check(parameters)
    _check_bids(bids, {criterion.id for criterion in quality})
    offers = _offers(bids, quality, formula)
    minimum = parameters.get("technical_minimum")
    admitted = [offer for offer in offers if minimum is None or offer.quality >= Fraction(minimum)]
    references = formula.references([offer.evaluation_price for offer in admitted]) if admitted else {}
    figures = {**references, **{name: Fraction(value) for name, value in parameters.items()}}
    scores = [_score(offer, price, formula, figures) for offer in admitted]
    lowest_first = formula.ranks_by == "amount"
    # The sort is stable and the offers stand in the order of their ids, so that equal bids do too.
    scores.sort(key=lambda score: score.offer.bid.price if lower_price_first else 0)
    scores.sort(key=lambda score: score.total if lowest_first else -score.total)
    places = _places(scores)
    unresolved = _unresolved(scores, by_price=lower_price_first)
    return Ranking(
        bids=places,
        first=places[0].id if places and not any(places[0].id in tie for tie in unresolved) else None,
        unresolved_ties=unresolved,
        warnings=((RANK_REVERSAL,) if formula.relative else ()) + formula.cautions,
        derivation=(
            *scoring_steps.of_formula(formula, parameters),
            *scoring_steps.of_offers(offers, minimum, currency),
            *scoring_steps.of_references(references, currency),
            *scoring_steps.of_scores(scores, price, quality, formula, currency),
            *scoring_steps.of_places(places, unresolved, by_price=lower_price_first),
        ),
    )


def _by_kind(criteria: Sequence[Criterion], formula: PriceFormula) -> tuple[Criterion, Sequence[Criterion]]:
    prices = [criterion for criterion in criteria if criterion.kind == "price"]
    if not prices and formula.ranks_by == "quality":
        prices = [UNSCORED]
    if len(prices) != 1:
        raise Invalid("price-criterion-not-single", "A ranking has exactly one price criterion.")
    quality = [criterion for criterion in criteria if criterion.kind == "quality"]
    return prices[0], sorted(quality, key=lambda criterion: criterion.id)


def _check_bids(bids: Sequence[ScoredBid], quality: set[str]) -> None:
    if not bids:
        raise Invalid("bids-missing", "There is no bid to rank.", pointer="/bids")
    ids: set[str] = set()
    for number, bid in enumerate(bids):
        pointer = f"/bids/{number}"
        if bid.id in ids:
            raise Invalid("bid-repeated", "A bid is ranked once.", pointer=f"{pointer}/id")
        ids.add(bid.id)
        if not (bid.price.is_finite() and bid.price > 0):
            raise Invalid("price-not-positive", "A bid's price is above zero.", pointer=f"{pointer}/price")
        if not (bid.deduction.is_finite() and 0 <= bid.deduction < 1):
            detail = "A deduction is a share of the price, from 0 to less than 1."
            raise Invalid("deduction-out-of-range", detail, pointer=f"{pointer}/deduction")
        if bid.quality.keys() != quality:
            detail = "Every bid has a score for each quality criterion, and no other."
            raise Invalid("scores-incomplete", detail, pointer=f"{pointer}/quality")
        if not all(score.is_finite() and 0 <= score <= 100 for score in bid.quality.values()):
            detail = "A quality score is a number from 0 to 100."
            raise Invalid("score-out-of-range", detail, pointer=f"{pointer}/quality")


def _offers(bids: Sequence[ScoredBid], quality: Sequence[Criterion], formula: PriceFormula) -> Sequence[Offer]:
    weights = [(of.id, EXACT.multiply(of.weight, _PERCENT)) for of in quality]
    weighted = any(of.weight for of in quality)
    # Where quality has no weight at all, each criterion counts as much as another.
    whole = Fraction(_total(weight for _, weight in weights)) if weighted else Fraction(len(quality))
    multiply = EXACT.multiply
    offers = []
    for number, bid in enumerate(bids):
        points = {of: multiply(weight, bid.quality[of]) for of, weight in weights}
        sums = Fraction(_total((points if weighted else bid.quality).values()))
        price = Fraction(bid.price) * (1 - Fraction(bid.deduction))
        offer = Offer(bid, price, points, sums / whole if whole else Fraction(0))
        if formula.quality == "above-zero" and not offer.quality:
            detail = "The formula divides by the quality, which is above zero."
            raise Invalid("quality-not-positive", detail, pointer=f"/bids/{number}/quality")
        offers.append(offer)
    return sorted(offers, key=lambda offer: offer.bid.id)


def _total(values: Iterable[Decimal]) -> Decimal:
    return reduce(EXACT.add, values, Decimal(0))


def _score(offer: Offer, price: Criterion, formula: PriceFormula, figures: Figures) -> Score:
    figure = formula.evaluate(offer.evaluation_price, offer.quality, figures)
    if formula.ranks_by == "amount":
        return Score(offer, figure, None, None, {}, {}, figure)
    points = offer.quality_points
    rounded = {of: shown(exact) for of, exact in points.items()}
    total = Fraction(_total(points.values()))
    if formula.ranks_by == "quality":
        return Score(offer, offer.evaluation_price, None, None, points, rounded, total)
    price_points = Fraction(price.weight) * figure
    return Score(offer, offer.evaluation_price, figure, price_points, points, rounded, price_points + total)


def _places(scores: Sequence[Score]) -> tuple[RankedBid, ...]:
    places: list[RankedBid] = []
    for _, equal in groupby(scores, key=lambda score: score.total):
        group = tuple(equal)
        place = len(places) + 1
        places += [_place(score, place, tie=len(group) > 1) for score in group]
    return tuple(places)


def _place(score: Score, place: int, *, tie: bool) -> RankedBid:
    return RankedBid(
        id=score.offer.bid.id,
        rank=place,
        tie=tie,
        evaluation_price=shown(score.evaluation_price),
        price_points=None if score.price_points is None else shown(score.price_points),
        quality_points=score.shown_points,
        total=shown(score.total),
    )


def _unresolved(scores: Sequence[Score], *, by_price: bool) -> tuple[tuple[str, ...], ...]:
    groups = groupby(scores, key=lambda score: (score.total, score.offer.bid.price if by_price else 0))
    ids = (tuple(score.offer.bid.id for score in equal) for _, equal in groups)
    return tuple(tied for tied in ids if len(tied) > 1)
