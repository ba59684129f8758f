"""Award criteria and what a rule pack asks of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from shared.kernel.errors import Invalid, NotAllowed
from shared.rules.derivation import plain
from shared.rules.pack import RulePack


@dataclass(frozen=True, slots=True)
class Criterion:
    """State one award criterion.

    Units: weight in points; the weights of a tender add up to the pack's weights-total.
    """

    id: str
    title: str
    weight: Decimal
    kind: Literal["price", "quality"]


def check_criteria(criteria: Sequence[Criterion], pack: RulePack) -> None:
    """Hold a tender's criteria to the pack.

    Raises:
        Invalid: criterion-repeated, or weight-not-positive, but for a price where the pack lets it weigh nothing.
        NotAllowed: price-criterion-not-single, price-weight-out-of-bounds, or weights-total-wrong.
    """
    check_ids(criteria)
    reference = pack.reference("weights-total")
    if not all(_weighs(criterion, pack) for criterion in criteria):
        raise Invalid("weight-not-positive", "A criterion's weight is a number above zero.", reference=reference)
    _check_price_weight([criterion for criterion in criteria if criterion.kind == "price"], pack)
    total = pack.number("weights-total")
    # Fractions, because a sum of Decimals is rounded to 28 digits.
    if sum(Fraction(criterion.weight) for criterion in criteria) != Fraction(total):
        raise NotAllowed(
            "weights-total-wrong",
            "The weights of the criteria do not add up.",
            reference=reference,
            satisfied_by=f"Weights that add up to exactly {plain(total)}.",
        )


def check_ids(criteria: Sequence[Criterion]) -> None:
    """Refuse two criteria of one id.

    Raises:
        Invalid: criterion-repeated.
    """
    if len({criterion.id for criterion in criteria}) < len(criteria):
        raise Invalid("criterion-repeated", "A criterion's id is used once in a tender.")


def _weighs(criterion: Criterion, pack: RulePack) -> bool:
    # A price that is fixed weighs nothing where the pack lets quality alone compete.
    fixed = criterion.kind == "price" and criterion.weight == 0 and Decimal(pack.table("price-weight")["min"]) == 0
    return fixed or (criterion.weight.is_finite() and criterion.weight > 0)


def _check_price_weight(price_criteria: Sequence[Criterion], pack: RulePack) -> None:
    reference = pack.reference("price-weight")
    if len(price_criteria) != 1:
        raise NotAllowed(
            "price-criterion-not-single",
            "A tender has exactly one price criterion.",
            reference=reference,
            satisfied_by="One criterion of the kind price.",
        )
    bounds = pack.table("price-weight")
    if not Decimal(bounds["min"]) <= price_criteria[0].weight <= Decimal(bounds["max"]):
        raise NotAllowed(
            "price-weight-out-of-bounds",
            "The price weighs more or less than the rule allows.",
            reference=reference,
            satisfied_by=f"A price weight from {bounds['min']} to {bounds['max']}.",
        )
