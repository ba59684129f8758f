"""Formulas by which bids are compared: one function and one table row each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

from shared.kernel.errors import Invalid
from shared.rules.pack import RulePack

Figures = Mapping[str, Fraction]

_QUALITIES = frozenset({"reference_quality", "technical_minimum"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceFormula:
    """Name a formula and say how it works.

    Units: evaluate takes a bid's evaluation price, its quality from 0 to 100 and the figures that these are compared
    with. It returns the share of the price criterion's points, 0 to 1, where bids are ranked by points; where they are
    ranked by an amount, the amount, of which the lowest is best.
    Shape: references finds the figures in the evaluation prices of all bids; parameters and optional name the others,
    which the tender sets. quality says which quality it can work with. relative is true where a bid's points depend on
    the other bids, so that one bid can change others' order.
    """

    name: str
    expression: str
    ranks_by: Literal["points", "quality", "amount"]
    relative: bool
    evaluate: Callable[[Fraction, Fraction, Figures], Fraction]
    references: Callable[[Sequence[Fraction]], Figures] = lambda _: {}
    parameters: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    quality: Literal["any", "above-zero", "unused"] = "any"
    cautions: tuple[str, ...] = ()

    def check(self, parameters: Mapping[str, Decimal]) -> None:
        """Hold the parameters that a tender sets to what the formula takes.

        Raises:
            Invalid: parameter-missing, parameter-unknown, parameter-out-of-range, or floor-not-below-ceiling.
        """
        for name in self.parameters:
            if name not in parameters:
                raise Invalid("parameter-missing", f"The formula takes {name}.", pointer=f"/params/{name}")
        for name, value in parameters.items():
            pointer = f"/params/{name}"
            if name not in (*self.parameters, *self.optional):
                raise Invalid("parameter-unknown", "The formula takes no such parameter.", pointer=pointer)
            if not value.is_finite() or value < 0 or (name in _QUALITIES and value > 100):
                bounds = "is a number from 0 to 100" if name in _QUALITIES else "is not negative"
                raise Invalid("parameter-out-of-range", f"The formula's {name} {bounds}.", pointer=pointer)
        if {"floor", "ceiling"} <= parameters.keys() and parameters["floor"] >= parameters["ceiling"]:
            raise Invalid("floor-not-below-ceiling", "The floor is below the ceiling.", pointer="/params/floor")


def _ratio_to_lowest(price: Fraction, _: Fraction, figures: Figures) -> Fraction:
    return figures["lowest-price"] / price


def _linear_above_lowest(price: Fraction, _: Fraction, figures: Figures) -> Fraction:
    return max(Fraction(0), 2 - price / figures["lowest-price"])


def _min_max(price: Fraction, _: Fraction, figures: Figures) -> Fraction:
    highest, lowest = figures["highest-price"], figures["lowest-price"]
    return (highest - price) / (highest - lowest) if highest > lowest else Fraction(1)


def _mean_deviation(price: Fraction, _: Fraction, figures: Figures) -> Fraction:
    mean = figures["mean-price"]
    return max(Fraction(0), 1 - abs(price - mean) / mean)


def _absolute_reference(price: Fraction, _: Fraction, figures: Figures) -> Fraction:
    ceiling, floor = figures["ceiling"], figures["floor"]
    return min(Fraction(1), max(Fraction(0), (ceiling - price) / (ceiling - floor)))


def _quality_only(_: Fraction, __: Fraction, ___: Figures) -> Fraction:
    return Fraction(0)


def _quality_adjusted_price(price: Fraction, quality: Fraction, figures: Figures) -> Fraction:
    return price - figures["k"] * (quality - figures["reference_quality"])


def _price_per_quality_point(price: Fraction, quality: Fraction, _: Figures) -> Fraction:
    return price / quality


def _lowest_price(price: Fraction, _: Fraction, __: Figures) -> Fraction:
    return price


def _lowest(prices: Sequence[Fraction]) -> Figures:
    return {"lowest-price": min(prices)}


def _extremes(prices: Sequence[Fraction]) -> Figures:
    return {"lowest-price": min(prices), "highest-price": max(prices)}


def _mean(prices: Sequence[Fraction]) -> Figures:
    return {"mean-price": sum(prices, Fraction(0)) / len(prices)}


_ALL = (
    PriceFormula(
        name="ratio_to_lowest",
        expression="weight * lowest price / price",
        ranks_by="points",
        relative=True,
        evaluate=_ratio_to_lowest,
        references=_lowest,
    ),
    PriceFormula(
        name="linear_above_lowest",
        expression="weight * (2 - price / lowest price), not below 0",
        ranks_by="points",
        relative=True,
        evaluate=_linear_above_lowest,
        references=_lowest,
    ),
    PriceFormula(
        name="min_max",
        expression="weight * (highest price - price) / (highest price - lowest price), weight if all are equal",
        ranks_by="points",
        relative=True,
        evaluate=_min_max,
        references=_extremes,
        cautions=("The highest price gets no points and the lowest gets all, however close they are.",),
    ),
    PriceFormula(
        name="mean_deviation",
        expression="weight * (1 - |price - mean price| / mean price), not below 0",
        ranks_by="points",
        relative=True,
        evaluate=_mean_deviation,
        references=_mean,
        cautions=("The points reward who guesses the mean price, and bidders who agree can move it.",),
    ),
    PriceFormula(
        name="absolute_reference",
        expression="weight * (ceiling - price) / (ceiling - floor), from 0 to weight",
        ranks_by="points",
        relative=False,
        evaluate=_absolute_reference,
        parameters=("ceiling", "floor"),
    ),
    PriceFormula(
        name="quality_adjusted_price",
        expression="price - k * (quality - reference quality)",
        ranks_by="amount",
        relative=False,
        evaluate=_quality_adjusted_price,
        parameters=("k", "reference_quality"),
    ),
    PriceFormula(
        name="price_per_quality_point",
        expression="price / quality",
        ranks_by="amount",
        relative=False,
        evaluate=_price_per_quality_point,
        quality="above-zero",
    ),
    PriceFormula(
        name="qcbs",
        expression="weight * lowest price / price, among bids that reach the technical minimum",
        ranks_by="points",
        relative=True,
        evaluate=_ratio_to_lowest,
        references=_lowest,
        optional=("technical_minimum",),
    ),
    PriceFormula(
        name="quality_only",
        expression="the price is fixed and not scored",
        ranks_by="quality",
        relative=False,
        evaluate=_quality_only,
    ),
    PriceFormula(
        name="lowest_price",
        expression="price",
        ranks_by="amount",
        relative=False,
        evaluate=_lowest_price,
        quality="unused",
    ),
)
PRICE_FORMULAS: Mapping[str, PriceFormula] = MappingProxyType({formula.name: formula for formula in _ALL})


def price_formula(pack: RulePack) -> PriceFormula:
    """Return the formula by which the pack has a tender's price scored.

    Raises:
        Invalid: price-formula-unknown, or price-formula-unfit if it gives no points or asks for parameters.
    """
    name = pack.text("price-formula")
    if name not in PRICE_FORMULAS:
        raise Invalid(
            "price-formula-unknown",
            "The rule pack names a price formula that does not exist.",
            reference=pack.reference("price-formula"),
            satisfied_by=f"One of: {', '.join(PRICE_FORMULAS)}.",
        )
    formula = PRICE_FORMULAS[name]
    if formula.ranks_by != "points" or formula.parameters:
        raise Invalid(
            "price-formula-unfit",
            "A tender's price is scored in points, by a formula without parameters of its own.",
            reference=pack.reference("price-formula"),
        )
    return formula
