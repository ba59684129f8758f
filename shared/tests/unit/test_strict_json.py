"""A body has one meaning or it is refused."""

import json
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.bls import signed
from shared.platform.problems import EdgeProblem
from shared.platform.strict_json import parse


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"a": 1, "a": 1}', id="member twice"),
        pytest.param(b'{"a": {"b": 1, "b": 2}}', id="member twice, inside"),
        pytest.param(b'{"a": 1, "\\u0061": 2}', id="member twice, once escaped"),
        pytest.param(b"NaN", id="NaN"),
        pytest.param(b'{"a": -Infinity}', id="infinity"),
        pytest.param(b'{"a": 1e999}', id="infinity as an exponent"),
        pytest.param(b"9223372036854775808", id="2**63"),
        pytest.param(b"-9223372036854775809", id="-2**63-1"),
        pytest.param(b"99999999999999999999", id="twenty digits"),
        pytest.param(b"1" + b"0" * 100_000, id="a hundred thousand digits"),
        pytest.param(b'"a\\u0000b"', id="NUL"),
        pytest.param(b'{"a\\u0000": 1}', id="NUL in a name"),
        pytest.param(b'"\\ud800"', id="half a surrogate pair"),
        pytest.param(b'{"\\udc00": 1}', id="half a surrogate pair in a name"),
        pytest.param(b"[" * 41 + b"1" + b"]" * 41, id="41 levels"),
        pytest.param(b"[" * 500_000, id="half a million levels"),
        pytest.param(b'{"a":' * 50_000 + b"1" + b"}" * 50_000, id="fifty thousand objects"),
        pytest.param(b"\xff\xfe{\x00}\x00", id="UTF-16"),
        pytest.param(b"\xef\xbb\xbf{}", id="byte order mark"),
        pytest.param(b'"\xc0\xaf"', id="overlong UTF-8"),
        pytest.param(b'"\xed\xa0\x80"', id="surrogate in UTF-8"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"{} {}", id="two values"),
        pytest.param(b"{'a': 1}", id="single quotes"),
        pytest.param(b'{"a": 1,}', id="comma at the end"),
        pytest.param(b'"\t"', id="raw tab"),
        pytest.param(b"01", id="leading zero"),
        pytest.param(b"// no\n1", id="comment"),
    ],
)
def test_body_is_refused_when_it_is_ambiguous(body: bytes) -> None:
    with pytest.raises(EdgeProblem) as refused:
        parse(body)
    assert (refused.value.status, refused.value.code) == (400, "json-malformed")


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"9223372036854775807", 2**63 - 1),
        (b"-9223372036854775808", -(2**63)),
        (b"[" * 40 + b"]" * 40, None),
        (b'["' + b"[" * 90 + b'\\"{{", [], ' + b"[[]], " * 30 + b"0]", None),
        (b'"\\ud83d\\ude00"', "\N{GRINNING FACE}"),
        ('"\N{GRINNING FACE}"'.encode(), "\N{GRINNING FACE}"),
        (b' {"a": [1, 2.5, true, null, "x"]} ', {"a": [1, 2.5, True, None, "x"]}),
    ],
)
def test_body_is_read_when_it_is_at_the_bound(body: bytes, value: Any) -> None:
    assert parse(body) == (json.loads(body) if value is None else value)


TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=10)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(value=VALUES)
def test_value_is_read_back_when_it_was_written_as_json(value: Any) -> None:
    assert parse(json.dumps(value).encode()) == value


@given(body=st.binary(max_size=60))
def test_parser_reads_or_refuses_when_given_any_bytes(body: bytes) -> None:
    try:
        parse(body)
    except EdgeProblem as refused:
        assert refused.code == "json-malformed"  # noqa: PT017 - most bytes are refused, some are JSON


def test_body_is_refused_as_fast_as_it_is_long_when_its_text_never_ends() -> None:
    body = b"[" * 41 + b'"' + b'\\"' * 500_000
    with pytest.raises(EdgeProblem):
        parse(body[41:] + b"[" * 41)
    with pytest.raises(EdgeProblem):
        parse(body)


def test_nesting_is_bounded_when_the_process_allows_deep_calls() -> None:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(1_000_000)
    try:
        with pytest.raises(EdgeProblem):
            parse(b"[" * 500_000)
    finally:
        sys.setrecursionlimit(limit)


def test_calls_nest_no_deeper_when_a_signature_of_drand_was_verified() -> None:
    limit = sys.getrecursionlimit()
    signed(b"\x80" * 96, b"a round", b"\x80" * 48)
    assert sys.getrecursionlimit() == limit
