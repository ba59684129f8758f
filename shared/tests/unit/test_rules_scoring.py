"""Rankings against published vectors, ties and refusals."""

from dataclasses import replace
from decimal import Decimal

import pytest

from shared.kernel.errors import Invalid
from shared.rules.pack import load_pack, pack_document, read_pack
from shared.rules.scoring import PRICE_FORMULAS, Criterion, Ranking, ScoredBid, price_formula, rank

LOWEST = PRICE_FORMULAS["ratio_to_lowest"]


def criteria(price_weight: str, *quality_weights: str) -> list[Criterion]:
    weights = quality_weights or (str(100 - Decimal(price_weight)),)
    quality = [Criterion(f"q{n}", f"Quality {n}", Decimal(weight), "quality") for n, weight in enumerate(weights)]
    return [Criterion("price", "Price", Decimal(price_weight), "price"), *quality]


def bid(name: str, price: int, *quality: str) -> ScoredBid:
    return ScoredBid(name, Decimal(price), {f"q{n}": Decimal(score) for n, score in enumerate(quality)})


# Prices and quality of the worked vectors; the results come from exact fractions, four decimals half up.
ABC = (bid("A", 900_000, "78"), bid("B", 1_000_000, "88"), bid("C", 1_200_000, "93"))


def totals(ranking: Ranking) -> dict[str, str]:
    return {ranked.id: str(ranked.total) for ranked in ranking.bids}


@pytest.mark.parametrize(
    ("weight", "a", "b", "c", "best"),
    [
        pytest.param("10", ("10", "80.2"), ("9", "88.2"), ("7.5", "91.2"), "C", id="F1a"),
        pytest.param("30", ("30", "84.6"), ("27", "88.6"), ("22.5", "87.6"), "B", id="F1b"),
        pytest.param("60", ("60", "91.2"), ("54", "89.2"), ("45", "82.2"), "A", id="F1c"),
    ],
)
def test_ranking_is_the_published_one_when_price_is_scored_against_the_lowest(
    weight: str, a: tuple[str, str], b: tuple[str, str], c: tuple[str, str], best: str
) -> None:
    ranking = rank(criteria(weight), ABC, LOWEST)
    expected = {"A": a, "B": b, "C": c}
    assert {ranked.id: (ranked.price_points, ranked.total) for ranked in ranking.bids} == {
        name: (Decimal(points), Decimal(total)) for name, (points, total) in expected.items()
    }
    assert ranking.first == ranking.bids[0].id == best
    assert [ranked.rank for ranked in ranking.bids] == [1, 2, 3]
    assert not any(ranked.tie for ranked in ranking.bids)


def test_hopeless_bid_reverses_the_order_and_a_warning_says_so_when_the_formula_is_relative() -> None:
    two = (bid("A", 100, "80"), bid("B", 80, "70"))
    three = (*two, bid("D", 40, "20"))
    before, after = (rank(criteria("40"), bids, LOWEST) for bids in (two, three))
    assert totals(before) == {"A": "80.0000", "B": "82.0000"}
    assert totals(after) == {"A": "64.0000", "B": "62.0000", "D": "52.0000"}
    assert (before.first, after.first) == ("B", "A")
    assert len(after.warnings) == 1


# 25 + 50 * 90/100 = 70 and 50 + 50 * 40/100 = 70
DEAR, CHEAP = bid("dear", 200, "90"), bid("cheap", 100, "40")


def test_lower_price_goes_first_and_the_rank_is_shared_when_totals_are_equal() -> None:
    ranking = rank(criteria("50"), (DEAR, CHEAP, bid("last", 200, "10")), LOWEST)
    places = [(ranked.id, ranked.rank, ranked.tie) for ranked in ranking.bids]
    assert places == [("cheap", 1, True), ("dear", 1, True), ("last", 3, False)]
    assert ranking.first == "cheap"
    assert ranking.unresolved_ties == ()
    assert ranking.derivation[-1] == {
        "step": "tie",
        "rank": "1",
        "bids": "cheap, dear",
        "rule": "the lower price goes first",
    }


def test_nobody_is_first_when_total_and_price_are_equal_at_the_top() -> None:
    twin = bid("twin", 100, "40")
    ranking = rank(criteria("50"), (CHEAP, twin, bid("last", 200, "10")), LOWEST)
    assert ranking.first is None
    assert ranking.unresolved_ties == (("cheap", "twin"),)
    assert ranking.derivation[-1] == {"step": "unresolved-tie", "bids": "cheap, twin", "equal": "total and price"}


