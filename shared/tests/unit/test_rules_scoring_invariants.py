"""What holds of every ranking, and what an outsider can work out again."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.money import Money
from shared.rules.scoring import PRICE_FORMULAS, Criterion, ScoredBid, rank

LOWEST = PRICE_FORMULAS["ratio_to_lowest"]
SCORES = st.decimals(0, 100, allow_nan=False, allow_infinity=False, places=2)
# Few prices and scores, so that ties of both kinds come up.
COARSE = st.sampled_from([Decimal(0), Decimal(40), Decimal(90), Decimal(100)])
BIDS = st.lists(
    st.tuples(st.one_of(st.sampled_from([100, 200]), st.integers(1, 10**12)), st.one_of(COARSE, SCORES), COARSE),
    min_size=1,
    max_size=6,
).map(
    lambda rows: [
        ScoredBid(f"bid-{n}", Money(price, "EUR"), {"q0": first, "q1": second})
        for n, (price, first, second) in enumerate(rows)
    ]
)
CRITERIA = st.integers(10, 60).map(
    lambda weight: [
        Criterion("price", "Price", Decimal(weight), "price"),
        Criterion("q0", "Quality", Decimal(80 - weight), "quality"),
        Criterion("q1", "More quality", Decimal(20), "quality"),
    ]
)


@given(CRITERIA, BIDS, st.randoms(use_true_random=False))
def test_ranking_is_the_same_when_the_input_comes_in_another_order(
    given_criteria: list[Criterion], bids: list[ScoredBid], shuffler: Any
) -> None:
    expected = rank(given_criteria, bids, LOWEST)
    shuffler.shuffle(bids)
    shuffler.shuffle(given_criteria)
    assert rank(given_criteria, bids, LOWEST) == expected


@given(CRITERIA, BIDS)
def test_outsider_finds_the_same_totals_when_working_from_the_derivation_alone(
    given_criteria: list[Criterion], bids: list[ScoredBid]
) -> None:
    ranking = rank(given_criteria, bids, LOWEST)
    lowest = next(Fraction(step["amount"]) for step in ranking.derivation if step["step"] == "lowest-price")
    found: dict[str, Fraction] = {}
    for step in ranking.derivation:
        if step["step"] == "price-points":
            found[step["bid"]] = Fraction(step["weight"]) * lowest / Fraction(step["amount"])
        elif step["step"] == "quality-points":
            found[step["bid"]] += Fraction(step["weight"]) * Fraction(step["score"]) / 100
    totals = {step["bid"]: Fraction(step["exact"]) for step in ranking.derivation if step["step"] == "total"}
    assert totals == found
    places = {step["bid"]: int(step["rank"]) for step in ranking.derivation if step["step"] == "rank"}
    assert places == {name: 1 + sum(other > total for other in found.values()) for name, total in found.items()}


@given(CRITERIA, BIDS)
def test_points_stay_in_bounds_and_the_first_is_decided_when_bids_are_ranked(
    given_criteria: list[Criterion], bids: list[ScoredBid]
) -> None:
    ranking = rank(given_criteria, bids, LOWEST)
    assert all(0 <= ranked.price_points <= ranked.total <= 100 for ranked in ranking.bids)
    assert ranking.bids[0].rank == 1
    tied_at_top = {name for tie in ranking.unresolved_ties for name in tie if ranking.bids[0].id in tie}
    assert (ranking.first is None) == bool(tied_at_top)
