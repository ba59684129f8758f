from typing import Any

import pytest

from portal.api.rule_words import counting_words, value_words
from shared.platform.rule_schemas import CountingView


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (True, None, "yes"),
        (False, None, "no"),
        (20, "D", "20 days"),
        (1, "WD", "1 working day"),
        (3, "bids", "3 bids"),
        ("0.50", "share", "50 %"),
        ("0.125", "share", "12.5 %"),
        ("1.00", "share", "100 %"),
        (1, "share", "100 %"),
        ("2/3", "share", "2/3"),
        ("1000000", "CNY", "1000000 CNY"),
        (100, None, "100"),
        ("ratio_to_lowest", None, "ratio to lowest"),
        ("The whole amount is held.", None, "The whole amount is held."),
        (["lower-price", "draw"], None, "lower price, draw"),
        ({"min": 10, "max": 60}, "points", "10 to 60 points"),
        ({"min": "0.005", "max": "0.01"}, "share", "0.5 % to 1 %"),
        ({"role": "bidder", "never_with": ["panel-member", "payer"]}, None, "bidder: never with panel member, payer"),
        ({"A": {"share": "1.00", "reason": "As agreed."}}, "share", "A: (share: 100 %; reason: As agreed.)"),
        ({"scale": [{"grade": "A", "from": 90}]}, "points", "scale: (grade: A; from: 90 points)"),
    ],
)
def test_value_is_told_in_words_when_a_rule_is_shown(value: Any, unit: str | None, words: str) -> None:
    assert value_words(value, unit) == words


def test_counting_is_told_in_words_when_a_rule_is_a_period() -> None:
    included = CountingView(first_day="included", roll="none", direction="forward", source=None, mark=None)
    backward = CountingView(first_day="excluded", roll="next-working-day", direction="backward", source=None, mark=None)
    assert counting_words(included) == "The day of the event counts; an end on a day off stays where it is."
    assert counting_words(backward) == (
        "The day of the event does not count, counted backwards; an end on a day off moves to the next working day."
    )
