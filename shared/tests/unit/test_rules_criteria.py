"""Award criteria at and beyond the model pack's bounds."""

from decimal import Decimal

import pytest

from shared.kernel.errors import DomainError, Invalid, NotAllowed
from shared.rules.criteria import Criterion, check_criteria
from shared.rules.pack import available_packs, load_pack
from shared.rules.price_formulas import price_formula
from shared.rules.scoring import ScoredBid, rank

MODEL = load_pack("model")


def price(weight: str, name: str = "price") -> Criterion:
    return Criterion(name, "Price", Decimal(weight), "price")


def quality(weight: str, name: str = "quality") -> Criterion:
    return Criterion(name, "Quality", Decimal(weight), "quality")


@pytest.mark.parametrize(
    "criteria",
    [
        pytest.param([price("10"), quality("90")], id="lowest-price-weight"),
        pytest.param([price("60"), quality("40")], id="highest-price-weight"),
        pytest.param([quality("33.3", "a"), price("33.3"), quality("33.4", "b")], id="fractions"),
    ],
)
def test_criteria_pass_when_they_are_within_the_bounds(criteria: list[Criterion]) -> None:
    check_criteria(criteria, MODEL)


@pytest.mark.parametrize(
    ("criteria", "kind", "code", "rule"),
    [
        pytest.param(
            [price("9.99"), quality("90.01")], NotAllowed, "price-weight-out-of-bounds", "price-weight", id="low"
        ),
        pytest.param(
            [price("60.01"), quality("39.99")], NotAllowed, "price-weight-out-of-bounds", "price-weight", id="high"
        ),
        pytest.param([quality("100")], NotAllowed, "price-criterion-not-single", "price-weight", id="no-price"),
        pytest.param([], NotAllowed, "price-criterion-not-single", "price-weight", id="nothing"),
        pytest.param(
            [price("30"), price("30", "p2"), quality("40")],
            NotAllowed,
            "price-criterion-not-single",
            "price-weight",
            id="two-prices",
        ),
        pytest.param([price("30"), quality("69.99")], NotAllowed, "weights-total-wrong", "weights-total", id="short"),
        pytest.param([price("30"), quality("70.01")], NotAllowed, "weights-total-wrong", "weights-total", id="over"),
        pytest.param(
            # One part in 10**40 too much: a sum of 28 digits would not see it.
            [price("30"), quality("70.0000000000000000000000000000000000000001")],
            NotAllowed,
            "weights-total-wrong",
            "weights-total",
            id="over-by-a-hair",
        ),
        pytest.param([price("30"), quality("0")], Invalid, "weight-not-positive", "weights-total", id="zero"),
        pytest.param([price("30"), quality("NaN")], Invalid, "weight-not-positive", "weights-total", id="not-a-number"),
    ],
)
def test_criteria_are_refused_with_the_rule_when_they_break_it(
    criteria: list[Criterion], kind: type[DomainError], code: str, rule: str
) -> None:
    with pytest.raises(kind) as refusal:
        check_criteria(criteria, MODEL)
    assert refusal.value.code == code
    assert refusal.value.reference == MODEL.reference(rule)


def test_criteria_are_refused_when_an_id_comes_twice() -> None:
    with pytest.raises(Invalid, match="criterion-repeated"):
        check_criteria([price("30"), quality("35"), quality("35")], MODEL)


def test_refusal_says_what_would_do_when_a_weight_is_wrong() -> None:
    with pytest.raises(NotAllowed) as bounds:
        check_criteria([price("70"), quality("30")], MODEL)
    with pytest.raises(NotAllowed) as total:
        check_criteria([price("30"), quality("30")], MODEL)
    assert bounds.value.satisfied_by == "A price weight from 10 to 60."
    assert total.value.satisfied_by == "Weights that add up to exactly 100."


@pytest.mark.parametrize("pack", available_packs())
def test_price_weighs_nothing_when_the_pack_lets_quality_alone_compete(pack: str) -> None:
    rules, fixed = load_pack(pack), [price("0"), quality("100")]
    if pack == "eu-light":
        check_criteria(fixed, rules)
    else:
        with pytest.raises(Invalid, match="weight-not-positive"):
            check_criteria(fixed, rules)
    for weight in ("-0.01", "NaN"):
        with pytest.raises(Invalid, match="weight-not-positive"):
            check_criteria([price(weight), quality("100")], rules)
    with pytest.raises(Invalid, match="weight-not-positive"):
        check_criteria([price("100"), quality("0")], rules)


@pytest.mark.parametrize("pack", available_packs())
def test_price_is_left_out_when_the_state_sets_it_and_the_pack_says_that_it_is_no_criterion(pack: str) -> None:
    rules = load_pack(pack)
    for criteria in ([quality("100")], [price("0"), quality("100")]):
        if pack in {"cn-services", "eu-light"}:
            check_criteria(criteria, rules, state_priced=True)
            continue
        with pytest.raises(DomainError) as refusal:
            check_criteria(criteria, rules, state_priced=True)
        assert refusal.value.code in {"price-criterion-not-single", "weight-not-positive"}
        assert refusal.value.reference is not None
    with pytest.raises(NotAllowed, match="weights-total-wrong"):
        check_criteria([quality("99")], load_pack("cn-services"), state_priced=True)


def test_best_quality_is_first_when_the_price_weighs_nothing() -> None:
    # The vector of a fixed price: 78, 88 and 93 points of quality are the totals.
    bids = [
        ScoredBid(name, Decimal(900_000), {"quality": Decimal(points)})
        for name, points in (("A", "78"), ("B", "88"), ("C", "93"))
    ]
    ranking = rank([price("0"), quality("100")], bids, price_formula(load_pack("eu-light")))
    assert [(bid.id, bid.total, bid.price_points) for bid in ranking.bids] == [
        ("C", Decimal(93), Decimal(0)),
        ("B", Decimal(88), Decimal(0)),
        ("A", Decimal(78), Decimal(0)),
    ]
