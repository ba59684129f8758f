"""How graded periods make a rating: by hand, and whatever they are."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider_registry.domain.rating import DayTotal, Observation, RatingTerms, rate, shrunk, weight
from shared.kernel.ids import derived_id
from shared.rules.pack import available_packs, load_pack

TERMS = RatingTerms.of(load_pack("model"))
ON = date(2026, 11, 2)
CONTRACT = derived_id("contract", 1)


def observed(score: str, age: int = 0, period: str = "1") -> Observation:
    return Observation(CONTRACT, period, Decimal(score), ON - timedelta(days=age))


def several(*scores: str, age: int = 0) -> list[Observation]:
    return [observed(score, age, str(number)) for number, score in enumerate(scores)]


def peers(mean: str, observations: int = 10) -> list[DayTotal]:
    return [DayTotal(ON, observations, Decimal(mean) * observations)]


@pytest.mark.parametrize(
    ("age", "exact"),
    [
        (0, Fraction(1)),
        (73, Fraction(9, 10)),  # a fifth of the way to one half
        (365, Fraction(1, 2)),
        (730, Fraction(1, 4)),
        (803, Fraction(9, 40)),  # a quarter, less a tenth of it
        (1095, Fraction(1, 8)),
    ],
)
def test_weight_halves_with_each_half_life_and_falls_in_lines_between(age: int, exact: Fraction) -> None:
    assert weight(age, 365) == exact


@given(st.integers(0, 4000), st.integers(1, 1500))
def test_older_weighs_less_and_never_nothing(age: int, half_life: int) -> None:
    assert 0 < weight(age + 1, half_life) < weight(age, half_life) <= 1


def test_score_is_the_weighed_mean_drawn_to_the_peers_when_worked_out_by_hand() -> None:
    # Weights 1, 1/2 and 1/4: mean = (90 + 40 + 15) / 1.75 = 82.857...; with k = 5 and peers at 70
    # score = (145 + 350) / 6.75 = 73.333...
    rating = rate("meals", [observed("90"), observed("80", 365), observed("60", 730)], peers("70"), TERMS, ON)
    assert (rating.weight, rating.mean, rating.score) == (Fraction(7, 4), Fraction(580, 7), Fraction(220, 3))
    assert (rating.level, rating.rated, rating.peer_mean, rating.ranking) == (
        "satisfactory",
        True,
        70,
        Fraction(220, 3),
    )
    assert [step["step"] for step in rating.derivation] == [
        *["weight"] * 3,
        "mean",
        "peers",
        "shrinkage",
        "level",
    ]
    assert rating.derivation[-2]["score"] == "73.33"
    assert rating.derivation[-3] == {"step": "peers", "periods": "10", "weight": "10", "mean": "70"}


def test_newcomer_is_not_rated_and_ranks_with_its_peers() -> None:
    for known in ([], several("0"), several("100", "100")):
        rating = rate("meals", known, peers("70"), TERMS, ON)
        assert (rating.rated, rating.score, rating.level) == (False, None, None)
        assert rating.ranking == 70, "neither favoured nor harmed, whatever one or two periods were graded"
        assert rating.derivation[-1] == {"step": "not-rated", "periods": str(len(known)), "needed": "3"}


def test_newcomer_ranks_between_a_poor_and_a_good_provider() -> None:
    ranking = [
        rate("meals", several(*scores), peers("70"), TERMS, ON).ranking
        for scores in (("30", "30", "30"), (), ("95", "95", "95"))
    ]
    assert ranking == sorted(ranking)  # type: ignore[type-var]
    assert len(set(ranking)) == 3


def test_nobody_is_rated_or_ranked_where_nobody_was_graded() -> None:
    rating = rate("meals", [], [], TERMS, ON)
    assert (rating.peer_mean, rating.ranking, rating.peer_observations) == (None, None, 0)


def test_mean_stands_for_itself_where_there_are_no_peers() -> None:
    assert rate("meals", several("80", "80", "80"), [], TERMS, ON).score == 80


@pytest.mark.parametrize(("age", "counted"), [(1096, True), (1097, False)])
def test_period_expires_the_day_after_its_third_anniversary(age: int, counted: bool) -> None:
    # From 2023-11-02 to 2026-11-02 are 1096 days: 2024 has a 29th of February.
    rating = rate("meals", [observed("80", age)], [], TERMS, ON)
    assert (len(rating.counted), [one.reason for one in rating.left_out]) == ((1, []) if counted else (0, ["expired"]))


def test_period_without_a_day_and_one_of_a_later_day_do_not_count() -> None:
    undated = Observation(CONTRACT, "1", Decimal(80), None)
    rating = rate("meals", [undated, observed("90", -1, "2")], [], TERMS, ON)
    assert {one.reason for one in rating.left_out} == {"undated", "later"}
    assert rating.counted == ()


def test_peers_are_weighed_by_age_as_the_provider_is() -> None:
    totals = [
        DayTotal(ON, 2, Decimal(180)),
        DayTotal(ON - timedelta(days=365), 4, Decimal(240)),
        DayTotal(ON - timedelta(days=1097), 9, Decimal(0)),  # expired
    ]
    rating = rate("meals", [], totals, TERMS, ON)
    # (180 + 240 / 2) / (2 + 4 / 2) = 75
    assert (rating.peer_observations, rating.peer_mean) == (6, 75)


@pytest.mark.parametrize(
    ("pack", "score", "level"),
    [
        ("model", "95", "exceptional"),
        ("model", "94.995", "exceptional"),  # shown as 95.00
        ("model", "94.994", "very-good"),
        ("model", "39.99", "unsatisfactory"),
        ("uk-2023", "90", "good"),
        ("uk-2023", "49", "inadequate"),
        ("cn-services", "80", "good"),
        ("cn-services", "59.99", "poor"),
    ],
)
def test_level_is_that_of_the_packs_scale(pack: str, score: str, level: str) -> None:
    terms = RatingTerms.of(load_pack(pack))
    assert rate("meals", several(score, score, score), [], terms, ON).level == level


def test_levels_of_the_uk_are_ratings_of_its_act() -> None:
    pack = load_pack("uk-2023")
    assert {level for level, _ in RatingTerms.of(pack).levels} | {"other"} == set(pack.choice("kpi.ratings"))


@pytest.mark.parametrize("pack", available_packs())
def test_every_pack_has_the_terms_of_a_rating(pack: str) -> None:
    terms = RatingTerms.of(load_pack(pack))
    assert terms.levels[-1][1] == 0
    assert min(terms.minimum, terms.half_life, terms.expiry) > 0


SCORES = st.decimals(0, 100, places=2)
HISTORIES = st.lists(st.tuples(SCORES, st.integers(0, 1096)), min_size=3, max_size=12)


def history(entries: list[tuple[Decimal, int]]) -> list[Observation]:
    return [observed(str(score), age, str(number)) for number, (score, age) in enumerate(entries)]


@given(HISTORIES, SCORES)
def test_score_lies_between_the_mean_and_the_peers(entries: list[tuple[Decimal, int]], mean: Decimal) -> None:
    rating = rate("meals", history(entries), peers(str(mean)), TERMS, ON)
    assert rating.mean is not None
    assert rating.score is not None
    assert min(rating.mean, Fraction(mean)) <= rating.score <= max(rating.mean, Fraction(mean))
    assert 0 <= rating.score <= 100


@given(HISTORIES, SCORES, st.data())
def test_better_grade_never_lowers_the_score(
    entries: list[tuple[Decimal, int]], mean: Decimal, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(entries) - 1))
    better = list(entries)
    better[place] = (data.draw(st.decimals(entries[place][0], 100, places=2)), entries[place][1])
    before, after = (rate("meals", history(one), peers(str(mean)), TERMS, ON).score for one in (entries, better))
    assert before is not None
    assert after is not None
    assert after >= before


@given(SCORES.map(Fraction), st.fractions(Fraction(1, 8), 50), SCORES.map(Fraction), st.fractions(0, 20))
def test_more_observations_draw_less_to_the_peers(
    mean: Fraction, total: Fraction, peer_mean: Fraction, strength: Fraction
) -> None:
    assert abs(shrunk(mean, total + 1, peer_mean, strength) - mean) <= abs(
        shrunk(mean, total, peer_mean, strength) - mean
    )
