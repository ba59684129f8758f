"""A pack whose checks and conditions make no sense is refused with the place."""

import json
from typing import Any

import pytest

from shared.kernel.errors import Invalid
from shared.rules.loader import read_document
from shared.rules.pack import pack_document, read_pack

GATE = "gate.opening.minimum-bids"


@pytest.mark.parametrize(
    ("rule_id", "check"),
    [
        pytest.param(GATE, {"fact": "bids.opened", "comparison": "at-least"}, id="no-such-fact"),
        pytest.param(GATE, {"fact": "procedure.method", "comparison": "at-least"}, id="word-as-a-number"),
        pytest.param(GATE, {"fact": "bids.received", "comparison": "above"}, id="stricter-than-the-rule"),
        pytest.param(GATE, {"fact": "bids.received", "comparison": "within"}, id="number-as-bounds"),
        pytest.param(GATE, {"fact": "bids.received", "comparison": "one-of"}, id="number-as-words"),
        pytest.param(
            GATE, {"fact": "bids.received", "comparison": "at-least", "of": "procedure.method"}, id="share-of-a-word"
        ),
        pytest.param(GATE, {"fact": "bids.received", "comparison": "at-least", "since": "award.notified"}, id="since"),
        pytest.param("bidder-verified", {"fact": "bids.received", "comparison": "holds"}, id="number-that-holds"),
        pytest.param("bid-within-estimate", {"fact": "bid.price", "comparison": "at-most"}, id="switch-without-of"),
        pytest.param(
            "bidder-verified",
            {"fact": "bidder.verified", "comparison": "holds", "of": "bid.price"},
            id="share-of-a-flag",
        ),
        pytest.param("standstill", {"fact": "contract.signed", "comparison": "after"}, id="period-since-nothing"),
        pytest.param(
            "standstill",
            {"fact": "contract.signed", "comparison": "after", "since": "bid.price"},
            id="period-since-a-price",
        ),
        pytest.param("tie-break", {"fact": "bids.received", "comparison": "one-of"}, id="number-among-words"),
        pytest.param("price-formula", {"fact": "procedure.method", "comparison": "one-of"}, id="text-as-words"),
        pytest.param(
            "incompatible.bidder", {"fact": "procedure.method", "comparison": "never-together"}, id="roles-of-a-word"
        ),
    ],
)
def test_pack_is_refused_when_a_check_compares_what_cannot_be_compared(rule_id: str, check: dict[str, str]) -> None:
    document = pack_document("model")
    document["rules"][rule_id]["check"] = check
    with pytest.raises(Invalid) as refusal:
        read_pack(document)
    assert (refusal.value.code, refusal.value.pointer) == ("pack-invalid", f"/rules/{rule_id}/check")


@pytest.mark.parametrize(
    ("when", "pointer"),
    [
        pytest.param({"fact": "bids.opened", "comparison": "holds"}, "", id="no-such-fact"),
        pytest.param({"fact": "bids.received", "comparison": "holds"}, "", id="number-that-holds"),
        pytest.param({"fact": "bids.received", "comparison": "at-least"}, "", id="nothing-to-compare-with"),
        pytest.param({"fact": "bids.received", "comparison": "above", "bound": ["open"]}, "", id="words-as-a-number"),
        pytest.param({"fact": "procedure.method", "comparison": "one-of", "bound": 1}, "", id="number-as-words"),
        pytest.param(
            {
                "all": [
                    {"fact": "procedure.complex", "comparison": "holds"},
                    {"any": [{"fact": "procedure.method", "comparison": "holds"}]},
                ]
            },
            "/all/1/any/0",
            id="nested",
        ),
    ],
)
def test_pack_is_refused_when_a_condition_compares_what_cannot_be_compared(when: dict[str, Any], pointer: str) -> None:
    document = pack_document("model")
    document["rules"][GATE]["when"] = when
    with pytest.raises(Invalid) as refusal:
        read_pack(document)
    assert (refusal.value.code, refusal.value.pointer) == ("pack-invalid", f"/rules/{GATE}/when{pointer}")


@pytest.mark.parametrize(
    ("path", "value", "pointer"),
    [
        pytest.param("effective/from", "2026-13-01", "/effective/from", id="no-such-month"),
        pytest.param("currency", "euro", "/currency", id="currency"),
        pytest.param("based_on", {"id": "model"}, "/based_on", id="base-without-version"),
        pytest.param("earlier_versions", [], "/earlier_versions", id="no-earlier-version"),
        pytest.param("without/standstill/mark", "certain", "/without/standstill/mark", id="mark-of-an-absence"),
        pytest.param("rules/retention/value", "fifteen", "/rules/retention/value", id="number-as-words"),
        pytest.param("rules/retention/unit", 1, "/rules/retention/unit", id="unit"),
        pytest.param("rules/exclusion.ban/value", {"min": 1}, "/rules/exclusion.ban/value", id="bounds-without-an-end"),
        pytest.param(
            "rules/exclusion.ban/value", {"min": 3, "max": 1}, "/rules/exclusion.ban/value", id="bounds-turned"
        ),
        pytest.param(
            "rules/clarification/counting/roll", "next-working-day", "/rules/clarification/counting", id="rolls"
        ),
        pytest.param("rules/method.permitted", ["open"], "/rules/method.permitted", id="one-edition-in-a-list"),
        pytest.param("rules/Retention", {}, "/rules", id="rule-id"),
    ],
)
def test_pack_of_a_jurisdiction_is_refused_with_the_place_when_it_is_bad(path: str, value: Any, pointer: str) -> None:
    document: Any = pack_document("cn-services")
    inner = document
    *parents, last = path.split("/")
    for key in parents:
        inner = inner[key]
    inner[last] = value
    with pytest.raises(Invalid) as refusal:
        read_pack(read_document("cn-services", json.dumps(document)))
    assert (refusal.value.code, refusal.value.pointer) == ("pack-invalid", pointer)
    assert refusal.value.detail.startswith("packs/cn-services.yaml at ")
