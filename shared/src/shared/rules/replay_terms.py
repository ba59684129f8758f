"""How a lot's own figures are carried over to another rule pack."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from shared.kernel.errors import DomainError, Invalid
from shared.rules.criteria import UNSCORED, Criterion, quality_may_decide
from shared.rules.derivation import plain
from shared.rules.pack import RulePack, pinned_pack
from shared.rules.price_formulas import PRICE_FORMULAS, PriceFormula
from shared.rules.replay import DecidedBid, DecidedLot, Terms
from shared.rules.scoring_steps import EXACT, exactly

_DEDUCTIONS = ("policy-deduction.consortium", "policy-deduction.small-micro")
_OF_THE_ESTIMATE = ("ceiling", "floor", "k")
_LOWER_PRICE = ("lower-price",)
# What a tender's own method of evaluation has its bids compared by, and whether another pack admits that method too.
_ADMITTED: Mapping[str, Callable[[RulePack], bool]] = {
    "lowest_price": lambda pack: Decimal(pack.table("price-weight")["max"]) >= pack.number("weights-total"),
    "quality_only": lambda pack: quality_may_decide(pack, state_priced=True),
}


@dataclass(frozen=True, slots=True)
class Weights:
    """Hold criteria whose weights are all `scale` times what they are worth, so that each is a decimal.

    Units: price is the price's weight as it counts, in points.
    """

    criteria: tuple[Criterion, ...]
    scale: Fraction
    price: Fraction
    assumption: str | None


def formula_of(terms: Terms) -> PriceFormula:
    """Return the formula of a pack; a replay admits every formula there is.

    Raises:
        Invalid: price-formula-unknown; what the formula refuses of its parameters.
    """
    formula = formula_named(terms.pack.text("price-formula"))
    formula.check(terms.parameters)
    return formula


def comparison_for(lot: DecidedLot, terms: Terms) -> tuple[PriceFormula, Mapping[str, Decimal]]:
    """Return what a lot is compared by under another pack, and the parameters of that.

    A method of evaluation that its office chose stays where the other pack admits it: a pack's formula is for scoring.

    Raises:
        Invalid: what formula_of() refuses.
    """
    own = pinned(lot)
    chosen = own is not None and lot.formula != own.text("price-formula")
    if chosen and lot.formula in _ADMITTED and _ADMITTED[lot.formula](terms.pack):
        return formula_named(lot.formula), {}
    return formula_of(terms), _parameters_for(lot, terms)


def formula_named(name: str) -> PriceFormula:
    """Return a formula.

    Raises:
        Invalid: price-formula-unknown.
    """
    if name not in PRICE_FORMULAS:
        known = f"One of: {', '.join(PRICE_FORMULAS)}."
        raise Invalid("price-formula-unknown", "There is no such formula.", satisfied_by=known)
    return PRICE_FORMULAS[name]


def _parameters_for(lot: DecidedLot, terms: Terms) -> Mapping[str, Decimal]:
    """Make amounts of the parameters that are shares of the estimate."""
    return {
        name: EXACT.multiply(value, lot.estimate) if name in _OF_THE_ESTIMATE else value
        for name, value in terms.parameters.items()
    }


def weights_for(lot: DecidedLot, pack: RulePack, formula: PriceFormula) -> Weights:
    """Keep the weights where the pack admits them; otherwise take the nearest price weight, and share out the rest.

    The quality criteria keep their proportions.

    Raises:
        Invalid: price-criterion-not-single, or quality-missing, if the rest has nothing to go to.
    """
    prices = [criterion for criterion in lot.criteria if criterion.kind == "price"]
    if len(prices) > 1:
        raise Invalid("price-criterion-not-single", "A ranking has exactly one price criterion.")
    all_criteria = lot.criteria if prices else (UNSCORED, *lot.criteria)
    own, before = price_weight(lot), sum((Fraction(item.weight) for item in lot.criteria), Fraction(0))
    whole = Fraction(pack.number("weights-total"))
    bounds = pack.table("price-weight")
    scaled = Fraction(own) * whole / before if before else Fraction(0)
    weight = min(max(scaled, Fraction(bounds["min"])), Fraction(bounds["max"]))
    if formula.ranks_by == "quality":
        weight = Fraction(0)
    # Where price and quality make one amount, nothing is weighed.
    if formula.ranks_by == "amount" or (weight == own and whole == before):
        return Weights(all_criteria, Fraction(1), Fraction(own), None)
    quality = sum((Fraction(item.weight) for item in lot.criteria if item.kind == "quality"), Fraction(0))
    if quality == 0 and weight != whole:
        raise Invalid("quality-missing", "The price weighs less under the other pack, and there is nothing else.")
    # Everything times the quality's old weight and the price weight's denominator: then no division is left.
    scale = (quality or Fraction(1)) * weight.denominator * whole.denominator
    of_quality = (whole - weight) * scale / (quality or 1)
    criteria = tuple(
        replace(item, weight=_decimal(weight * scale if item.kind == "price" else Fraction(item.weight) * of_quality))
        for item in all_criteria
    )
    assumption = (
        f"The price weighs {exactly(weight, 0)} of {plain(pack.number('weights-total'))} points instead of {plain(own)}"
        f" of {exactly(before, 0)}; the quality criteria keep their proportions."
    )
    return Weights(criteria, scale, weight, assumption)


def price_weight(lot: DecidedLot) -> Decimal:
    """Return what the price weighed in a lot; nothing where it was no criterion."""
    return next((item.weight for item in lot.criteria if item.kind == "price"), Decimal(0))


def bids_for(lot: DecidedLot, pack: RulePack) -> tuple[tuple[DecidedBid, ...], tuple[str, ...]]:
    """Return the bids that count under the pack, each with the deduction that it would have had; and what was supposed.

    A deduction of a kind that the other pack does not know is not made; one outside its bounds becomes the nearest.
    """
    assumptions = []
    kept = lot.bids
    if "bid-within-estimate" in pack.rules and pack.flag("bid-within-estimate"):
        kept = tuple(bid for bid in lot.bids if bid.price <= lot.estimate)
        if len(kept) < len(lot.bids):
            assumptions.append("A bid above the lot's value does not count.")
    own = pinned(lot)
    carried = tuple(replace(bid, deduction=_deduction(bid.deduction, own, pack)) for bid in kept)
    if carried != kept:
        assumptions.append("A deduction from the price is made as far as the other pack knows one of its kind.")
    return carried, tuple(assumptions)


def tie_break(pack: RulePack | None, tied: Sequence[DecidedBid], quality: Mapping[str, Fraction]) -> tuple[str, ...]:
    """Return which of the bids with the best total are left when the pack's words have been tried, by id."""
    words = pack.choice("tie-break") if pack is not None and "tie-break" in pack.rules else _LOWER_PRICE
    left = list(tied)
    for word in words:
        if word == "lower-price":
            lowest = min(bid.price for bid in left)
            left = [bid for bid in left if bid.price == lowest]
        elif word == "technical-rank":
            highest = max(quality[bid.id] for bid in left)
            left = [bid for bid in left if quality[bid.id] == highest]
    return tuple(sorted(bid.id for bid in left))


