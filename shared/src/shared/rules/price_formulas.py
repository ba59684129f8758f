"""Formulas that turn a price into a share of the price criterion's points: one function and one table row each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from shared.kernel.errors import Invalid
from shared.rules.pack import RulePack


@dataclass(frozen=True, slots=True)
class PriceFormula:
    """Name a formula and say how it works.

    Units: share takes a bid's price and all prices in minor units and returns 0 to 1 of the criterion's weight.
    Shape: relative is true where a bid's points depend on the other bids, so that one bid can change others' order.
    """

    name: str
    expression: str
    relative: bool
    share: Callable[[int, Sequence[int]], Fraction]


def ratio_to_lowest(price: int, prices: Sequence[int]) -> Fraction:
    """Give the lowest price everything, twice that price half of it."""
    return Fraction(min(prices), price)


PRICE_FORMULAS: Mapping[str, PriceFormula] = MappingProxyType(
    {
        formula.name: formula
        for formula in (
            PriceFormula("ratio_to_lowest", "weight * lowest price / price", relative=True, share=ratio_to_lowest),
        )
    }
)


def price_formula(pack: RulePack) -> PriceFormula:
    """Return the formula that the pack prescribes.

    Raises:
        Invalid: price-formula-unknown.
    """
    name = pack.text("price-formula")
    if name not in PRICE_FORMULAS:
        raise Invalid(
            "price-formula-unknown",
            "The rule pack names a price formula that does not exist.",
            reference=pack.reference("price-formula"),
            satisfied_by=f"One of: {', '.join(PRICE_FORMULAS)}.",
        )
    return PRICE_FORMULAS[name]
