"""Triggers of abnormally low bids, at, below and above their bounds."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import Invalid
from shared.rules.abnormally_low import PricedBid, Trigger, find_triggers
from shared.rules.pack import RulePack, pack_document, read_pack

PREFIX = "abnormally-low."
# The worked vectors: half of the mean, half of the second lowest, 45 % of the ceiling; a bid counts in its own mean.
SHARES = {"mean": "0.50", "second-lowest": "0.50", "ceiling": "0.45"}


def pack_with(
    changed: Mapping[str, dict[str, Any] | None] | None = None, *, includes_self: bool = True, judgement: bool = True
) -> RulePack:
    """Make a pack with the triggers of the vectors, changed by name or left out by None."""
    document = pack_document("model")
    rules = {rule_id: rule for rule_id, rule in document["rules"].items() if not rule_id.startswith(PREFIX)}
    said = {"source": "Notice 2 of 2026", "mark": "second-hand", "title": "A trigger of the vectors"}
    triggers: dict[str, dict[str, Any]] = {
        name: {**said, "value": value, "unit": "share", "inequality": "strict"} for name, value in SHARES.items()
    }
    triggers["mean-includes-self"] = {**said, "value": includes_self}
    triggers["judgement"] = {**said, "value": judgement}
    for name, change in (changed or {}).items():
        if change is None:
            del triggers[name]
        else:
            triggers[name].update(change)
    document["rules"] = {**rules, **{PREFIX + name: rule for name, rule in triggers.items()}}
    return read_pack(document)


def bids(*prices: str) -> list[PricedBid]:
    return [PricedBid(f"bid-{place}", Decimal(price)) for place, price in enumerate(prices, 1)]


def fired(triggers: tuple[Trigger, ...]) -> dict[str, list[str]]:
    return {
        trigger.rule.id.removeprefix(PREFIX): [found.bid.id for found in trigger.comparisons if found.fired]
        for trigger in triggers
        if trigger.state == "compared"
    }


def bounds(triggers: tuple[Trigger, ...]) -> dict[str, set[Fraction]]:
    return {
        trigger.rule.id.removeprefix(PREFIX): {found.bound for found in trigger.comparisons}
        for trigger in triggers
        if trigger.state == "compared"
    }


def test_triggers_fire_at_the_published_bounds_when_one_of_four_bids_is_far_below() -> None:
    triggers = find_triggers(pack_with(), bids("1000000", "950000", "880000", "420000"), Decimal(1200000))
    assert bounds(triggers) == {"mean": {406_250}, "second-lowest": {440_000}, "ceiling": {540_000}}
    assert fired(triggers) == {"mean": [], "second-lowest": ["bid-4"], "ceiling": ["bid-4"]}


def test_trigger_does_not_fire_when_a_bid_is_just_at_the_bound() -> None:
    triggers = find_triggers(pack_with({"ceiling": None}), bids("600000", "500000", "250000"), None)
    assert bounds(triggers) == {"mean": {225_000}, "second-lowest": {250_000}}
    assert fired(triggers) == {"mean": [], "second-lowest": []}


def test_trigger_fires_when_a_bid_is_a_cent_below_the_bound() -> None:
    triggers = find_triggers(pack_with({"ceiling": None}), bids("600000", "500000", "249999.99"), None)
    assert fired(triggers) == {"mean": [], "second-lowest": ["bid-3"]}


def test_trigger_fires_at_the_bound_when_the_pack_has_it_inclusive() -> None:
    inclusive = pack_with({"second-lowest": {"inequality": "inclusive"}})
    assert fired(find_triggers(inclusive, bids("600000", "500000", "250000"), None))["second-lowest"] == ["bid-3"]


def test_mean_is_that_of_the_others_when_the_pack_leaves_a_bids_own_price_out() -> None:
    # Half of (1,000,000 + 950,000 + 880,000) / 3 is 471,666.67 for the fourth; with its own price it was 406,250.
    triggers = find_triggers(pack_with(includes_self=False), bids("1000000", "950000", "880000", "420000"), None)
    (mean,) = (trigger for trigger in triggers if trigger.rule.id == "abnormally-low.mean")
    assert mean.comparisons[3].bound == Fraction(1_415_000, 3)
    assert fired(triggers)["mean"] == ["bid-4"]


def test_trigger_is_unresolved_when_the_ceiling_is_not_known() -> None:
    triggers = find_triggers(pack_with(), bids("100", "10"), None)
    (ceiling,) = (trigger for trigger in triggers if trigger.rule.id == "abnormally-low.ceiling")
    assert (ceiling.state, ceiling.missing, ceiling.comparisons) == ("unresolved", ("ceiling",), ())


@pytest.mark.parametrize(
    ("includes_self", "states"),
    [
        (True, {"mean": "compared", "second-lowest": "not-applicable", "ceiling": "compared", "judgement": "judged"}),
        (
            False,
            {"mean": "not-applicable", "second-lowest": "not-applicable", "ceiling": "compared", "judgement": "judged"},
        ),
    ],
)
def test_trigger_is_not_applicable_when_there_is_no_other_bid(includes_self: bool, states: dict[str, str]) -> None:
    triggers = find_triggers(pack_with(includes_self=includes_self), bids("44"), Decimal(100))
    assert {trigger.rule.id.removeprefix(PREFIX): trigger.state for trigger in triggers} == states
    assert fired(triggers)["ceiling"] == ["bid-1"]


def test_two_lowest_bids_do_not_fire_when_they_are_equal() -> None:
    assert fired(find_triggers(pack_with({"ceiling": None, "mean": None}), bids("10", "10", "1000"), None)) == {
        "second-lowest": []
    }


def test_nothing_is_compared_when_the_pack_has_no_such_trigger() -> None:
    none = dict.fromkeys(SHARES)
    assert [trigger.state for trigger in find_triggers(pack_with(none), bids("100", "1"), None)] == ["judged"]
    assert find_triggers(pack_with(none, judgement=False), bids("100", "1"), None) == ()


@pytest.mark.parametrize(
    ("given_bids", "ceiling", "code", "pointer"),
    [
        ([], None, "bids-missing", "/bids"),
        ([*bids("1"), *bids("2")], None, "bid-repeated", "/bids/1/id"),
        (bids("1", "0"), None, "price-not-positive", "/bids/1/price"),
        (bids("1", "NaN"), None, "price-not-positive", "/bids/1/price"),
        (bids("1"), Decimal(0), "ceiling-not-positive", "/ceiling"),
        (bids("1"), Decimal("Infinity"), "ceiling-not-positive", "/ceiling"),
    ],
)
def test_bids_are_refused_when_they_cannot_be_compared(
    given_bids: list[PricedBid], ceiling: Decimal | None, code: str, pointer: str
) -> None:
    with pytest.raises(Invalid) as refused:
        find_triggers(pack_with(), given_bids, ceiling)
    assert (refused.value.code, refused.value.pointer) == (code, pointer)


PRICES = st.lists(st.integers(1, 10**9).map(lambda cents: Decimal(cents).scaleb(-2)), min_size=1, max_size=8)
PACK = pack_with()


@given(PRICES, st.randoms(use_true_random=False))
def test_same_bids_trigger_when_they_come_in_another_order(prices: list[Decimal], shuffler: Any) -> None:
    given_bids = bids(*map(str, prices))
    expected = {name: set(ids) for name, ids in fired(find_triggers(PACK, given_bids, Decimal(10**6))).items()}
    shuffler.shuffle(given_bids)
    found = {name: set(ids) for name, ids in fired(find_triggers(PACK, given_bids, Decimal(10**6))).items()}
    assert found == expected


@given(PRICES)
def test_cheaper_bid_triggers_too_when_a_dearer_one_does(prices: list[Decimal]) -> None:
    for trigger in find_triggers(PACK, bids(*map(str, prices)), Decimal(10**6)):
        hit = [found.bid.price for found in trigger.comparisons if found.fired]
        assert all(found.fired for found in trigger.comparisons if hit and found.bid.price <= max(hit))


@given(PRICES)
def test_only_the_lowest_triggers_when_it_is_compared_with_the_second_lowest(prices: list[Decimal]) -> None:
    lowest = f"bid-{prices.index(min(prices)) + 1}"
    found = fired(find_triggers(PACK, bids(*map(str, prices)), None)).get("second-lowest", [])
    assert found in ([], [lowest])
