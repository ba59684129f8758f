"""Every step of a derivation becomes a sentence, also one that no payment formula makes."""

import pytest

from budget.domain.notice import explained, release_words
from shared.rules.payment_formula import DECISION, ReleaseCondition

EUR = {"amount": "9.50", "currency": "EUR"}


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (
            {"step": "payable", "expression": "10.00 * 0, half up", "at-least": "9.50", **EUR},
            "Payable: 9.50 EUR, that is 10.00 * 0, half up, raised to the 9.50 that are guaranteed.",
        ),
        (
            {"step": "retained", "expression": "10.00 * 0.99, half up", "at-most": "9.50", **EUR},
            "Retained: 9.50 EUR, that is 10.00 * 0.99, half up, of which the limits leave 9.50.",
        ),
        ({"step": "still-withheld", **EUR}, "Still held: 9.50 EUR."),
        ({"step": "interest", "rate": "0.0005", **EUR}, "step interest; rate 0.0005; amount 9.50; currency EUR"),
    ],
)
def test_step_is_told_in_words(step: dict[str, str], text: str) -> None:
    (line,) = explained((step,))
    assert (line.text, line.step) == (text, step)


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (DECISION, "It is paid once two persons decide so."),
        (
            ReleaseCondition("next-grade-at-least", grade="B"),
            "It is paid once a later period is graded B or better, or two persons decide so.",
        ),
        (
            ReleaseCondition("days-after", days=90),
            "It is paid 90 days after the acceptance, or once two persons decide so.",
        ),
    ],
)
def test_end_of_a_hold_is_told_in_words(condition: ReleaseCondition, text: str) -> None:
    assert release_words(condition) == text
