"""The draw against the worked example of draft-thomson-elegy-vrs."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.draw import chain, commitment, opens, order, position, reveal
from shared.kernel.errors import Invalid

REPOSITORY = Path(__file__).parents[3]
VECTOR_FILE = REPOSITORY.parent / "shared" / "vectors" / "vrs" / "example.json"
# The draft's first iteration, for where the vector file is not at hand.
FIRST_ITERATION = {
    "secret_utf8_or_hex": "746f74616c6c79206e6f7420612062696b6573686564",
    "n": 10,
    "iteration": 1,
    "commitment": "950ea08d8d5fd3ae415b9967aba7a48aba39ca62a4d98f2e7fe25cb1b8f8c488",
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


@pytest.mark.parametrize("vector", VECTORS)
def test_code_and_commitment_are_the_published_ones_when_the_chain_is_worked_out_again(vector: dict[str, Any]) -> None:
    secret = bytes.fromhex(vector["secret_utf8_or_hex"])
    code = reveal(secret, vector["n"], vector["iteration"])
    committed = commitment(secret, vector["n"])
    assert (code.hex(), committed.hex()) == (vector["code"], vector["commitment"])
    assert opens(committed, code, vector["iteration"])


@given(st.binary(min_size=1, max_size=40), st.integers(1, 12), st.integers(1, 12))
def test_code_opens_its_commitment_for_its_own_draw_alone(secret: bytes, length: int, iteration: int) -> None:
    if iteration > length:
        with pytest.raises(Invalid, match="codes-used-up"):
            reveal(secret, length, iteration)
        return
    code, committed = reveal(secret, length, iteration), commitment(secret, length)
    assert [number for number in range(-1, 14) if opens(committed, code, number)] == [iteration]
    # Whoever knows a code works out those revealed before it, and none that is still to come.
    assert chain(code, iteration) == committed
    assert not opens(committed, code[:-1] + bytes([code[-1] ^ 1]), iteration)


@pytest.mark.parametrize("iteration", [0, -1, 11])
def test_code_is_refused_when_the_commitment_has_none_for_the_draw(iteration: int) -> None:
    with pytest.raises(Invalid, match="codes-used-up"):
        reveal(b"secret", 10, iteration)


def test_every_label_is_first_equally_often_when_a_hundred_thousand_draws_are_made() -> None:
    labels = [f"label-{number}" for number in range(10)]
    draws = 100_000
    counts = dict.fromkeys(labels, 0)
    code = chain(b"chi-square", 1)
    for number in range(draws):
        randomness = number.to_bytes(4)
        counts[min(labels, key=lambda label, given=randomness: position(code, given, label))] += 1  # type: ignore[misc]
    expected = draws / len(labels)
    statistic = sum((count - expected) ** 2 / expected for count in counts.values())
    # The 99.9th percentile of chi-square with nine degrees of freedom.
    assert statistic < 27.877


@given(st.binary(min_size=1), st.binary(min_size=1), LABELS, st.text(max_size=8))
def test_others_keep_their_order_when_an_unrelated_label_is_altered(
    code: bytes, randomness: bytes, labels: list[str], other: str
) -> None:
    if not labels or other in labels:
        return
    before = [label for label in order(code, randomness, labels) if label != labels[0]]
    after = [label for label in order(code, randomness, [other, *labels[1:]]) if label != other]
    assert before == after
