"""Facts are read by name and type, and refused by their place."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from shared.kernel.errors import Invalid
from shared.rules.facts import MOST_ENTRIES, known_facts, read_facts


def test_facts_have_their_types_when_read() -> None:
    facts = read_facts(
        {
            "bids": {"received": 3, "qualified": None},
            "bid": {"price": "950000.50", "small_micro_share": 30, "collusion_signs": ["bonds-from-same-account"]},
            "procedure": {"method": "open", "complex": False, "published": "2026-03-02"},
            "conflict": {"years_since_tie": "3.5"},
            "roles": {"Ms Weber": ["bidder", "committee-member"]},
        }
    )
    assert facts == {
        "bids.received": Fraction(3),
        "bid.price": Fraction(1_900_001, 2),
        "bid.small_micro_share": Fraction(30),
        "bid.collusion_signs": ("bonds-from-same-account",),
        "procedure.method": "open",
        "procedure.complex": False,
        "procedure.published": date(2026, 3, 2),
        "conflict.years_since_tie": Fraction(7, 2),
        "roles": {"Ms Weber": ("bidder", "committee-member")},
    }


def test_nothing_is_known_when_nothing_is_said() -> None:
    assert read_facts({}) == {}
    assert read_facts({"bids": {}, "roles": None}) == {}


@pytest.mark.parametrize(
    ("facts", "code", "pointer"),
    [
        pytest.param([], "facts-not-an-object", "", id="list"),
        pytest.param({"bids": 3}, "facts-not-an-object", "/bids", id="number-for-a-group"),
        pytest.param({"bids": None}, "facts-not-an-object", "/bids", id="null-for-a-group"),
        pytest.param({"bids": {"recieved": 3}}, "fact-unknown", "/bids/recieved", id="misspelt"),
        pytest.param({"bids.received": 3}, "fact-unknown", "/bids.received", id="path-as-a-member"),
        pytest.param({"a/b~c": 1}, "fact-unknown", "/a~1b~0c", id="escaped"),
        pytest.param({"bids": {"received": -1}}, "fact-of-another-type", "/bids/received", id="negative-count"),
        pytest.param({"bids": {"received": True}}, "fact-of-another-type", "/bids/received", id="flag-for-a-count"),
        pytest.param({"bids": {"received": 3.0}}, "fact-of-another-type", "/bids/received", id="float"),
        pytest.param({"bids": {"received": "3"}}, "fact-of-another-type", "/bids/received", id="text-for-a-count"),
        pytest.param({"bids": {"received": 10**15}}, "fact-of-another-type", "/bids/received", id="too-many"),
        pytest.param({"bid": {"price": 950000}}, "fact-of-another-type", "/bid/price", id="number-for-an-amount"),
        pytest.param({"bid": {"price": "1e6"}}, "fact-of-another-type", "/bid/price", id="exponent"),
        pytest.param({"bid": {"price": "\u0661"}}, "fact-of-another-type", "/bid/price", id="other-digits"),
        pytest.param({"bid": {"price": "1" * 16}}, "fact-of-another-type", "/bid/price", id="too-long"),
        pytest.param(
            {"conflict": {"years_since_tie": 0.5}},
            "fact-of-another-type",
            "/conflict/years_since_tie",
            id="float-number",
        ),
        pytest.param({"procedure": {"complex": 1}}, "fact-of-another-type", "/procedure/complex", id="one-for-true"),
        pytest.param(
            {"procedure": {"published": "2026-02-30"}}, "fact-of-another-type", "/procedure/published", id="no-such-day"
        ),
        pytest.param({"procedure": {"method": "Open"}}, "fact-of-another-type", "/procedure/method", id="capital"),
        pytest.param({"procedure": {"method": "a" * 101}}, "fact-of-another-type", "/procedure/method", id="long-word"),
        pytest.param(
            {"bid": {"collusion_signs": "one"}}, "fact-of-another-type", "/bid/collusion_signs", id="word-for-words"
        ),
        pytest.param(
            {"bid": {"collusion_signs": [1]}}, "fact-of-another-type", "/bid/collusion_signs", id="number-among-words"
        ),
        pytest.param(
            {"bid": {"collusion_signs": ["one"] * (MOST_ENTRIES + 1)}},
            "fact-of-another-type",
            "/bid/collusion_signs",
            id="too-many-words",
        ),
        pytest.param({"roles": {"": ["bidder"]}}, "fact-of-another-type", "/roles", id="party-without-name"),
        pytest.param({"roles": {"Ms Weber": "bidder"}}, "fact-of-another-type", "/roles", id="role-for-roles"),
        pytest.param({"roles": ["bidder"]}, "fact-of-another-type", "/roles", id="roles-of-nobody"),
    ],
)
def test_fact_is_refused_with_its_place_when_it_makes_no_sense(facts: Any, code: str, pointer: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_facts(facts)
    assert (refusal.value.code, refusal.value.pointer) == (code, pointer)


def test_known_members_are_named_when_a_fact_is_unknown() -> None:
    with pytest.raises(Invalid) as refusal:
        read_facts({"bids": {"recieved": 3}})
    assert refusal.value.satisfied_by == "One of: qualified, received, responsive."


def test_every_fact_has_a_title_and_is_no_group_of_others_when_listed() -> None:
    facts = known_facts()
    assert all(len(fact.title) > 3 for fact in facts.values())
    assert not any(other.startswith(f"{path}.") for path in facts for other in facts)
