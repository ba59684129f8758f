"""By what bids are compared: the method of evaluation that an office states, and what its criteria leave to compare."""

from collections.abc import Sequence

from shared.kernel.errors import Invalid
from shared.rules.criteria import Criterion, check_criteria
from shared.rules.pack import RulePack
from shared.rules.price_formulas import PRICE_FORMULAS, PriceFormula, price_formula
from tender.domain.parts import AwardCriterion
from tender.domain.procurement import Procurement

METHOD = "evaluation.method"
LOWEST_PRICE = "lowest-price"
METHODS = (LOWEST_PRICE, "comprehensive-scoring")


def check_evaluation(criteria: Sequence[AwardCriterion], procurement: Procurement, pack: RulePack) -> None:
    """Hold the criteria to the pack, and to the method of evaluation that is stated.

    Raises:
        Invalid: evaluation-method-unknown; evaluation-method-contradicted, where the lowest price is to decide and
            something else is scored; what check_criteria() finds.
        NotAllowed: what check_criteria() refuses.
    """
    stated = procurement.stated
    check_criteria(as_criteria(criteria), pack, state_priced=stated.get("procedure.state_priced") is True)
    method = stated.get(METHOD)
    if method is not None and method not in METHODS:
        raise Invalid(
            "evaluation-method-unknown",
            "Bids are not evaluated by such a method.",
            pointer="/body/procurement/facts/evaluation/method",
            satisfied_by=f"One of: {', '.join(METHODS)}; or none, for scoring by the criteria.",
        )
    if method == LOWEST_PRICE and [item.kind for item in criteria] != ["price"]:
        raise Invalid(
            "evaluation-method-contradicted",
            "Where the lowest evaluated price decides, nothing else is scored.",
            pointer="/body/criteria",
            satisfied_by="The price as the only criterion, or another method of evaluation.",
        )


def formula_of(criteria: Sequence[AwardCriterion], procurement: Procurement, pack: RulePack) -> PriceFormula:
    """Return the formula that a tender's bids are ranked by.

    Raises:
        Invalid: what price_formula() refuses.
    """
    if procurement.stated.get(METHOD) == LOWEST_PRICE:
        return PRICE_FORMULAS["lowest_price"]
    if not any(item.kind == "price" and item.weight > 0 for item in criteria):
        return PRICE_FORMULAS["quality_only"]
    return price_formula(pack)


def as_criteria(criteria: Sequence[AwardCriterion]) -> list[Criterion]:
    """Write the criteria as the rules read them."""
    return [Criterion(item.id, item.title, item.weight, item.kind) for item in criteria]