def quality_of(lot: DecidedLot, bid: DecidedBid) -> Fraction:
    """Return a bid's quality from 0 to 100, by the weights that the tender had."""
    # Where the price alone decided, nobody scored anything.
    quality = [item for item in lot.criteria if item.kind == "quality" and item.id in bid.scores]
    whole = sum((Fraction(item.weight) for item in quality), Fraction(0))
    points = sum((Fraction(item.weight) * Fraction(bid.scores[item.id]) for item in quality), Fraction(0))
    return points / whole if whole else Fraction(0)


def pinned(lot: DecidedLot) -> RulePack | None:
    """Return the pack that a lot was decided under, if it came with the software."""
    return pack_or_none(lot.pack, lot.pack_version)


def pack_or_none(pack_id: str, version: str) -> RulePack | None:
    """Return a version of a pack, if it came with the software."""
    try:
        return pinned_pack(pack_id, version)
    except DomainError:
        return None


def _deduction(share: Decimal, own: RulePack | None, pack: RulePack) -> Decimal:
    if not share or (own is not None and (own.id, own.version) == (pack.id, pack.version) and own.rules == pack.rules):
        return share
    percent = share * 100
    kind = next((rule for rule in _DEDUCTIONS if own is not None and _within(percent, own, rule)), _DEDUCTIONS[-1])
    if kind not in pack.rules:
        return Decimal(0)
    bounds = pack.table(kind)
    return min(max(percent, Decimal(str(bounds["min"]))), Decimal(str(bounds["max"]))) / 100


def _within(percent: Decimal, pack: RulePack, rule: str) -> bool:
    if rule not in pack.rules:
        return False
    bounds = pack.table(rule)
    return Decimal(str(bounds["min"])) <= percent <= Decimal(str(bounds["max"]))


def _decimal(value: Fraction) -> Decimal:
    return Decimal(exactly(value, 0))