def test_nobody_is_first_when_totals_are_equal_and_the_lower_price_does_not_decide() -> None:
    ranking = rank(criteria("50"), (DEAR, CHEAP, bid("last", 200, "10")), LOWEST, lower_price_first=False)
    assert (ranking.first, ranking.unresolved_ties) == (None, (("cheap", "dear"),))
    assert [ranked.rank for ranked in ranking.bids] == [1, 1, 3]
    ties = [step for step in ranking.derivation if "tie" in step["step"]]
    assert ties == [{"step": "unresolved-tie", "bids": "cheap, dear", "equal": "total"}]


def test_somebody_is_first_when_the_unresolved_tie_is_further_down() -> None:
    ranking = rank(criteria("50"), (CHEAP, bid("x", 200, "10"), bid("y", 200, "10")), LOWEST)
    assert ranking.first == "cheap"
    assert ranking.unresolved_ties == (("x", "y"),)
    assert [ranked.rank for ranked in ranking.bids] == [1, 2, 2]


def test_lower_price_wins_outright_when_a_tie_at_the_top_has_dearer_twins() -> None:
    ranking = rank(criteria("50"), (DEAR, CHEAP, bid("dear-too", 200, "90")), LOWEST)
    assert ranking.first == "cheap"
    assert ranking.unresolved_ties == (("dear", "dear-too"),)
    assert [ranked.rank for ranked in ranking.bids] == [1, 1, 1]


def test_totals_are_no_tie_when_they_only_look_equal_rounded() -> None:
    # A cent in a million: 10 * 100000000/100000001 = 9.9999999, shown as 10.0000.
    near = (
        ScoredBid("a", Decimal("1000000.01"), {"q0": Decimal(50)}),
        ScoredBid("b", Decimal("1000000.00"), {"q0": Decimal(50)}),
    )
    ranking = rank(criteria("10"), near, LOWEST)
    assert {ranked.total for ranked in ranking.bids} == {Decimal("55.0000")}
    assert [(ranked.id, ranked.rank, ranked.tie) for ranked in ranking.bids] == [("b", 1, False), ("a", 2, False)]


def test_points_are_shown_per_criterion_when_quality_has_several() -> None:
    # 30 * 90/120 = 22.5; 45 * 66.6/100 = 29.97; 25 * 33.33333/100 = 8.3333325, half up 8.3333; total 60.8033325
    ranking = rank(criteria("30", "45", "25"), (bid("A", 120, "66.6", "33.33333"), bid("B", 90, "0", "0")), LOWEST)
    best = ranking.bids[0]
    assert (best.id, best.price_points) == ("A", Decimal("22.5000"))
    assert best.quality_points == {"q0": Decimal("29.9700"), "q1": Decimal("8.3333")}
    assert best.total == Decimal("60.8033")


def test_figures_are_rounded_half_up_when_the_fifth_decimal_is_a_five() -> None:
    # 50 * 0.0001/100 = 0.00005; 50 + 0.00005 = 50.00005
    ranking = rank(criteria("50"), (bid("A", 100, "0.0001"),), LOWEST)
    assert ranking.bids[0].quality_points == {"q0": Decimal("0.0001")}
    assert ranking.bids[0].total == Decimal("50.0001")


