"""Terms of payment as a citizen reads them."""

from typing import Any

from portal.api.payment_words import payment_words

GRADES = [
    {"grade": "A", "share": "1.00", "reason": "As agreed."},
    {"grade": "B", "share": "0.875", "reason": "Small shortcomings."},
]
PLAIN: dict[str, Any] = {
    "grades": GRADES,
    "indicators": [],
    "guarantee": "0",
    "deduction_cap": "1",
    "retention_share": "0.00",
    "retention_release": {"when": "decision", "grade": None, "days": None},
    "shortcoming_release": {"when": "decision", "grade": None, "days": None},
}


def test_only_grades_and_their_end_are_told_when_the_terms_ask_for_nothing_else() -> None:
    assert payment_words(PLAIN) == [
        "Grade A: 100 % of the rest is paid at once. As agreed.",
        "Grade B: 87.5 % of the rest is paid at once. Small shortcomings.",
        "What a grade holds is paid once two persons of the office decide so, or forfeited by a decision.",
    ]


def test_every_term_is_a_sentence_in_the_order_in_which_it_is_applied() -> None:
    indicator = {
        "kpi": "attendance",
        "target": "95",
        "direction": "higher",
        "step": "1",
        "share": "0.01",
        "cap": "0.10",
    }
    terms = {
        **PLAIN,
        "indicators": [indicator, {**indicator, "kpi": "complaints", "direction": "lower", "target": "3"}],
        "deduction_cap": "0.12",
        "guarantee": "0.50",
        "retention_share": "0.05",
        "retention_release": {"when": "days-after", "grade": None, "days": 90},
        "shortcoming_release": {"when": "next-grade-at-least", "grade": "B", "days": None},
    }
    deducted = "1 % of a period's amount is deducted, at most 10 %."
    assert payment_words(terms) == [
        f"Indicator attendance: for each full 1 below the target of 95, {deducted}",
        f"Indicator complaints: for each full 1 above the target of 3, {deducted}",
        "All deductions together are at most 12 % of a period's amount.",
        "5 % of what is accepted is retained; it is paid 90 days after the period was accepted.",
        "Grade A: 100 % of the rest is paid at once. As agreed.",
        "Grade B: 87.5 % of the rest is paid at once. Small shortcomings.",
        "What a grade holds is paid once a later period is graded B or better, or forfeited by a decision.",
        "At least 50 % of a period's amount is paid in any case.",
    ]
