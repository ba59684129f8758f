"""The draw against the worked example of draft-thomson-elegy-vrs."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.draw import order, position

REPOSITORY = Path(__file__).parents[3]
VECTOR_FILE = REPOSITORY.parent / "shared" / "vectors" / "vrs" / "example.json"
# The draft's first iteration, for where the vector file is not at hand.
FIRST_ITERATION = {
    "code": "5346f2efb5397a6788fc1f1d9c05c6d3f2abe9b7d16d8592a3695b6dbe9f2456",
    "randomness_hex": "312e322e332e342e352e362e2f" * 3,
    "labels": [
        "lavenderblush",
        "blue",
        "darkgoldenrod",
        "mediumvioletred",
        "bisque",
        "lightpink",
        "aqua",
        "darkgray",
        "cornflowerblue",
    ],
    "order": [
        "lavenderblush",
        "blue",
        "darkgoldenrod",
        "mediumvioletred",
        "bisque",
        "lightpink",
        "darkgray",
        "cornflowerblue",
        "aqua",
    ],
    "positions": {
        "lavenderblush": "002ed527ae0a44a86c205d1cdba61826951a2ffb53c13729c3762eea04e21676",
        "aqua": "c4e9dfcc0107ec65099416bdda95619c6373b0a1bbd92d8882051ba537acbbda",
    },
}
VECTORS = json.loads(VECTOR_FILE.read_text(encoding="utf-8")) if VECTOR_FILE.exists() else [FIRST_ITERATION]
LABELS = st.lists(st.text(max_size=8), unique=True, max_size=12)


@pytest.mark.parametrize("vector", VECTORS)
def test_order_is_the_published_one_when_the_draw_is_worked_out_again(vector: dict[str, Any]) -> None:
    code, randomness = bytes.fromhex(vector["code"]), bytes.fromhex(vector["randomness_hex"])
    assert order(code, randomness, vector["labels"]) == vector["order"]
    assert {label: position(code, randomness, label).hex() for label in vector["positions"]} == vector["positions"]


@given(st.binary(min_size=1), st.binary(min_size=1), LABELS, st.randoms(use_true_random=False))
def test_order_is_the_same_when_labels_come_in_another_order(
    code: bytes, randomness: bytes, labels: list[str], shuffler: Any
) -> None:
    shuffled = list(labels)
    shuffler.shuffle(shuffled)
    assert order(code, randomness, shuffled) == order(code, randomness, labels)


@given(st.binary(min_size=1), st.binary(min_size=1), LABELS.filter(bool))
def test_others_keep_their_order_when_one_label_leaves(code: bytes, randomness: bytes, labels: list[str]) -> None:
    without_first = order(code, randomness, labels[1:])
    assert [label for label in order(code, randomness, labels) if label != labels[0]] == without_first
