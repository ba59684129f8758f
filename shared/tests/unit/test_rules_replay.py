"""Past awards decided again, against published vectors and by properties."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import Invalid
from shared.rules.criteria import Criterion
from shared.rules.pack import load_pack, pack_document, read_pack
from shared.rules.price_formulas import PRICE_FORMULAS
from shared.rules.ranking import ScoredBid
from shared.rules.replay import DecidedBid, DecidedLot, EndedLot, NotReplayed, ReplayedLot, Terms
from shared.rules.replay_report import report
from shared.rules.replay_terms import quality_of
from shared.rules.replaying import replay, replay_lot
from shared.rules.scoring import rank

MODEL = load_pack("model")
CHINA = load_pack("cn-services")


def terms(base: str = "model", parameters: Mapping[str, str] | None = None, **values: Any) -> Terms:
    """Return a pack with some of its rules set otherwise; a rule is named with underscores for dashes."""
    document = pack_document(base)
    for name, value in values.items():
        document["rules"][name.replace("__", ".").replace("_", "-")]["value"] = value
    return Terms(read_pack(document), {name: Decimal(value) for name, value in (parameters or {}).items()})


def weighs(points: int | str) -> dict[str, str]:
    return {"min": str(points), "max": str(points)}


def bid(name: str, price: str, quality: str, total: str, deduction: str = "0") -> DecidedBid:
    scores = {"quality": Decimal(quality)}
    return DecidedBid(name, f"{name} Ltd", Decimal(price), scores, Decimal(deduction), Decimal(total))


def criteria(price: str, quality: str) -> tuple[Criterion, ...]:
    return (
        Criterion("price", "Price", Decimal(price), "price"),
        Criterion("quality", "Quality", Decimal(quality), "quality"),
    )


def lot(bids: Sequence[DecidedBid], winner: str, **changes: Any) -> DecidedLot:
    values: dict[str, Any] = {
        "ocid": "ocds-coxswn-1",
        "title": "Home care",
        "lot": None,
        "currency": "EUR",
        "estimate": Decimal("1250000.00"),
        "method": "open",
        "pack": "model",
        "pack_version": "1.0.0",
        "criteria": criteria("30", "70"),
        "formula": "ratio_to_lowest",
        "parameters": {},
        "bids": tuple(bids),
        "received": len(bids),
        "winner": winner,
    }
    return DecidedLot(**{**values, **changes})


# Prices, quality and totals of the worked vector F1b, as they would have been published.
F1B = lot(
    (
        bid("A", "900000.00", "78", "84.6000"),
        bid("B", "1000000.00", "88", "88.6000"),
        bid("C", "1200000.00", "93", "87.6000"),
    ),
    "B",
)


def totals(found: ReplayedLot) -> dict[str, str]:
    return {place.id: str(place.total) for place in found.ranking}


def test_nothing_changes_when_the_pack_is_the_one_it_was_decided_under() -> None:
    found = replay_lot(F1B, Terms(MODEL, {}))
    assert (found.outcome, found.winner, found.assumptions) == ("unchanged", "B", ())
    assert totals(found) == {"A": "84.6000", "B": "88.6000", "C": "87.6000"}
    assert found.inquiries == found.inquiries_before == ()
    assert found.price_after == found.price_before == Decimal("1000000.00")


@pytest.mark.parametrize(
    ("weight", "winner", "expected"),
    [
        pytest.param(10, "C", {"A": "80.2000", "B": "88.2000", "C": "91.2000"}, id="F1a"),
        pytest.param(30, "B", {"A": "84.6000", "B": "88.6000", "C": "87.6000"}, id="F1b"),
        pytest.param(60, "A", {"A": "91.2000", "B": "89.2000", "C": "82.2000"}, id="F1c"),
    ],
)
def test_winner_is_the_published_one_when_the_price_weighs_more_or_less(
    weight: int, winner: str, expected: dict[str, str]
) -> None:
    found = replay_lot(F1B, terms(price_weight=weighs(weight)))
    assert (found.winner, totals(found)) == (winner, expected)
    assert found.price_weight == weight
    assert bool(found.assumptions) == (weight != 30)


def test_report_says_openly_that_weights_were_rescaled_when_the_pack_forces_it() -> None:
    found = replay_lot(F1B, terms(price_weight=weighs(60)))
    assert found.assumptions == (
        "The price weighs 60 of 100 points instead of 30 of 100; the quality criteria keep their proportions.",
    )


@pytest.mark.parametrize(
    ("formula", "parameters", "winner", "expected"),
    [
        pytest.param("linear_above_lowest", {}, "B", {"A": "84.6000", "B": "88.2667", "C": "85.1000"}, id="F2"),
        pytest.param("min_max", {}, "A", {"A": "84.6000", "B": "81.6000", "C": "65.1000"}, id="F3"),
        pytest.param("mean_deviation", {}, "B", {"A": "80.7290", "B": "90.6323", "C": "90.2613"}, id="F4"),
        pytest.param(
            # The ceiling is the estimate, 1.25 million; the floor 0.75 million is 0.6 of it.
            "absolute_reference",
            {"ceiling": "1", "floor": "0.6"},
            "B",
            {"A": "75.6000", "B": "76.6000", "C": "68.1000"},
            id="F5",
        ),
        pytest.param(
            # k is 25,000, which is 0.02 of the estimate.
            "quality_adjusted_price",
            {"k": "0.02", "reference_quality": "70"},
            "B",
            {"A": "700000.0000", "B": "550000.0000", "C": "625000.0000"},
            id="F6",
        ),
        pytest.param(
            "price_per_quality_point", {}, "B", {"A": "11538.4615", "B": "11363.6364", "C": "12903.2258"}, id="F7"
        ),
        pytest.param("quality_only", {}, "C", {"A": "78.0000", "B": "88.0000", "C": "93.0000"}, id="F9"),
        pytest.param("lowest_price", {}, "A", {"A": "900000.0000", "B": "1000000.0000", "C": "1200000.0000"}, id="F10"),
    ],
)
def test_winner_is_the_published_one_when_the_formula_is_another(
    formula: str, parameters: dict[str, str], winner: str, expected: dict[str, str]
) -> None:
    found = replay_lot(F1B, terms(parameters=parameters, price_formula=formula))
    assert (found.winner, totals(found)) == (winner, expected)


@pytest.mark.parametrize(
    ("minimum", "winner", "expected"),
    [
        pytest.param(None, "C", {"A": "82.4000", "B": "88.4000", "C": "89.4000"}, id="F8"),
        pytest.param("80", "C", {"B": "90.4000", "C": "91.0667"}, id="F8-with-a-minimum"),
    ],
)
def test_bid_below_the_technical_minimum_is_out_when_the_other_rules_ask_for_one(
    minimum: str | None, winner: str, expected: dict[str, str]
) -> None:
    parameters = {} if minimum is None else {"technical_minimum": minimum}
    found = replay_lot(F1B, terms(parameters=parameters, price_formula="qcbs", price_weight=weighs(20)))
    assert (found.winner, totals(found)) == (winner, expected)


def test_lot_is_unsuccessful_when_no_bid_reaches_the_technical_minimum() -> None:
    found = replay_lot(F1B, terms(parameters={"technical_minimum": "94"}, price_formula="qcbs"))
    assert (found.outcome, found.winner, found.price_after, found.ranking) == ("unsuccessful", None, None, ())


def test_lots_decide_when_the_other_rules_make_a_tie_and_the_lower_price_does_not_count() -> None:
    # k of 10,000, 0.008 of the estimate: A and B both come to 820,000.
    tied = {"k": "0.008", "reference_quality": "70"}
    by_price = replay_lot(F1B, terms(parameters=tied, price_formula="quality_adjusted_price"))
    assert (by_price.outcome, by_price.winner, by_price.candidates) == ("other-winner", "A", ("A",))
    technical = terms(parameters=tied, price_formula="quality_adjusted_price", tie_break=["technical-rank", "draw"])
    assert replay_lot(F1B, technical).outcome == "unchanged"
    drawn = replay_lot(F1B, terms(parameters=tied, price_formula="quality_adjusted_price", tie_break=["draw"]))
    assert (drawn.outcome, drawn.winner, drawn.candidates) == ("draw", None, ("A", "B"))


@pytest.mark.parametrize("winner", ["x", "y"])
def test_what_was_drawn_stays_drawn_when_the_same_bids_are_equal_again(winner: str) -> None:
    twins = lot((bid("x", "100.00", "50", "65.0000"), bid("y", "100.00", "50", "65.0000")), winner)
    assert replay_lot(twins, Terms(MODEL, {})).winner == winner
    assert replay_lot(twins, terms(price_weight=weighs(40))).outcome == "unchanged"
    with_a_third = replace(twins, bids=(*twins.bids, bid("z", "125.00", "54", "61.8000")))
    # Nothing but the quality counts: z, which nobody drew for.
    assert replay_lot(with_a_third, terms(price_formula="quality_only")).winner == "z"


def test_lot_is_unsuccessful_when_the_other_pack_asks_for_more_bids() -> None:
    two = lot((F1B.bids[0], replace(F1B.bids[1])), "B")
    found = replay_lot(two, terms("cn-services", price_weight=weighs(30)))
    assert (found.outcome, found.winner) == ("unsuccessful", None)
    failed = [gate.rule.rule for gate in found.gates if gate.verdict == "fail"]
    assert failed == ["gate.opening.minimum-bids", "gate.qualified.minimum-bids", "gate.responsive.minimum-bids"]
    assert replay_lot(F1B, terms("cn-services", price_weight=weighs(30))).outcome == "unchanged"


def test_gate_is_open_and_the_report_says_so_when_no_event_tells_how_many_bids_came() -> None:
    found = replay_lot(replace(F1B, received=None), Terms(MODEL, {}))
    assert found.outcome == "unchanged"
    assert found.gates[0].verdict == "unresolved"
    assert found.assumptions == ("It is not known whether gate.opening.minimum-bids is met; it is supposed to be.",)


def test_bid_above_the_value_does_not_count_when_only_the_other_pack_says_so() -> None:
    dear = replace(F1B, estimate=Decimal("1000000.00"))
    strict = replay_lot(dear, Terms(MODEL, {}))
    assert [place.id for place in strict.ranking] == ["B", "A"]
    assert strict.assumptions == ("A bid above the lot's value does not count.",)
    assert len(replay_lot(dear, terms(bid_within_estimate=False)).ranking) == 3


# The triggers' vector, with 1.2 million as the ceiling: half of 880,000 and 45 % of the ceiling are above 420,000.
LOW = lot(
    tuple(
        bid(name, price, "80", total)
        for name, price, total in (
            ("w", "1000000.00", "68.6000"),
            ("x", "950000.00", "69.2632"),
            ("y", "880000.00", "70.3182"),
            ("z", "420000.00", "86.0000"),
        )
    ),
    "z",
    estimate=Decimal("1200000.00"),
)


def test_inquiry_is_new_when_only_the_other_pack_has_the_triggers() -> None:
    found = replay_lot(replace(LOW, pack="uk-2023", pack_version="1.1.0"), Terms(CHINA, {}))
    assert found.inquiries_before == ()
    assert [(item.bid, item.rules) for item in found.inquiries] == [
        ("z", ("abnormally-low.second-lowest", "abnormally-low.ceiling"))
    ]
    # A trigger decides nothing.
    assert found.winner == "z"


def test_inquiry_is_gone_when_the_other_pack_draws_the_line_lower() -> None:
    lower = terms(abnormally_low__second_lowest="0.40", abnormally_low__ceiling="0.35")
    found = replay_lot(LOW, lower)
    assert found.inquiries == ()
    assert [item.bid for item in found.inquiries_before or ()] == ["z"]


# B's price counts for 900,000: F1 with a deduction of 10 %.
DEDUCTED = lot(
    (
        bid("A", "900000.00", "78", "84.6000"),
        bid("B", "1000000.00", "88", "91.6000", "0.10"),
        bid("C", "1200000.00", "93", "87.6000"),
    ),
    "B",
    pack="cn-services",
    pack_version="1.2.0",
)


def test_deduction_stays_when_the_pack_is_the_same() -> None:
    found = replay_lot(DEDUCTED, Terms(CHINA, {}))
    assert (found.outcome, found.assumptions) == ("unchanged", ())
    assert totals(found) == {"A": "84.6000", "B": "91.6000", "C": "87.6000"}
    assert found.price_after == Decimal("1000000.00")


def test_deduction_becomes_the_nearest_one_when_the_bounds_are_others() -> None:
    more = terms("cn-services", policy_deduction__small_micro={"min": 20, "max": 20})
    # 20 %: B counts for 800,000, which becomes the base.
    assert totals(replay_lot(DEDUCTED, more)) == {"A": "81.2667", "B": "91.6000", "C": "85.1000"}
    ten = terms("cn-services", policy_deduction__small_micro={"min": 20, "max": 20}, price_weight=weighs(10))
    assert totals(replay_lot(DEDUCTED, ten)) == {"A": "79.0889", "B": "89.2000", "C": "90.3667"}


def test_deduction_is_not_made_when_the_other_pack_knows_none() -> None:
    found = replay_lot(DEDUCTED, Terms(MODEL, {}))
    assert totals(found) == {"A": "84.6000", "B": "88.6000", "C": "87.6000"}
    assert len(found.assumptions) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"winner": "A"},
        {"winner": "nobody"},
        {"bids": (*F1B.bids[:2], replace(F1B.bids[2], total=Decimal("87.6001")))},
        {"bids": (*F1B.bids[:2], replace(F1B.bids[2], price=Decimal("1100000.00")))},
        {"criteria": criteria("40", "60")},
        {"formula": "min_max"},
    ],
)
def test_lot_is_refused_when_its_own_rules_do_not_lead_to_what_was_published(changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refusal:
        replay_lot(replace(F1B, **changes), Terms(MODEL, {}))
    assert refusal.value.code == "ranking-not-reproduced"


def test_lot_is_listed_with_its_reason_when_it_cannot_be_decided_again() -> None:
    unknown = replace(F1B, formula="astrology", ocid="ocds-coxswn-2")
    before = NotReplayed("ocds-coxswn-3", "Roads", None, "cancelled", "It was cancelled.")
    found = replay([F1B, unknown], (), Terms(MODEL, {}), [before])
    assert [lot.decided.ocid for lot in found.lots] == ["ocds-coxswn-1"]
    assert [(item.ocid, item.code) for item in found.not_replayed] == [
        ("ocds-coxswn-3", "cancelled"),
        ("ocds-coxswn-2", "price-formula-unknown"),
    ]


def test_lot_of_price_alone_is_refused_when_the_other_pack_wants_quality() -> None:
    cheapest = DecidedBid("a", "A", Decimal(90), {}, Decimal(0), Decimal("100.0000"))
    alone = lot((cheapest,), "a", criteria=(Criterion("price", "Price", Decimal(100), "price"),))
    with pytest.raises(Invalid) as refusal:
        replay_lot(alone, Terms(MODEL, {}))
    assert refusal.value.code == "quality-missing"
    assert replay_lot(alone, terms("eu-light")).winner == "a"


def test_quality_is_none_when_the_price_alone_decided_and_nobody_scored() -> None:
    unscored = DecidedBid("a", "A", Decimal(90), {}, Decimal(0), Decimal("100.0000"))
    assert quality_of(lot((unscored,), "a", criteria=criteria("30", "70")), unscored) == 0


@pytest.mark.parametrize(("count", "minimum", "outcome"), [(1, 1, "went-on"), (1, 2, "unchanged"), (2, 2, "went-on")])
def test_end_is_told_when_a_gate_had_ended_the_lot(count: int, minimum: int, outcome: str) -> None:
    ended = EndedLot(
        ocid="ocds-coxswn-4",
        title="Roads",
        lot=None,
        method="open",
        gate="gate.opening.minimum-bids",
        stage="opening",
        count=count,
    )
    (end,) = replay((), [ended], terms(gate__opening__minimum_bids=minimum)).ended
    assert end.outcome == outcome


def test_report_adds_up_by_currency_when_winners_change_and_lots_end() -> None:
    in_pounds = replace(F1B, currency="GBP", ocid="ocds-coxswn-5")
    two = replace(F1B, ocid="ocds-coxswn-6", received=1)
    document = report(replay([F1B, two, in_pounds], (), terms(price_weight=weighs(10))))
    assert document["totals"] == [
        {
            "currency": "EUR",
            "lots": 2,
            "awarded_before": "2000000.00",
            "awarded_after": "1200000.00",
            "no_longer_awarded": "1000000.00",
            "difference": "200000.00",
            "difference_percent": "20.00",
        },
        {
            "currency": "GBP",
            "lots": 1,
            "awarded_before": "1000000.00",
            "awarded_after": "1200000.00",
            "no_longer_awarded": "0.00",
            "difference": "200000.00",
            "difference_percent": "20.00",
        },
    ]
    counts = document["counts"]
    assert (counts["replayed"], counts["other_winner"], counts["unsuccessful"]) == (3, 2, 1)
    changed = document["lots"][0]
    assert (changed["before"]["bidder"], changed["after"]["bidder"]) == ("B Ltd", "C Ltd")
    assert (changed["before"]["quality"], changed["after"]["quality"]) == ("88.0000", "93.0000")
    assert (changed["price_difference"], changed["price_difference_percent"]) == ("200000.00", "20.00")


AMOUNTS = st.integers(1, 10**9).map(lambda minor: Decimal(minor).scaleb(-2))
SCORES = st.integers(0, 1_000_000).map(lambda score: Decimal(score).scaleb(-4))


@st.composite
def procedures(draw: st.DrawFn) -> DecidedLot:
    """Make up a lot as the model pack would have decided it: two to five bids, one to three quality criteria."""
    weight = draw(st.integers(100, 600).map(lambda tenths: Decimal(tenths).scaleb(-1)))
    parts = draw(st.lists(st.integers(1, 50), min_size=1, max_size=3))
    rest = [((100 - weight) * part / sum(parts)).quantize(Decimal("0.01")) for part in parts]
    rest[0] += 100 - weight - sum(rest)
    wanted = (
        Criterion("price", "Price", weight, "price"),
        *(Criterion(f"q{number}", "Quality", part, "quality") for number, part in enumerate(rest)),
    )
    scored = [
        ScoredBid(f"b{number}", draw(AMOUNTS), {item.id: draw(SCORES) for item in wanted[1:]})
        for number in range(draw(st.integers(2, 5)))
    ]
    ranking = rank(wanted, scored, PRICE_FORMULAS["ratio_to_lowest"])
    by_id = {item.id: item for item in scored}
    bids = tuple(
        DecidedBid(place.id, place.id, by_id[place.id].price, by_id[place.id].quality, Decimal(0), place.total)
        for place in ranking.bids
    )
    return lot(bids, ranking.bids[0].id, criteria=wanted, estimate=Decimal(10**7))


@given(procedures())
def test_nothing_changes_when_any_procedure_is_replayed_under_its_own_pack(decided: DecidedLot) -> None:
    found = replay_lot(decided, Terms(MODEL, {}))
    assert (found.outcome, found.winner, found.assumptions) == ("unchanged", decided.winner, ())
    assert {place.id: place.total for place in found.ranking} == {item.id: item.total for item in decided.bids}
    assert found.inquiries == found.inquiries_before


@given(procedures(), st.integers(10, 60))
def test_totals_are_the_formulas_when_the_price_weighs_anything_else(decided: DecidedLot, weight: int) -> None:
    found = replay_lot(decided, terms(price_weight=weighs(weight)))
    quality = [item for item in decided.criteria if item.kind == "quality"]
    whole = sum(Fraction(item.weight) for item in quality)
    lowest = min(Fraction(item.price) for item in decided.bids)

    def total(item: DecidedBid) -> Fraction:
        points = sum(Fraction(of.weight) * Fraction(item.scores[of.id]) for of in quality)
        return weight * lowest / Fraction(item.price) + points / whole * (100 - weight) / 100

    best = max((total(item), -item.price) for item in decided.bids)
    winners = {item.id for item in decided.bids if (total(item), -item.price) == best}
    assert set(found.candidates) == winners
    for place in found.ranking:
        exact = total(next(item for item in decided.bids if item.id == place.id))
        tenthousandths = Decimal((exact * 10_000 + Fraction(1, 2)).__floor__())
        assert place.total == tenthousandths.scaleb(-4).quantize(Decimal("0.0001"), ROUND_HALF_UP)


@given(st.lists(procedures(), max_size=4), st.integers(10, 60))
def test_every_lot_is_told_once_when_many_are_replayed(decided: list[DecidedLot], weight: int) -> None:
    named = [replace(item, ocid=f"ocds-coxswn-{number}") for number, item in enumerate(decided)]
    broken = [replace(item, winner="nobody", ocid=f"{item.ocid}-broken") for item in named]
    document = report(replay([*named, *broken], (), terms(price_weight=weighs(weight))))
    assert [item["ocid"] for item in document["lots"]] == [item.ocid for item in named]
    assert [item["ocid"] for item in document["not_replayed"]] == [item.ocid for item in broken]
    for total in document["totals"]:
        before, after = (
            sum(Decimal(lot[when]["price"]) for lot in document["lots"] if lot["after"]) for when in ("before", "after")
        )
        assert Decimal(total["difference"]) == after - before
