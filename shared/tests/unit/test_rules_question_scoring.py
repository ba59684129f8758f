"""Rankings asked for in plain JSON: the worked vectors of every formula, and what is refused."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import Invalid
from shared.rules.price_formulas import PRICE_FORMULAS
from shared.rules.questions.scoring import answer
from shared.rules.scoring import RANK_REVERSAL

PRICES = {"A": "900000.00", "B": "1000000.00", "C": "1200000.00"}
QUALITY = {"A": "78", "B": "88", "C": "93"}
RELATIVE = {"ratio_to_lowest", "linear_above_lowest", "min_max", "mean_deviation", "qcbs"}


def question(formula: str, weight: str | None = None, deduction: str = "", **params: str) -> dict[str, Any]:
    """Ask about the three bids of the vectors, with a deduction for B if one is given."""
    bids = [{"id": name, "price": price, "quality": QUALITY[name]} for name, price in PRICES.items()]
    if deduction:
        bids[1]["deduction"] = deduction
    weighed = {} if weight is None else {"price_weight": weight}
    return {"formula": formula, **weighed, **({"params": params} if params else {}), "bids": bids}


# Expected figures are those of the worked table, four decimals half up; None where a formula gives none.
VECTORS = [
    pytest.param(question("ratio_to_lowest", "10"), "10 9 7.5", "80.2 88.2 91.2", "C", id="F1a"),
    pytest.param(question("ratio_to_lowest", "30"), "30 27 22.5", "84.6 88.6 87.6", "B", id="F1b"),
    pytest.param(question("ratio_to_lowest", "60"), "60 54 45", "91.2 89.2 82.2", "A", id="F1c"),
    pytest.param(question("linear_above_lowest", "30"), "30 26.6667 20", "84.6 88.2667 85.1", "B", id="F2"),
    pytest.param(question("min_max", "30"), "30 20 0", "84.6 81.6 65.1", "A", id="F3"),
    pytest.param(question("mean_deviation", "30"), "26.1290 29.0323 25.1613", "80.7290 90.6323 90.2613", "B", id="F4"),
    pytest.param(
        question("absolute_reference", "30", ceiling="1250000", floor="750000"), "21 15 3", "75.6 76.6 68.1", "B",
        id="F5",
    ),
    pytest.param(
        question("quality_adjusted_price", k="25000", reference_quality="70"), None, "700000 550000 625000", "B",
        id="F6",
    ),
    pytest.param(
        question("quality_adjusted_price", k="10000", reference_quality="70"), None, "820000 820000 970000", "A",
        id="F6-tie",
    ),
    pytest.param(question("price_per_quality_point"), None, "11538.4615 11363.6364 12903.2258", "B", id="F7"),
    pytest.param(question("qcbs", "20"), "20 18 15", "82.4 88.4 89.4", "C", id="F8"),
    pytest.param(question("qcbs", "20", technical_minimum="80"), "- 20 16.6667", "- 90.4 91.0667", "C", id="F8-min"),
    pytest.param(question("quality_only", "0"), None, "78 88 93", "C", id="F9"),
    pytest.param(question("lowest_price"), None, "900000 1000000 1200000", "A", id="F10"),
    pytest.param(question("ratio_to_lowest", "10", "0.10"), "10 10 7.5", "80.2 89.2 91.2", "C", id="deducted-10-w10"),
    pytest.param(question("ratio_to_lowest", "30", "0.10"), "30 30 22.5", "84.6 91.6 87.6", "B", id="deducted-10-w30"),
    pytest.param(
        question("ratio_to_lowest", "10", "0.20"), "8.8889 10 6.6667", "79.0889 89.2 90.3667", "C", id="deducted-20-w10"
    ),
    pytest.param(
        question("ratio_to_lowest", "30", "0.20"), "26.6667 30 20", "81.2667 91.6 85.1", "B", id="deducted-20-w30"
    ),
]  # fmt: skip


def of_abc(figures: str | None) -> dict[str, Decimal | None]:
    """Read figures of A, B and C; a dash is of a bid that is not ranked."""
    given = zip("ABC", figures.split() if figures else "...", strict=True)
    return {name: None if figure == "." else Decimal(figure) for name, figure in given if figure != "-"}


@pytest.mark.parametrize(("asked", "points", "totals", "winner"), VECTORS)
def test_ranking_is_the_published_one_when_a_vector_is_asked(
    asked: dict[str, Any], points: str | None, totals: str, winner: str
) -> None:
    answered = answer(asked)
    places = {place["id"]: place for place in answered["ranking"]}
    found = {name: place["price_points"] and Decimal(place["price_points"]) for name, place in places.items()}
    assert found == {name: of_abc(points)[name] for name in places}
    assert {name: Decimal(place["total"]) for name, place in places.items()} == of_abc(totals)
    assert (answered["ranking"][0]["id"], answered["ranking"][0]["rank"]) == (winner, 1)
    assert (RANK_REVERSAL in answered["warnings"]) is (asked["formula"] in RELATIVE)


def test_figures_have_four_decimals_when_they_are_shown() -> None:
    assert answer(question("linear_above_lowest", "30", "0.12345"))["ranking"][0] == {
        "id": "B",
        "rank": 1,
        # 1,000,000 less 123,450
        "evaluation_price": "876550.0000",
        "price_points": "30.0000",
        "total": "91.6000",
    }


@pytest.mark.parametrize(
    ("formula", "params", "expected"),
    [
        # 900,000 less a tenth; B and C as they are.
        ("lowest_price", {}, {"A": "810000.0000", "B": "1000000.0000", "C": "1200000.0000"}),
        ("ratio_to_lowest", {}, {"A": "810000.0000", "B": "1000000.0000", "C": "1200000.0000"}),
        # 810,000 - 25,000 * 8; 1,000,000 - 25,000 * 18; 1,200,000 - 25,000 * 23
        (
            "quality_adjusted_price",
            {"k": "25000", "reference_quality": "70"},
            {"A": "610000.0000", "B": "550000.0000", "C": "625000.0000"},
        ),
    ],
)
def test_evaluation_price_is_what_the_formula_compares_when_a_price_is_lowered(
    formula: str, params: dict[str, str], expected: dict[str, str]
) -> None:
    asked = question(formula, "30", **params)
    asked["bids"][0]["deduction"] = "0.10"
    assert {place["id"]: place["evaluation_price"] for place in answer(asked)["ranking"]} == expected


def test_order_is_reversed_by_a_hopeless_bid_when_the_formula_is_relative_and_not_when_it_is_absolute() -> None:
    a, b = {"id": "A", "price": "100", "quality": "80"}, {"id": "B", "price": "80", "quality": "70"}
    d = {"id": "D", "price": "40", "quality": "20"}
    relative = {"formula": "ratio_to_lowest", "price_weight": "40"}
    absolute = {
        "formula": "absolute_reference", "price_weight": "40", "params": {"ceiling": "120", "floor": "0"}
    }  # fmt: skip

    def totals(asked: dict[str, Any], *bids: dict[str, str]) -> list[tuple[str, str]]:
        return [(place["id"], place["total"]) for place in answer({**asked, "bids": list(bids)})["ranking"]]

    assert totals(relative, a, b) == [("B", "82.0000"), ("A", "80.0000")]
    assert totals(relative, a, b, d) == [("A", "64.0000"), ("B", "62.0000"), ("D", "52.0000")]
    assert totals(absolute, a, b) == [("B", "55.3333"), ("A", "54.6667")]
    assert totals(absolute, a, b, d) == [("B", "55.3333"), ("A", "54.6667"), ("D", "38.6667")]


def test_rank_is_shared_and_the_lower_price_stands_first_when_totals_are_equal() -> None:
    answered = answer(question("quality_adjusted_price", k="10000", reference_quality="70"))
    assert [(place["id"], place["rank"]) for place in answered["ranking"]] == [("A", 1), ("B", 1), ("C", 3)]
    assert answered["derivation"][-1] == {
        "step": "tie", "rank": "1", "bids": "A, B", "rule": "the lower price goes first"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "price", "points"),
    [
        ("linear_above_lowest", "300", "0.0000"),  # 2 - 300/100 is below 0
        ("mean_deviation", "700", "0.0000"),  # the mean is 300, and 700 is more than twice that
        ("min_max", "700", "0.0000"),
        ("ratio_to_lowest", "300", "10.0000"),
    ],
)
def test_price_points_stay_within_the_weight_when_a_price_is_far_off(formula: str, price: str, points: str) -> None:
    prices = {"near": "100", "nearer": "100", "far": price}
    bids = [{"id": name, "price": price, "quality": "0"} for name, price in prices.items()]
    places = answer({"formula": formula, "price_weight": "30", "bids": bids})["ranking"]
    assert next(place["price_points"] for place in places if place["id"] == "far") == points


@pytest.mark.parametrize(("price", "points"), [("1300000", "0.0000"), ("700000", "30.0000"), ("750000", "30.0000")])
def test_price_points_stay_within_the_weight_when_a_price_is_outside_the_reference(price: str, points: str) -> None:
    asked = question("absolute_reference", "30", ceiling="1250000", floor="750000")
    asked["bids"] = [{"id": "A", "price": price, "quality": "0"}]
    assert answer(asked)["ranking"][0]["price_points"] == points


def test_everybody_gets_all_points_when_all_prices_are_equal() -> None:
    bids = [{"id": name, "price": "100", "quality": "50"} for name in "AB"]
    places = answer({"formula": "min_max", "price_weight": "30", "bids": bids})["ranking"]
    assert [place["price_points"] for place in places] == ["30.0000", "30.0000"]


def test_amount_is_shown_below_zero_when_quality_outweighs_the_price() -> None:
    # 1 - 0.1 * (100 - 80) = -1; 2 - 0.1 * (100 - 80) = 0; 1.00005 - 2 = -0.99995
    asked = question("quality_adjusted_price", k="0.1", reference_quality="80")
    asked["bids"] = [
        {"id": name, "price": price, "quality": "100"} for name, price in (("A", "1"), ("B", "2"), ("C", "1.00005"))
    ]
    places = answer(asked)["ranking"]
    assert [(place["id"], place["total"]) for place in places] == [("A", "-1.0000"), ("C", "-1.0000"), ("B", "0.0000")]
    assert [place["rank"] for place in places] == [1, 2, 3]


def test_bid_below_the_technical_minimum_is_told_of_and_not_ranked() -> None:
    answered = answer(question("qcbs", "20", technical_minimum="88"))
    assert [place["id"] for place in answered["ranking"]] == ["C", "B"]
    assert {"step": "technical-minimum", "bid": "A", "quality": "78", "minimum": "88", "reached": "false"} in answered[
        "derivation"
    ]


def test_derivation_says_so_when_the_price_weight_is_not_used() -> None:
    unused = {"step": "price-weight", "weight": "30", "used": "false"}
    assert unused in answer(question("lowest_price", "30"))["derivation"]
    assert unused in answer(question("quality_only", "30"))["derivation"]
    assert answer(question("quality_only", "30"))["ranking"] == answer(question("quality_only"))["ranking"]


def test_quality_may_be_absent_when_only_the_price_counts() -> None:
    bids = [{"id": "A", "price": "2"}, {"id": "B", "price": "1", "quality": "3"}]
    assert [place["id"] for place in answer({"formula": "lowest_price", "bids": bids})["ranking"]] == ["B", "A"]


def test_thousand_bids_are_ranked_and_no_more() -> None:
    bids = [{"id": str(n), "price": "100", "quality": "50"} for n in range(1001)]
    assert len(answer({"formula": "min_max", "price_weight": "30", "bids": bids[:1000]})["ranking"]) == 1000
    with pytest.raises(Invalid, match="bids-too-many"):
        answer({"formula": "min_max", "price_weight": "30", "bids": bids})


BAD: list[Any] = [
    (lambda asked: asked.update(formula="cheapest"), "price-formula-unknown", "/formula"),
    (lambda asked: asked.update(formula=["qcbs"]), "price-formula-unknown", "/formula"),
    (lambda asked: asked.pop("formula"), "field-missing", "/formula"),
    (lambda asked: asked.pop("bids"), "field-missing", "/bids"),
    (lambda asked: asked.pop("price_weight"), "field-missing", "/price_weight"),
    (lambda asked: asked.update(price_weight=30), "number-not-text", "/price_weight"),
    (lambda asked: asked.update(price_weight="100.1"), "price-weight-out-of-range", "/price_weight"),
    (lambda asked: asked.update(price_weight="-1"), "price-weight-out-of-range", "/price_weight"),
    (lambda asked: asked.update(weight="30"), "unknown-field", "/weight"),
    (lambda asked: asked.update({"a/b~c": 1}), "unknown-field", "/a~1b~0c"),
    (lambda asked: asked.update(params={"k": "1"}), "unknown-field", "/params/k"),
    (lambda asked: asked.update(params=[]), "value-invalid", "/params"),
    (lambda asked: asked.update(bids={}), "value-invalid", "/bids"),
    (lambda asked: asked.update(bids=[]), "bids-missing", "/bids"),
    (lambda asked: asked["bids"].append("D"), "value-invalid", "/bids/3"),
    (lambda asked: asked["bids"][1].update(price=1000000), "number-not-text", "/bids/1/price"),
    (lambda asked: asked["bids"][1].update(price=1e6), "number-not-text", "/bids/1/price"),
    (lambda asked: asked["bids"][1].update(price=True), "decimal-malformed", "/bids/1/price"),
    (lambda asked: asked["bids"][1].update(price=None), "decimal-malformed", "/bids/1/price"),
    (lambda asked: asked["bids"][1].update(price="1e6"), "decimal-malformed", "/bids/1/price"),
    (lambda asked: asked["bids"][1].update(price="NaN"), "decimal-malformed", "/bids/1/price"),
    (lambda asked: asked["bids"][1].update(price="1\n"), "decimal-malformed", "/bids/1/price"),
    (lambda asked: asked["bids"][1].update(price="\u0661"), "decimal-malformed", "/bids/1/price"),
    (lambda asked: asked["bids"][1].update(price="1" * 16), "decimal-malformed", "/bids/1/price"),
    (lambda asked: asked["bids"][1].update(price="1.1234567"), "decimal-malformed", "/bids/1/price"),
    (lambda asked: asked["bids"][1].update(price="0"), "price-not-positive", "/bids/1/price"),
    (lambda asked: asked["bids"][1].update(price="-1"), "price-not-positive", "/bids/1/price"),
    (lambda asked: asked["bids"][2].update(quality=93), "number-not-text", "/bids/2/quality"),
    (lambda asked: asked["bids"][2].update(quality="100.01"), "score-out-of-range", "/bids/2/quality"),
    (lambda asked: asked["bids"][2].update(quality="-0.01"), "score-out-of-range", "/bids/2/quality"),
    (lambda asked: asked["bids"][2].pop("quality"), "field-missing", "/bids/2/quality"),
    (lambda asked: asked["bids"][0].update(deduction="1"), "deduction-out-of-range", "/bids/0/deduction"),
    (lambda asked: asked["bids"][0].update(deduction="-0.1"), "deduction-out-of-range", "/bids/0/deduction"),
    (lambda asked: asked["bids"][0].update(deduction=0.1), "number-not-text", "/bids/0/deduction"),
    (lambda asked: asked["bids"][0].update(currency="EUR"), "unknown-field", "/bids/0/currency"),
    (lambda asked: asked["bids"][2].update(id="A"), "bid-repeated", "/bids/2/id"),
    (lambda asked: asked["bids"][2].update(id=""), "value-invalid", "/bids/2/id"),
    (lambda asked: asked["bids"][2].update(id=3), "value-invalid", "/bids/2/id"),
    (lambda asked: asked["bids"][2].update(id="x" * 101), "value-invalid", "/bids/2/id"),
]


@pytest.mark.parametrize(("spoil", "code", "pointer"), BAD)
def test_question_is_refused_with_a_pointer_when_it_makes_no_sense(spoil: Any, code: str, pointer: str) -> None:
    asked = question("ratio_to_lowest", "30")
    spoil(asked)
    with pytest.raises(Invalid) as refused:
        answer(asked)
    assert (refused.value.code, refused.value.pointer) == (code, pointer)


@pytest.mark.parametrize(
    ("asked", "code", "pointer"),
    [
        (question("absolute_reference", "30", ceiling="5"), "parameter-missing", "/params/floor"),
        (question("absolute_reference", "30"), "parameter-missing", "/params/ceiling"),
        (
            question("absolute_reference", "30", ceiling="5", floor="5"),
            "floor-not-below-ceiling",
            "/params/floor",
        ),
        (question("absolute_reference", "30", ceiling="5", floor="-1"), "parameter-out-of-range", "/params/floor"),
        (question("qcbs", "30", technical_minimum="101"), "parameter-out-of-range", "/params/technical_minimum"),
        (question("quality_adjusted_price", k="-1", reference_quality="70"), "parameter-out-of-range", "/params/k"),
        (question("quality_adjusted_price", k="x", reference_quality="70"), "decimal-malformed", "/params/k"),
    ],
)
def test_parameters_are_refused_when_the_formula_cannot_use_them(
    asked: dict[str, Any], code: str, pointer: str
) -> None:
    with pytest.raises(Invalid) as refused:
        answer(asked)
    assert (refused.value.code, refused.value.pointer) == (code, pointer)


def test_quality_of_zero_is_refused_when_the_formula_divides_by_it() -> None:
    asked = question("price_per_quality_point")
    asked["bids"][1]["quality"] = "0.00"
    with pytest.raises(Invalid) as refused:
        answer(asked)
    assert (refused.value.code, refused.value.pointer) == ("quality-not-positive", "/bids/1/quality")


@pytest.mark.parametrize("document", [None, [], "text", 1, True])
def test_question_is_refused_when_it_is_no_object(document: Any) -> None:
    with pytest.raises(Invalid) as refused:
        answer(document)
    assert (refused.value.code, refused.value.pointer) == ("value-invalid", "")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(list(PRICE_FORMULAS)), st.data())
def test_question_is_answered_or_refused_and_never_breaks_when_a_part_of_it_is_anything(
    formula: str, data: st.DataObject
) -> None:
    asked: Any = question(formula, "30")
    place = data.draw(st.sampled_from(["formula", "price_weight", "params", "bids", 0, 1]))
    if isinstance(place, int):
        asked["bids"][place][data.draw(st.sampled_from(["id", "price", "quality", "deduction"]))] = data.draw(JSON)
    else:
        asked[place] = data.draw(JSON)
    refusal = refusal_of(asked)
    if refusal is not None:
        assert refusal.pointer is not None
        assert refusal.pointer.startswith(("/formula", "/price_weight", "/params", "/bids"))


def refusal_of(asked: Any) -> Invalid | None:
    try:
        answer(asked)
    except Invalid as refusal:
        return refusal
    return None
