"""Abnormally low bids asked for in plain JSON."""

from typing import Any

import pytest

from shared.kernel.errors import Invalid
from shared.rules.pack import load_pack
from shared.rules.questions.abnormally_low import NO_DECISION, answer

BIDS = [
    {"id": "A", "price": "1000000.00"},
    {"id": "B", "price": "950000.00"},
    {"id": "C", "price": "880000.00"},
    {"id": "D", "price": "420000.00"},
]
PACK = "cn-services"


def question(**changed: Any) -> dict[str, Any]:
    return {"pack": PACK, "on": "2026-03-02", "ceiling": "1200000.00", "bids": [dict(bid) for bid in BIDS], **changed}


def test_triggers_are_told_with_bound_and_source_when_they_fire() -> None:
    answered = answer(question())
    pack = load_pack(PACK, "1.1.0")
    assert (answered["pack"], answered["version"], answered["inquiry"]) == (PACK, "1.1.0", ["D"])
    # Half of the second lowest, 880,000, and 45 % of the ceiling, 1,200,000; half of the mean would be 406,250.
    assert [(found["bid"], found["rule"], found["price"], found["bound"]) for found in answered["fired"]] == [
        ("D", "abnormally-low.second-lowest", "420000.0000", "440000.0000"),
        ("D", "abnormally-low.ceiling", "420000.0000", "540000.0000"),
    ]
    for found in answered["fired"]:
        rule = pack.rule(found["rule"])
        assert (found["source"], found["mark"], found["verified"]) == (rule.source, rule.mark, rule.verified)
    assert answered["warnings"] == [NO_DECISION]


def test_every_comparison_is_derived_when_bids_are_looked_at() -> None:
    steps = answer(question())["derivation"]
    assert len(steps) == 12
    assert steps[3] == {
        "step": "comparison",
        "rule": "abnormally-low.mean",
        "bid": "D",
        "price": "420000.00",
        "reference": "812500.00",
        "share": "0.50",
        "bound": "406250.00",
        "fired": "false",
    }


def test_states_of_all_triggers_are_told_when_the_ceiling_is_not_known() -> None:
    asked = question()
    del asked["ceiling"]
    told = {trigger["rule"]: trigger for trigger in answer(asked)["triggers"]}
    assert {rule: (trigger["state"], trigger["missing"]) for rule, trigger in told.items()} == {
        "abnormally-low.mean": ("compared", []),
        "abnormally-low.second-lowest": ("compared", []),
        "abnormally-low.ceiling": ("unresolved", ["ceiling"]),
        "abnormally-low.judgement": ("judged", []),
    }
    assert (told["abnormally-low.mean"]["share"], told["abnormally-low.judgement"]["share"]) == ("0.50", None)


@pytest.mark.parametrize(
    ("pack", "on"), [("cn-services", "2026-01-31"), ("eu-light", "2026-03-02"), ("uk-2023", "2026-03-02")]
)
def test_only_the_panel_can_tell_when_the_law_has_no_figure(pack: str, on: str) -> None:
    answered = answer(question(pack=pack, on=on))
    assert [(trigger["rule"], trigger["state"]) for trigger in answered["triggers"]] == [
        ("abnormally-low.judgement", "judged")
    ]
    assert (answered["fired"], answered["inquiry"]) == ([], [])


@pytest.mark.parametrize(("price", "asked"), [("250000.00", []), ("249999.99", ["C"])])
def test_bidder_is_asked_when_its_price_is_below_the_bound_and_not_at_it(price: str, asked: list[str]) -> None:
    prices = {"A": "600000.00", "B": "500000.00", "C": price}
    bids = [{"id": name, "price": given} for name, given in prices.items()]
    assert answer({"pack": PACK, "bids": bids})["inquiry"] == asked


@pytest.mark.parametrize(
    ("changed", "code", "pointer"),
    [
        ({"pack": "atlantis"}, "pack-unknown", "/pack"),
        ({"pack": 1}, "pack-unknown", "/pack"),
        ({"on": "2026-02-30"}, "day-malformed", "/on"),
        ({"on": "1999-01-01"}, "pack-not-in-force", "/on"),
        ({"ceiling": 1200000}, "number-not-text", "/ceiling"),
        ({"ceiling": "0"}, "ceiling-not-positive", "/ceiling"),
        ({"formula": "qcbs"}, "unknown-field", "/formula"),
        ({"bids": []}, "bids-missing", "/bids"),
        ({"bids": None}, "value-invalid", "/bids"),
        ({"bids": [{"id": "A"}]}, "field-missing", "/bids/0/price"),
        ({"bids": [{"id": "A", "price": 4.2}]}, "number-not-text", "/bids/0/price"),
        ({"bids": [{"id": "A", "price": "0"}]}, "price-not-positive", "/bids/0/price"),
        ({"bids": [*BIDS, BIDS[0]]}, "bid-repeated", "/bids/4/id"),
    ],
)
def test_question_is_refused_with_a_pointer_when_it_makes_no_sense(
    changed: dict[str, Any], code: str, pointer: str
) -> None:
    with pytest.raises(Invalid) as refused:
        answer(question(**changed))
    assert (refused.value.code, refused.value.pointer) == (code, pointer)
