"""Public randomness: rounds of drand, and RFC 3797's way of writing."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.beacon import (
    drand,
    drand_randomness,
    drand_signed,
    public_records,
    records_randomness,
    rfc3797_key,
)
from shared.kernel.errors import Invalid

VECTORS = Path(__file__).parents[3].parent / "shared" / "vectors"
# RFC 3797, section 6, for where the vector file is not at hand.
EXAMPLE = {
    "sources": [[9319], [2, 5, 12, 8, 10], [9, 18, 26, 34, 41, 45]],
    "key": "9319./2.5.8.10.12./9.18.26.34.41.45./",
}
ROUND: Any = {
    "round": 657413,
    "signature": ("b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b"),
    "randomness": "fc1873a13f3545aeade8401532ef5519920652eee6b0d2b19ca12643b87b3587",
}


def vectors(name: str, otherwise: Any) -> Any:
    file = VECTORS / name
    return json.loads(file.read_text("utf-8")) if file.exists() else otherwise


@pytest.mark.parametrize("vector", vectors("rfc3797/example.json", [EXAMPLE]))
def test_key_is_the_published_one_when_it_is_written_again(vector: dict[str, Any]) -> None:
    assert rfc3797_key(vector["sources"]) == vector["key"]


@pytest.mark.parametrize("told", vectors("drand/quicknet.json", {"rounds": [ROUND]})["rounds"])
def test_randomness_of_a_round_is_the_hash_of_its_signature(told: dict[str, Any]) -> None:
    assert drand_randomness(bytes.fromhex(told["signature"])).hex() == told["randomness"]


@pytest.mark.parametrize("told", vectors("drand/quicknet.json", {"rounds": [ROUND]})["rounds"])
def test_round_is_signed_by_drand_when_the_signature_is_the_published_one(told: dict[str, Any]) -> None:
    signature = bytes.fromhex(told["signature"])
    assert drand_signed(told["round"], signature)
    # Nor does it sign the round before or after.
    assert not drand_signed(told["round"] + 1, signature)
    assert not drand_signed(told["round"] - 1, signature)


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        b"\x00" * 48,
        b"\xff" * 48,
        # The point at infinity, in its one compressed form.
        b"\xc0" + b"\x00" * 47,
        # A point of the curve outside the group of prime order: x = 4.
        b"\x80" + b"\x00" * 46 + b"\x04",
        # The same point mirrored, and the signature with a byte more.
        bytes.fromhex("97" + ROUND["signature"][2:]),
        bytes.fromhex(ROUND["signature"] + "00"),
    ],
)
def test_round_is_not_signed_when_the_signature_is_anything_else(signature: bytes) -> None:
    assert not drand_signed(ROUND["round"], signature)


def test_round_has_its_instant_when_it_is_named() -> None:
    first, later = drand(1), drand(657_413)
    # Quicknet began at 1692803367 and has a round every three seconds.
    assert first.at == datetime.fromtimestamp(1_692_803_367, UTC)
    assert later.at - first.at == timedelta(seconds=3 * 657_412)


@pytest.mark.parametrize("number", [0, -1, 10**10])
def test_round_is_refused_when_there_is_none_with_this_number(number: int) -> None:
    with pytest.raises(Invalid, match="beacon-round-unknown"):
        drand(number)


@pytest.mark.parametrize(
    ("sources", "code"),
    [
        ([], "record-numbers-missing"),
        ([[1], []], "record-numbers-missing"),
        ([[-1]], "record-number-out-of-range"),
        ([[10**18]], "record-number-out-of-range"),
    ],
)
def test_numbers_are_refused_when_they_cannot_be_written(sources: list[list[int]], code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        records_randomness(sources)
    assert refusal.value.code == code


@given(st.lists(st.lists(st.integers(0, 10**6), min_size=1, max_size=5), min_size=1, max_size=4))
def test_numbers_are_told_apart_by_their_source_when_they_are_written(sources: list[list[int]]) -> None:
    key = rfc3797_key(sources)
    read = [[int(number) for number in source.split(".")[:-1]] for source in key.split("/")[:-1]]
    assert read == [sorted(source) for source in sources]


def test_records_are_refused_when_none_is_named() -> None:
    with pytest.raises(Invalid, match="beacon-records-missing"):
        public_records([], datetime(2026, 3, 2, tzinfo=UTC))
