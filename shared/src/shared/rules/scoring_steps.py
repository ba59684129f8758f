"""The derivation of a ranking: every figure that an outsider needs to work it out again, none of them rounded alone."""

from collections.abc import Mapping, Sequence
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from shared.kernel.money import exponent
from shared.rules.criteria import Criterion
from shared.rules.derivation import Derivation, Step, half_up, plain
from shared.rules.price_formulas import Figures, PriceFormula
from shared.rules.ranking import Offer, RankedBid, Score

PLACES = 4
_LAST_PLACE = Decimal(1).scaleb(-PLACES)
# Weights and scores are decimals, and so are their products and sums: much faster so than as fractions, and as exact.
EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)


def shown(value: Fraction | Decimal) -> Decimal:
    """Round a figure to four decimals, halves away from zero."""
    if isinstance(value, Decimal):
        return value.quantize(_LAST_PLACE, ROUND_HALF_UP, EXACT)
    rounded = half_up(abs(value), PLACES)
    return rounded.copy_negate() if value < 0 and rounded else rounded


def exactly(value: Fraction | Decimal, least: int) -> str:
    """Write a figure without rounding it: with so many decimals or more, or as a fraction where they have no end."""
    numerator, denominator = value.as_integer_ratio()
    # A denominator of twos and fives divides a power of ten, and that of no higher degree than it has bits.
    degree = denominator.bit_length()
    if 10**degree % denominator:
        return f"{numerator}/{denominator}"
    places = next(count for count in range(least, max(least, degree) + 1) if 10**count % denominator == 0)
    digits = str(abs(numerator) * 10**places // denominator).rjust(places + 1, "0")
    whole, decimals = digits[: len(digits) - places], digits[len(digits) - places :]
    return f"{'-' if numerator < 0 else ''}{whole}{'.' if places else ''}{decimals}"


def of_formula(formula: PriceFormula, parameters: Mapping[str, Decimal]) -> Derivation:
    """Tell what the bids are compared by."""
    told = {
        "step": "price-formula",
        "formula": formula.name,
        "points" if formula.ranks_by == "points" else "expression": formula.expression,
        "depends-on-other-bids": str(formula.relative).lower(),
    }
    return (
        told,
        *({"step": "parameter", "name": name, "value": plain(parameters[name])} for name in sorted(parameters)),
    )


def of_offers(offers: Sequence[Offer], minimum: Decimal | None, currency: str | None) -> Derivation:
    """Tell whose price is lowered for the evaluation, and who reaches the technical minimum, if there is one."""
    deducted = tuple(
        {
            "step": "evaluation-price",
            "bid": offer.bid.id,
            "price": exactly(offer.bid.price, _decimals(currency)),
            "deduction": plain(offer.bid.deduction),
            **_amount(offer.evaluation_price, currency),
        }
        for offer in offers
        if offer.bid.deduction
    )
    if minimum is None:
        return deducted
    reached = (
        {
            "step": "technical-minimum",
            "bid": offer.bid.id,
            "quality": exactly(offer.quality, 0),
            "minimum": plain(minimum),
            "reached": str(offer.quality >= Fraction(minimum)).lower(),
        }
        for offer in offers
    )
    return (*deducted, *reached)


def of_references(references: Figures, currency: str | None) -> Derivation:
    """Tell what the formula finds in all prices."""
    return tuple({"step": name, **_amount(amount, currency)} for name, amount in references.items())


def of_scores(
    scores: Sequence[Score], price: Criterion, quality: Sequence[Criterion], formula: PriceFormula, currency: str | None
) -> Derivation:
    """Tell how every bid's figures come about."""
    if formula.ranks_by == "amount":
        return tuple(_of_amount(score, quality, currency) for score in scores)
    weights = [(of.id, plain(of.weight)) for of in quality]
    steps: list[Step] = []
    for score in scores:
        points = [*_of_price(score, price, currency), *_of_quality(score, weights)]
        terms = " + ".join([step["exact"] for step in points])
        steps += (*points, {"step": "total", "bid": score.offer.bid.id, "sum": terms, **_points(score.total)})
    return tuple(steps)


def of_places(places: Sequence[RankedBid], unresolved: Sequence[Sequence[str]], *, by_price: bool) -> Derivation:
    """Tell the ranks, and what decides where totals are equal."""
    tied: dict[int, list[str]] = {}
    for bid in places:
        if bid.tie:
            tied.setdefault(bid.rank, []).append(bid.id)
    equal = "total and price" if by_price else "total"
    return (
        *(
            {
                "step": "rank",
                "bid": bid.id,
                "rank": str(bid.rank),
                "total": plain(bid.total),
                "tie": str(bid.tie).lower(),
            }
            for bid in places
        ),
        *(
            {"step": "tie", "rank": str(place), "bids": ", ".join(ids), "rule": "the lower price goes first"}
            for place, ids in tied.items()
            if by_price
        ),
        *({"step": "unresolved-tie", "bids": ", ".join(ids), "equal": equal} for ids in unresolved),
    )


def _of_amount(score: Score, quality: Sequence[Criterion], currency: str | None) -> Step:
    return {
        "step": "evaluated-amount",
        "bid": score.offer.bid.id,
        "price": exactly(score.offer.evaluation_price, _decimals(currency)),
        **({"quality": exactly(score.offer.quality, 0)} if quality else {}),
        **_amount(score.total, currency),
    }


def _of_price(score: Score, criterion: Criterion, currency: str | None) -> Derivation:
    if score.price_points is None:
        return ()
    step = {
        "step": "price-points",
        "bid": score.offer.bid.id,
        "criterion": criterion.id,
        **_amount(score.offer.evaluation_price, currency),
        "share": str(score.share),
        "weight": plain(criterion.weight),
        **_points(score.price_points),
    }
    return (step,)


def _of_quality(score: Score, weights: Sequence[tuple[str, str]]) -> Sequence[Step]:
    # Of the largest tenders these are tens of thousands, and nearly all that takes time.
    bid, scores = score.offer.bid.id, score.offer.bid.quality
    exact, rounded = score.quality_points, score.shown_points
    return [
        {
            "step": "quality-points",
            "bid": bid,
            "criterion": of,
            "score": f"{scores[of]:f}",
            "weight": weight,
            "exact": _ratio(exact[of]),
            # Four decimals are never written with an exponent.
            "points": str(rounded[of]),
        }
        for of, weight in weights
    ]


def _ratio(value: Fraction | Decimal) -> str:
    numerator, denominator = value.as_integer_ratio()
    return f"{numerator}/{denominator}" if denominator > 1 else str(numerator)


def _points(points: Fraction | Decimal) -> Step:
    return {"exact": _ratio(points), "points": plain(shown(points))}


def _amount(value: Fraction, currency: str | None) -> Step:
    """Write an amount; where its decimals have no end it is rounded, and exact beside that."""
    exact = exactly(value, _decimals(currency))
    rounded = {"exact": exact, "amount": plain(shown(value))} if "/" in exact else {"amount": exact}
    return {**rounded, **({"currency": currency} if currency else {})}


def _decimals(currency: str | None) -> int:
    return exponent(currency) if currency else 2
