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


UNSCORED = Criterion("", "The price", Decimal(0), "price")
"""What stands for the price where it is no criterion."""

STATE_PRICE = "state-price-not-scored"


def check_criteria(criteria: Sequence[Criterion], pack: RulePack, *, state_priced: bool = False) -> None:
    """Hold a tender's criteria to the pack; the price is left out, or weighs nothing, where quality alone may decide.

    Raises:
        Invalid: criterion-repeated, weight-not-positive.
        NotAllowed: price-criterion-not-single, price-weight-out-of-bounds, or weights-total-wrong.
    """
    check_ids(criteria)
    reference = pack.reference("weights-total")
    prices = [criterion for criterion in criteria if criterion.kind == "price"]
    unscored = quality_may_decide(pack, state_priced=state_priced) and [one.weight for one in prices] in ([], [0])
    if not all(_weighs(criterion) or (unscored and criterion in prices) for criterion in criteria):
        raise Invalid(
            "weight-not-positive",
            "A criterion's weight is a number above zero.",
            reference=reference,
            satisfied_by=f"Weights above zero. {_unscored_where(pack)}",
        )
    if not unscored:
        _check_price_weight(prices, pack)
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


def quality_may_decide(pack: RulePack, *, state_priced: bool) -> bool:
    """Tell whether the price may be no criterion: the pack lets it weigh nothing, or has a rule for a state's price."""
    return Decimal(pack.table("price-weight")["min"]) == 0 or (state_priced and STATE_PRICE in pack.rules)


def _unscored_where(pack: RulePack) -> str:
    if Decimal(pack.table("price-weight")["min"]) == 0:
        return "A price that is fixed may weigh nothing, or be left out."
    if STATE_PRICE in pack.rules:
        return "The price is left out only where procedure.state_priced holds."
    return "The price is a criterion."


def _weighs(criterion: Criterion) -> bool:
    return criterion.weight.is_finite() and criterion.weight > 0


def _check_price_weight(price_criteria: Sequence[Criterion], pack: RulePack) -> None:
    reference = pack.reference("price-weight")
    if len(price_criteria) != 1:
        raise NotAllowed(
            "price-criterion-not-single",
            "A tender has exactly one price criterion.",
            reference=reference,
            satisfied_by=f"One criterion of the kind price. {_unscored_where(pack)}",
        )
    bounds = pack.table("price-weight")
    if not Decimal(bounds["min"]) <= price_criteria[0].weight <= Decimal(bounds["max"]):
        raise NotAllowed(
            "price-weight-out-of-bounds",
            "The price weighs more or less than the rule allows.",
            reference=reference,
            satisfied_by=f"A price weight from {bounds['min']} to {bounds['max']}.",
        )
