"""Conditions on facts, and what follows where a fact is missing."""

from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.rules.condition import COMPARISONS, Condition, Conditions, Held, evaluate, holding_both, read_condition

COMPLEX = Condition("procedure.complex", "holds")
URGENT = Condition("procedure.urgent", "holds")


def flags(complex_: bool | None, urgent: bool | None) -> dict[str, bool]:
    known = {"procedure.complex": complex_, "procedure.urgent": urgent}
    return {path: value for path, value in known.items() if value is not None}


@pytest.mark.parametrize(("complex_", "urgent"), list(product([True, False, None], repeat=2)))
def test_joined_conditions_follow_three_valued_logic_when_facts_are_missing(
    complex_: bool | None, urgent: bool | None
) -> None:
    both, either = (evaluate(Conditions(how, (COMPLEX, URGENT)), flags(complex_, urgent)) for how in ("all", "any"))
    values = (complex_, urgent)
    assert both.holds is (False if False in values else None if None in values else True)
    assert either.holds is (True if True in values else None if None in values else False)
    missing = tuple(
        path for path, value in zip(("procedure.complex", "procedure.urgent"), values, strict=True) if value is None
    )
    assert both.missing == (missing if both.holds is None else ())
    assert either.missing == (missing if either.holds is None else ())


def test_missing_fact_is_named_once_when_two_conditions_need_it() -> None:
    twice = Conditions("all", (COMPLEX, COMPLEX, URGENT))
    assert evaluate(twice, {}) == Held(None, ("procedure.complex", "procedure.urgent"))


@pytest.mark.parametrize(
    ("comparison", "bound", "holding", "failing"),
    [
        ("at-least", 10, "10", "9.999999"),
        ("at-most", 10, "10", "10.000001"),
        ("above", 10, "10.000001", "10"),
        ("below", 10, "9.999999", "10"),
        ("equals", 10, "10.000000", "10.000001"),
        ("at-least", "2/3", "0.666667", "0.666666"),
    ],
)
def test_number_is_held_exactly_to_its_bound_when_compared(
    comparison: str, bound: Any, holding: str, failing: str
) -> None:
    condition = Condition("criteria.price_weight", comparison, bound)
    held = [evaluate(condition, {"criteria.price_weight": Fraction(found)}).holds for found in (holding, failing)]
    assert held == [True, False]


def test_bound_is_a_share_of_another_fact_when_the_condition_names_one() -> None:
    tenth = Condition("contract.changes_total", "at-most", "0.10", of="contract.original_value")
    facts = {"contract.original_value": Fraction(1_050_000), "contract.changes_total": Fraction(105_000)}
    assert evaluate(tenth, facts).holds is True
    assert evaluate(tenth, facts | {"contract.changes_total": Fraction(105_001)}).holds is False
    assert evaluate(tenth, {"contract.changes_total": Fraction(1)}).missing == ("contract.original_value",)


def test_bound_is_all_of_another_fact_when_the_condition_names_no_share() -> None:
    whole = Condition("procedure.estimate", "at-least", of="procedure.open_tender_threshold")
    facts = {"procedure.estimate": Fraction(2), "procedure.open_tender_threshold": Fraction(2)}
    assert evaluate(whole, facts).holds is True


@pytest.mark.parametrize(
    ("comparison", "found", "holds"),
    [
        ("one-of", "open", True),
        ("one-of", "invited", False),
        ("none-of", "open", False),
        ("none-of", "invited", True),
        ("one-of", ("open", "restricted"), True),
        ("one-of", ("open", "invited"), False),
        ("none-of", ("invited", "open"), False),
        ("none-of", (), True),
    ],
)
def test_words_are_looked_up_in_a_list_when_compared(comparison: str, found: Any, holds: bool) -> None:
    assert COMPARISONS[comparison].holds(found, ("open", "restricted")) is holds


@pytest.mark.parametrize(("members", "holds"), [(1, True), (2, False), (5, True), (0, False)])
def test_number_is_odd_when_it_leaves_one(members: int, holds: bool) -> None:
    assert COMPARISONS["odd"].holds(Fraction(members), True) is holds


def test_parties_are_named_when_they_hold_roles_that_exclude_each_other() -> None:
    pair = {"role": "bidder", "never_with": ["committee-member", "purchaser-staff"]}
    roles = {"B": ("bidder", "tester"), "C": ("purchaser-staff", "bidder"), "A": ("committee-member", "bidder")}
    assert holding_both(roles, pair) == ("A", "C")
    assert holding_both({"D": ("committee-member", "purchaser-staff")}, pair) == ()


def test_condition_is_read_with_all_its_parts_when_it_is_nested() -> None:
    document = {
        "all": [
            {"fact": "procedure.method", "comparison": "one-of", "bound": ["open"]},
            {"any": [{"fact": "procedure.complex", "comparison": "holds"}]},
        ]
    }
    expected = Conditions("all", (Condition("procedure.method", "one-of", ("open",)), Conditions("any", (COMPLEX,))))
    assert read_condition(document) == expected


@given(st.fractions(), st.fractions())
def test_strict_and_inclusive_comparisons_complete_each_other_when_numbers_are_compared(
    found: Fraction, bound: Fraction
) -> None:
    assert COMPARISONS["at-least"].holds(found, bound) is not COMPARISONS["below"].holds(found, bound)
    assert COMPARISONS["at-most"].holds(found, bound) is not COMPARISONS["above"].holds(found, bound)
