"""What holds of every ranking, by whichever formula, and what an outsider can work out again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.rules.ranking import Ranking
from shared.rules.scoring import PRICE_FORMULAS, Criterion, PriceFormula, ScoredBid, rank

PARAMETERS: Mapping[str, Mapping[str, Decimal]] = {
    "absolute_reference": {"ceiling": Decimal(10**9), "floor": Decimal(50)},
    "quality_adjusted_price": {"k": Decimal("2.5"), "reference_quality": Decimal(70)},
    "qcbs": {"technical_minimum": Decimal(30)},
}
FORMULAS = st.sampled_from(list(PRICE_FORMULAS.values()))
RELATIVE = st.sampled_from([formula for formula in PRICE_FORMULAS.values() if formula.relative])
ABSOLUTE = st.sampled_from([formula for formula in PRICE_FORMULAS.values() if not formula.relative])
# The mean rewards who comes close to it, so that a dearer bid may get more points for its price.
CHEAPER_IS_BETTER = st.sampled_from([one for one in PRICE_FORMULAS.values() if one.name != "mean_deviation"])

SCORES = st.decimals(1, 100, allow_nan=False, allow_infinity=False, places=2)
# Few prices and scores, so that ties of both kinds come up.
COARSE = st.sampled_from([Decimal(1), Decimal(40), Decimal(90), Decimal(100)])
PRICES = st.one_of(
    st.sampled_from([Decimal(100), Decimal(200)]), st.integers(1, 10**12).map(lambda cents: Decimal(cents).scaleb(-2))
)
DEDUCTIONS = st.sampled_from([Decimal(0), Decimal("0.10"), Decimal("0.2")])


def bids_of(rows: Sequence[tuple[Decimal, Decimal, Decimal, Decimal]]) -> list[ScoredBid]:
    return [
        ScoredBid(f"bid-{n}", price, {"q0": first, "q1": second}, deduction)
        for n, (price, first, second, deduction) in enumerate(rows)
    ]


BIDS = st.lists(st.tuples(PRICES, st.one_of(COARSE, SCORES), COARSE, DEDUCTIONS), min_size=1, max_size=6).map(bids_of)
CRITERIA = st.integers(10, 60).map(
    lambda weight: [
        Criterion("price", "Price", Decimal(weight), "price"),
        Criterion("q0", "Quality", Decimal(80 - weight), "quality"),
        Criterion("q1", "More quality", Decimal(20), "quality"),
    ]
)


def ranked(criteria: Sequence[Criterion], bids: Sequence[ScoredBid], formula: PriceFormula) -> Ranking:
    return rank(criteria, bids, formula, PARAMETERS.get(formula.name))


@given(FORMULAS, CRITERIA, BIDS, st.randoms(use_true_random=False))
def test_ranking_is_the_same_when_the_input_comes_in_another_order(
    formula: PriceFormula, criteria: list[Criterion], bids: list[ScoredBid], shuffler: Any
) -> None:
    expected = ranked(criteria, bids, formula)
    shuffler.shuffle(bids)
    shuffler.shuffle(criteria)
    assert ranked(criteria, bids, formula) == expected


@given(FORMULAS, CRITERIA, BIDS)
def test_points_stay_in_bounds_and_the_first_is_decided_when_bids_are_ranked(
    formula: PriceFormula, criteria: list[Criterion], bids: list[ScoredBid]
) -> None:
    ranking = ranked(criteria, bids, formula)
    if formula.ranks_by != "amount":
        assert all(0 <= (place.price_points or 0) <= place.total <= 100 for place in ranking.bids)
    assert [place.rank for place in ranking.bids[:1]] == [1][: len(ranking.bids)]
    tied_at_top = {name for tie in ranking.unresolved_ties for name in tie if ranking.bids[0].id in tie}
    assert (ranking.first is None) == (bool(tied_at_top) or not ranking.bids)


@given(CHEAPER_IS_BETTER, CRITERIA, BIDS, st.data())
def test_dominated_bid_never_goes_first_when_another_is_cheaper_and_better(
    formula: PriceFormula, criteria: list[Criterion], bids: list[ScoredBid], data: st.DataObject
) -> None:
    better = data.draw(st.sampled_from(bids))
    worse = ScoredBid(
        "worse",
        better.price + data.draw(PRICES),
        {of: data.draw(st.decimals(1, score, places=2)) for of, score in better.quality.items()},
        better.deduction,
    )
    order = [place.id for place in ranked(criteria, [*bids, worse], formula).bids]
    assume("worse" in order)
    assert order.index(better.id) < order.index("worse")


@given(RELATIVE, CRITERIA, BIDS, st.sampled_from([Decimal("0.5"), Decimal(3), Decimal(1000)]))
def test_points_are_the_same_when_all_prices_are_multiplied_and_the_formula_is_relative(
    formula: PriceFormula, criteria: list[Criterion], bids: list[ScoredBid], factor: Decimal
) -> None:
    scaled = [replace(bid, price=bid.price * factor) for bid in bids]
    before, after = ranked(criteria, bids, formula), ranked(criteria, scaled, formula)
    assert [(place.id, place.rank, place.price_points, place.total) for place in before.bids] == [
        (place.id, place.rank, place.price_points, place.total) for place in after.bids
    ]


@given(ABSOLUTE, CRITERIA, BIDS, st.tuples(PRICES, SCORES, COARSE, DEDUCTIONS))
def test_order_of_the_rest_is_the_same_when_a_bid_enters_and_the_formula_is_not_relative(
    formula: PriceFormula,
    criteria: list[Criterion],
    bids: list[ScoredBid],
    entering: tuple[Decimal, Decimal, Decimal, Decimal],
) -> None:
    (newcomer,) = (replace(bid, id="newcomer") for bid in bids_of([entering]))
    before = ranked(criteria, bids, formula)
    after = [place for place in ranked(criteria, [*bids, newcomer], formula).bids if place.id != "newcomer"]
    assert [(place.id, place.total) for place in before.bids] == [(place.id, place.total) for place in after]
    assert before.warnings == ()


@given(FORMULAS, CRITERIA, BIDS)
def test_rank_follows_the_exact_total_when_rounded_ones_look_alike(
    formula: PriceFormula, criteria: list[Criterion], bids: list[ScoredBid]
) -> None:
    # A second bid of each, a millionth of a point better: often the same to the fourth decimal, never the same rank.
    nearly = [
        replace(bid, id=f"{bid.id}-better", quality={**bid.quality, "q0": bid.quality["q0"] + Decimal("0.000001")})
        for bid in bids
        if bid.quality["q0"] < 100
    ]
    assume(nearly and formula.name != "lowest_price")
    places = {place.id: place for place in ranked(criteria, [*bids, *nearly], formula).bids}
    for bid in nearly:
        worse = places.get(bid.id.removesuffix("-better"))
        if worse is not None:
            assert places[bid.id].rank < worse.rank
            assert abs(places[bid.id].total - worse.total) <= max(Decimal("0.0001"), abs(worse.total) / 10**5)


Evaluate = Callable[[Mapping[str, Fraction], Fraction, Fraction], Fraction]
# Written anew from the expressions that a derivation tells, to be compared with what the formulas do.
BY_HAND: Mapping[str, Evaluate] = {
    "ratio_to_lowest": lambda told, price, _: told["lowest-price"] / price,
    "qcbs": lambda told, price, _: told["lowest-price"] / price,
    "linear_above_lowest": lambda told, price, _: max(Fraction(0), 2 - price / told["lowest-price"]),
    "min_max": lambda told, price, _: (
        (told["highest-price"] - price) / (told["highest-price"] - told["lowest-price"])
        if told["highest-price"] != told["lowest-price"]
        else Fraction(1)
    ),
    "mean_deviation": lambda told, price, _: max(Fraction(0), 1 - abs(price / told["mean-price"] - 1)),
    "absolute_reference": lambda told, price, _: sorted(
        (Fraction(0), (told["ceiling"] - price) / (told["ceiling"] - told["floor"]), Fraction(1))
    )[1],
    "quality_adjusted_price": lambda told, price, quality: price - told["k"] * (quality - told["reference_quality"]),
    "price_per_quality_point": lambda _, price, quality: price / quality,
    "lowest_price": lambda _, price, __: price,
}


@pytest.mark.parametrize("formula", PRICE_FORMULAS.values(), ids=lambda formula: formula.name)
@given(criteria=CRITERIA, bids=BIDS)
def test_outsider_finds_the_same_totals_when_working_from_the_derivation_alone(
    formula: PriceFormula, criteria: list[Criterion], bids: list[ScoredBid]
) -> None:
    ranking = ranked(criteria, bids, formula)
    told: dict[str, Fraction] = {}
    found: dict[str, Fraction] = {}
    for step in ranking.derivation:
        amount = Fraction(step.get("exact", step.get("amount", "0")))
        match step["step"]:
            case "lowest-price" | "highest-price" | "mean-price":
                told[step["step"]] = amount
            case "parameter":
                told[step["name"]] = Fraction(step["value"])
            case "price-points":
                share = BY_HAND[formula.name](told, Fraction(step["amount"]), Fraction(0))
                found[step["bid"]] = Fraction(step["weight"]) * share
            case "quality-points":
                points = Fraction(step["weight"]) * Fraction(step["score"]) / 100
                found[step["bid"]] = found.get(step["bid"], Fraction(0)) + points
            case "evaluated-amount":
                found[step["bid"]] = BY_HAND[formula.name](told, Fraction(step["price"]), Fraction(step["quality"]))
                assert found[step["bid"]] == amount
            case "total":
                assert found[step["bid"]] == amount == sum(map(Fraction, step["sum"].split(" + ")))
    best_first = sorted(found.values(), reverse=formula.ranks_by != "amount")
    places = {step["bid"]: int(step["rank"]) for step in ranking.derivation if step["step"] == "rank"}
    assert places == {name: 1 + best_first.index(total) for name, total in found.items()}
    assert places == {place.id: place.rank for place in ranking.bids}