def test_derivation_is_complete_when_two_bids_are_ranked() -> None:
    ranking = rank(criteria("30"), ABC[:2], LOWEST, currency="EUR")
    assert ranking.derivation == (
        {"step": "price-formula", "formula": "ratio_to_lowest", "points": "weight * lowest price / price",
         "depends-on-other-bids": "true"},
        {"step": "lowest-price", "amount": "900000.00", "currency": "EUR"},
        {"step": "price-points", "bid": "B", "criterion": "price", "amount": "1000000.00", "currency": "EUR",
         "share": "9/10", "weight": "30", "exact": "27", "points": "27.0000"},
        {"step": "quality-points", "bid": "B", "criterion": "q0", "score": "88", "weight": "70", "exact": "308/5",
         "points": "61.6000"},
        {"step": "total", "bid": "B", "sum": "27 + 308/5", "exact": "443/5", "points": "88.6000"},
        {"step": "price-points", "bid": "A", "criterion": "price", "amount": "900000.00", "currency": "EUR",
         "share": "1", "weight": "30", "exact": "30", "points": "30.0000"},
        {"step": "quality-points", "bid": "A", "criterion": "q0", "score": "78", "weight": "70", "exact": "273/5",
         "points": "54.6000"},
        {"step": "total", "bid": "A", "sum": "30 + 273/5", "exact": "423/5", "points": "84.6000"},
        {"step": "rank", "bid": "B", "rank": "1", "total": "88.6000", "tie": "false"},
        {"step": "rank", "bid": "A", "rank": "2", "total": "84.6000", "tie": "false"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("bids", "code"),
    [
        pytest.param((), "bids-missing", id="no-bid"),
        pytest.param((CHEAP, CHEAP), "bid-repeated", id="twice"),
        pytest.param((bid("A", 0, "1"),), "price-not-positive", id="free"),
        pytest.param((CHEAP, bid("A", -1, "1")), "price-not-positive", id="negative"),
        pytest.param((ScoredBid("A", Decimal("NaN"), {"q0": Decimal(1)}),), "price-not-positive", id="no-price"),
        pytest.param((replace(CHEAP, deduction=Decimal(1)),), "deduction-out-of-range", id="whole-price-deducted"),
        pytest.param((replace(CHEAP, deduction=Decimal("-0.1")),), "deduction-out-of-range", id="price-raised"),
        pytest.param((bid("A", 1),), "scores-incomplete", id="score-missing"),
        pytest.param((bid("A", 1, "1", "1"),), "scores-incomplete", id="score-of-no-criterion"),
        pytest.param((bid("A", 1, "100.01"),), "score-out-of-range", id="above"),
        pytest.param((bid("A", 1, "-0.01"),), "score-out-of-range", id="below"),
        pytest.param((bid("A", 1, "NaN"),), "score-out-of-range", id="not-a-number"),
    ],
)
def test_ranking_is_refused_when_a_bid_cannot_be_scored(bids: tuple[ScoredBid, ...], code: str) -> None:
    with pytest.raises(Invalid, match=code):
        rank(criteria("50"), bids, LOWEST)


@pytest.mark.parametrize(
    ("given_criteria", "code"),
    [
        pytest.param(criteria("50")[1:], "price-criterion-not-single", id="no-price"),
        pytest.param(
            [*criteria("50"), Criterion("p2", "P", Decimal(1), "price")], "price-criterion-not-single", id="two"
        ),
        pytest.param([*criteria("50"), criteria("50")[1]], "criterion-repeated", id="repeated"),
    ],
)
def test_ranking_is_refused_when_the_criteria_do_not_make_sense(given_criteria: list[Criterion], code: str) -> None:
    with pytest.raises(Invalid, match=code):
        rank(given_criteria, [CHEAP], LOWEST)


def test_formula_is_the_packs_when_asked_for() -> None:
    assert price_formula(load_pack("model")) is LOWEST
    assert LOWEST.relative


@pytest.mark.parametrize("name", ["lowest_price", "quality_only", "absolute_reference"])
def test_packs_formula_is_refused_when_a_tender_cannot_be_scored_by_it(name: str) -> None:
    document = pack_document("model")
    document["rules"]["price-formula"]["value"] = name
    with pytest.raises(Invalid, match="price-formula-unfit") as refused:
        price_formula(read_pack(document))
    assert refused.value.reference is not None
    assert refused.value.reference.rule == "price-formula"


def test_quality_is_the_weighted_mean_when_an_amount_is_made_of_it() -> None:
    # (30 * 90 + 10 * 50) / 40 = 80; 1000 - 10 * (80 - 70) = 900
    formula, parameters = PRICE_FORMULAS["quality_adjusted_price"], {"k": Decimal(10), "reference_quality": Decimal(70)}
    ranking = rank(criteria("60", "30", "10"), (bid("A", 1000, "90", "50"),), formula, parameters)
    assert (str(ranking.bids[0].total), ranking.bids[0].quality_points) == ("900.0000", {})


def test_criteria_count_alike_when_quality_has_no_weight() -> None:
    # (90 + 50) / 2 = 70, just the minimum
    minimum = {"technical_minimum": Decimal(70)}
    bids = (bid("A", 100, "90", "50"), bid("B", 50, "90", "49.99"))
    ranking = rank(criteria("100", "0", "0"), bids, PRICE_FORMULAS["qcbs"], minimum)
    assert totals(ranking) == {"A": "100.0000"}


def test_nobody_is_first_when_no_bid_reaches_the_technical_minimum() -> None:
    ranking = rank(criteria("20"), ABC, PRICE_FORMULAS["qcbs"], {"technical_minimum": Decimal("93.01")})
    assert (ranking.bids, ranking.first, ranking.unresolved_ties) == ((), None, ())
    assert [step["reached"] for step in ranking.derivation if step["step"] == "technical-minimum"] == ["false"] * 3
