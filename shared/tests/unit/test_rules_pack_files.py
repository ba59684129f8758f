"""A bad pack is refused with its file and the place in it."""

import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from shared.kernel.errors import Invalid
from shared.rules.loader import read_document
from shared.rules.pack import pack_document, read_pack

PACKS = files("shared.rules").joinpath("packs")
MODEL_TEXT = PACKS.joinpath("model.yaml").read_text(encoding="utf-8")


def test_pack_schema_is_itself_valid_when_checked() -> None:
    Draft202012Validator.check_schema(json.loads(PACKS.joinpath("pack.schema.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("written", "instead", "pointer"),
    [
        pytest.param('share: "0.95"', "share: 0.95", "/rules/payment-by-grade/value/B/share", id="float"),
        pytest.param('share: "0.95"', 'share: "1.01"', "/rules/payment-by-grade/value/B/share", id="share-above-one"),
        pytest.param('from: "2026-01-01"', "from: 2026-01-01", "/effective/from", id="unquoted-date"),
        pytest.param('from: "2026-01-01"', 'from: "2026-02-30"', "/effective/from", id="no-such-day"),
        pytest.param("value: ratio_to_lowest", "value: 1", "/rules/price-formula/value", id="kind"),
        pytest.param(
            "value: 2\n    unit: bids",
            "value: -2\n    unit: bids",
            "/rules/gate.opening.minimum-bids/value",
            id="negative",
        ),
        pytest.param("value: 20\n    unit: D", "value: 20\n    unit: days", "/rules/tender-period/unit", id="unit"),
        pytest.param(
            "agreement has an answer within this time\n    value: 7\n    unit: WD\n    inequality: inclusive",
            "agreement has an answer within this time\n    value: 7\n    unit: WD",
            "/rules/framework.joining-decision",
            id="left-out",
        ),
        pytest.param(
            "agreement has an answer within this time\n    value: 7\n    unit: WD\n    inequality: inclusive",
            "agreement has an answer within this time\n    value: 7\n    unit: WD\n    inequality: strict",
            "/rules/framework.joining-decision/inequality",
            id="strict-period",
        ),
        pytest.param("mark: from-memory", "mark: certain", "/rules/standstill/mark", id="mark"),
        pytest.param("  weights-total:", "  weights-sum:", "/rules", id="rule-missing"),
        pytest.param("version: 1.0.0", "version: 1.0.0\nnote: more", "", id="unknown-key"),
        pytest.param("id: model", "id: other", "/id", id="id-is-not-the-file-name"),
        pytest.param("version: 1.0.0", "version: 1.0.0\nversion: 2.0.0", "", id="key-twice"),
        pytest.param("unit: bids", "unit: bids\n    unit: bids", "", id="key-twice-inside"),
        pytest.param("version: 1.0.0", "1: one", "", id="key-no-text"),
        pytest.param("rules:", "rules: [", "", id="not-yaml"),
        pytest.param("language: en", "language: English", "/language", id="language"),
        pytest.param("language: en\n", "", "", id="language-missing"),
        pytest.param(
            "comparison: at-most", "comparison: about", "/rules/questions-unanswered/check/comparison", id="comparison"
        ),
        pytest.param("fact: bids.received", "fact: Bids", "/rules/gate.opening.minimum-bids/check/fact", id="fact"),
        pytest.param(
            "direction: backward", "direction: back", "/rules/clarification/counting/direction", id="direction"
        ),
        pytest.param(
            "first_day: excluded, roll: next-working-day",
            "first_day: excluded, roll: next-working-day, mark: read",
            "/rules/tender-period/counting",
            id="counting-marked-without-source",
        ),
        pytest.param("aggregation: aggregate", "aggregation: all", "/rules/contract-change.cap/aggregation", id="cap"),
        pytest.param(
            "when: {fact: procedure.changed,", "when: {all: [],", "/rules/clarification/when", id="no-condition"
        ),
        pytest.param(
            "bound: [open]", "bound: open", "/rules/method.other-than-open.reason-recorded/when/bound", id="bound"
        ),
        pytest.param('value: "0.02"', "value: 0.02", "/rules/bid-security-cap/value", id="float-share"),
        pytest.param(
            "never_with: [committee-chair]",
            "never_with: []",
            "/rules/incompatible.purchaser-representative/value/never_with",
            id="roles",
        ),
        pytest.param(
            "value: [lower-price, draw]", "value: [lower-price, lower-price]", "/rules/tie-break/value", id="word-twice"
        ),
        pytest.param("next_step: The", "next-step: The", "/rules/standstill", id="unknown-member-of-a-rule"),
        pytest.param("    source: Coxswain model pack\n", "", "/rules/tender-period", id="source-missing"),
        pytest.param("    mark: model\n", "", "/rules/tender-period", id="mark-missing"),
    ],
)
def test_file_and_pointer_are_named_when_a_pack_is_bad(written: str, instead: str, pointer: str) -> None:
    assert written in MODEL_TEXT
    with pytest.raises(Invalid) as refusal:
        read_document("model", MODEL_TEXT.replace(written, instead, 1))
    assert (refusal.value.code, refusal.value.pointer) == ("pack-invalid", pointer)
    assert refusal.value.detail.startswith(f"packs/model.yaml at {pointer or '/'}: ")


def _set(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        *parents, last = path.split("/")
        for key in parents:
            document = document[key]
        document[last] = value

    return change


@pytest.mark.parametrize(
    ("path", "value", "pointer"),
    [
        pytest.param("effective/to", "2025-12-31", "/effective", id="pack-ends-before-it-begins"),
        pytest.param(
            "rules/payment/effective",
            {"from": "2026-02-01", "to": "2026-01-31"},
            "/rules/payment/effective",
            id="rule-ends-before-it-begins",
        ),
        pytest.param(
            "rules/price-weight/value", {"min": 61, "max": 60}, "/rules/price-weight/value", id="min-above-max"
        ),
        pytest.param(
            "rules/grading/value/scale",
            [
                {"grade": "A", "from": 60},
                {"grade": "B", "from": 80},
                {"grade": "C", "from": 70},
                {"grade": "D", "from": 0},
            ],
            "/rules/grading/value/scale",
            id="scale-rises",
        ),
        pytest.param(
            "rules/grading/value/scale",
            [
                {"grade": "A", "from": 90},
                {"grade": "B", "from": 80},
                {"grade": "C", "from": 70},
                {"grade": "D", "from": 1},
            ],
            "/rules/grading/value/scale",
            id="scale-has-a-hole",
        ),
        pytest.param(
            "rules/grading/value/scale",
            [{"grade": "A", "from": 90}, {"grade": "A", "from": 80}, {"grade": "D", "from": 0}],
            "/rules/grading/value/scale",
            id="grade-twice",
        ),
        pytest.param(
            "rules/past-performance.scale/value/levels",
            [{"level": "good", "from": 50}, {"level": "poor", "from": 10}],
            "/rules/past-performance.scale/value/levels",
            id="levels-have-a-hole",
        ),
        pytest.param(
            "rules/past-performance.scale/value/levels",
            [{"level": "good", "from": 50}, {"level": "good", "from": 0}],
            "/rules/past-performance.scale/value/levels",
            id="level-twice",
        ),
        pytest.param(
            "rules/grading/value/caps", {"critical": "E"}, "/rules/grading/value/caps/critical", id="cap-grade"
        ),
        pytest.param(
            "rules/grading/value/caps", {"severe": "D"}, "/rules/grading/value/caps/severe", id="cap-severity"
        ),
        pytest.param(
            "rules/payment-by-grade/value",
            {"A": {"share": "1.00", "reason": "Good."}},
            "/rules/payment-by-grade/value",
            id="grade-without-share",
        ),
        pytest.param("calendar/time_zone", "Mars/Olympus", "/calendar", id="time-zone"),
        pytest.param("calendar/weekend", [1, 2, 3, 4, 5, 6, 7], "/calendar", id="no-working-day"),
    ],
)
def test_file_and_pointer_are_named_when_parts_of_a_pack_contradict_each_other(
    path: str, value: Any, pointer: str
) -> None:
    document = pack_document("model")
    _set(path, value)(document)
    with pytest.raises(Invalid) as refusal:
        read_pack(document)
    assert (refusal.value.code, refusal.value.pointer) == ("pack-invalid", pointer)
    assert refusal.value.detail.startswith("packs/model.yaml")
