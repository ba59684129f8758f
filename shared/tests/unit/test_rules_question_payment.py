"""A period's payment asked for in plain JSON."""

from copy import deepcopy
from typing import Any

import pytest

from shared.kernel.errors import Invalid
from shared.rules.questions.payment import answer

QUESTION: dict[str, Any] = {
    "pack": "model",
    "due": {"amount": "300000.00", "currency": "EUR"},
    "grade": "A",
    "kpis": [{"kpi": "attendance", "value": "90"}],
    "terms": {
        "grades": [
            {"grade": grade, "share": share, "reason": f"As {grade}."}
            for grade, share in (("A", "1"), ("B", "0.95"), ("C", "0.8"), ("D", "0"))
        ],
        "indicators": [
            {"kpi": "attendance", "target": "95", "direction": "higher", "step": "1", "share": "0.01", "cap": "0.1"}
        ],
        "retention_share": "0.05",
        "retention_release": {"when": "days-after", "days": 90},
    },
}


def changed(path: str, value: Any) -> dict[str, Any]:
    document: Any = deepcopy(QUESTION)
    inner = document
    *parents, last = path.split("/")
    for key in parents:
        inner = inner[int(key) if isinstance(inner, list) else key]
    inner[int(last) if isinstance(inner, list) else last] = value
    return dict(document)


def test_parts_are_told_when_a_period_is_settled() -> None:
    answered = answer(QUESTION)
    # 300,000 * 0.05 deducted; of the 285,000 accepted a twentieth is retained: 14,250.
    assert {part: answered[part]["amount"] for part in ("due", "payable", "held", "deducted")} == {
        "due": "300000.00",
        "payable": "270750.00",
        "held": "14250.00",
        "deducted": "15000.00",
    }
    assert answered["holds"] == [
        {
            "reason": "retention-money",
            "text": "Retained as the contract says.",
            "amount": "14250.00",
            "currency": "EUR",
            "release": {"when": "days-after", "grade": None, "days": 90},
        }
    ]
    assert answered["derivation"][-1] == {
        "step": "held", "expression": "285000.00 - 270750.00", "amount": "14250.00", "currency": "EUR"
    }  # fmt: skip


def test_formula_of_the_pack_holds_when_no_terms_are_given() -> None:
    answered = answer({"pack": "uk-2023", "on": "2026-12-01", "due": QUESTION["due"], "grade": "C"})
    assert (answered["version"], answered["payable"]["amount"], answered["held"]["amount"]) == (
        "1.2.0",
        "240000.00",
        "60000.00",
    )


@pytest.mark.parametrize(
    ("document", "code", "pointer"),
    [
        (changed("terms/grades/0/share", "1.1"), "payment-share-out-of-range", "/terms/grades/0/share"),
        (changed("terms/guarantee", "0.96"), "payment-guarantee-above-rest", "/terms/guarantee"),
        (changed("terms/grades/0/share", 1), "number-not-text", "/terms/grades/0/share"),
        (changed("terms/indicators/0/direction", "up"), "value-invalid", "/terms/indicators/0/direction"),
        (changed("terms/retention_release/days", "90"), "value-invalid", "/terms/retention_release/days"),
        (changed("terms/retention_release/when", ["decision"]), "value-invalid", "/terms/retention_release/when"),
        (changed("terms/penalty", "1"), "unknown-field", "/terms/penalty"),
        (changed("grade", "Z"), "grade-unknown", "/grade"),
        (changed("kpis/0/kpi", "weather"), "kpi-unknown", "/kpis"),
        (changed("kpis", QUESTION["kpis"] * 2), "kpi-repeated", "/kpis/1/kpi"),
        (changed("kpis", {}), "value-invalid", "/kpis"),
        (changed("due/amount", "0.001"), "amount-too-fine", "/due"),
        (changed("due/amount", "-1"), "due-negative", "/due/amount"),
        (changed("due/currency", "euro"), "currency-unknown", "/due"),
        (changed("pack", "atlantis"), "pack-unknown", "/pack"),
    ],
)
def test_place_is_named_when_a_question_makes_no_sense(document: dict[str, Any], code: str, pointer: str) -> None:
    with pytest.raises(Invalid) as refusal:
        answer(document)
    assert (refusal.value.code, refusal.value.pointer) == (code, pointer)
