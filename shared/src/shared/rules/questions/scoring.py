"""Which bid is best, by which figures?"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from shared.kernel.errors import Invalid
from shared.rules.criteria import Criterion
from shared.rules.derivation import Step, plain
from shared.rules.price_formulas import PRICE_FORMULAS, PriceFormula
from shared.rules.questions.reading import below, read_bids, read_decimal, read_id, read_object
from shared.rules.ranking import RankedBid, ScoredBid
from shared.rules.scoring import rank

_WHOLE = Decimal(100)


def answer(document: Any) -> dict[str, Any]:
    """Rank the bids of `{"formula", "price_weight", "params", "bids": [{"id", "price", "quality", "deduction"}]}`.

    Units: numbers are text; price_weight in points of 100, the rest of which is the quality's; figures of the answer
    have four decimals, half up.
    Shape: price_weight may be absent where the formula does not weigh the price, quality where it is lowest_price, and
    params and deduction where there are none. A bid below the technical minimum is in the derivation and not ranked.

    Raises:
        Invalid: for a document of another form, and what rank() refuses, each with its JSON pointer.
    """
    members = read_object(document, "", ("formula", "bids"), ("price_weight", "params"))
    formula = _formula(members["formula"])
    if formula.ranks_by == "points" and "price_weight" not in members:
        raise Invalid("field-missing", "The formula weighs the price.", pointer="/price_weight")
    weight = _weight(members["price_weight"]) if "price_weight" in members else None
    given = read_object(members.get("params", {}), "/params", (), (*formula.parameters, *formula.optional))
    parameters = {name: read_decimal(value, below("/params", name)) for name, value in given.items()}
    bids = [_bid(bid, f"/bids/{number}", formula) for number, bid in enumerate(read_bids(members["bids"]))]
    ranking = rank(_criteria(formula, weight), bids, formula, parameters)
    return {
        "ranking": [_place(bid) for bid in ranking.bids],
        "derivation": [dict(step) for step in (*ranking.derivation, *_unused(formula, weight))],
        "warnings": list(ranking.warnings),
    }


def _formula(name: Any) -> PriceFormula:
    if not isinstance(name, str) or name not in PRICE_FORMULAS:
        raise Invalid(
            "price-formula-unknown",
            "There is no such formula.",
            satisfied_by=f"One of: {', '.join(PRICE_FORMULAS)}.",
            pointer="/formula",
        )
    return PRICE_FORMULAS[name]


def _weight(value: Any) -> Decimal:
    weight = read_decimal(value, "/price_weight")
    if not 0 <= weight <= _WHOLE:
        detail = "A weight is a number of points from 0 to 100."
        raise Invalid("price-weight-out-of-range", detail, pointer="/price_weight")
    return weight


def _criteria(formula: PriceFormula, weight: Decimal | None) -> Sequence[Criterion]:
    of_price = weight if weight is not None and formula.ranks_by == "points" else Decimal(0)
    price = Criterion("price", "Price", of_price, "price")
    if formula.quality == "unused":
        return (price,)
    return price, Criterion("quality", "Quality", _WHOLE - of_price, "quality")


def _bid(value: Any, pointer: str, formula: PriceFormula) -> ScoredBid:
    unused = formula.quality == "unused"
    required, optional = ("id", "price"), ("deduction",)
    members = read_object(
        value, pointer, required if unused else (*required, "quality"), (*optional, "quality") if unused else optional
    )
    numbers = {name: read_decimal(members[name], below(pointer, name)) for name in members if name != "id"}
    return ScoredBid(
        read_id(members["id"], below(pointer, "id")),
        numbers["price"],
        {} if unused else {"quality": numbers["quality"]},
        numbers.get("deduction", Decimal(0)),
    )


def _unused(formula: PriceFormula, weight: Decimal | None) -> Sequence[Step]:
    if weight is None or formula.ranks_by == "points":
        return ()
    return ({"step": "price-weight", "weight": plain(weight), "used": "false"},)


def _place(bid: RankedBid) -> dict[str, Any]:
    return {
        "id": bid.id,
        "rank": bid.rank,
        "evaluation_price": plain(bid.evaluation_price),
        "price_points": None if bid.price_points is None else plain(bid.price_points),
        "total": plain(bid.total),
    }
