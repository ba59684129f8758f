import json
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.domain.external import Amount, Note, digest
from evaluation.domain.external.release import read_release
from shared.kernel.errors import Invalid

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)
PARTS = ("tender", "awards", "contracts", "parties", "buyer", "bids", "date", "title")


def release(**members: Any) -> str:
    return json.dumps({"ocid": "ocds-1", **members})


def test_the_canonical_form_is_kept_and_named_by_its_digest_when_a_release_is_read() -> None:
    # By hand: members sorted, no spaces, 1.50 is 1.5, 1E2 is 100 (RFC 8785).
    found = read_release(
        '{ "tender": {"value": {"currency": "DOP", "amount": 1.50}}, "ocid": "ocds-\\u00f1", "x": 1E2 }'
    )
    content = '{"ocid":"ocds-ñ","tender":{"value":{"amount":1.5,"currency":"DOP"}},"x":100}'.encode()
    assert found.content == content
    assert found.digest == sha256(content).hexdigest()
    assert found.process.ocid == "ocds-ñ"
    assert found.process.estimate == Amount("1.50", "DOP")


@pytest.mark.parametrize(
    "amount",
    [
        "0.1",
        "0.30000000000000004",
        "1234567890123456789.12345678901234567891",
        "100000000000000000.1",
        "9007199254740993",
    ],
)
def test_no_digit_of_an_amount_is_lost_when_it_is_longer_than_a_binary_number(amount: str) -> None:
    found = read_release(f'{{"ocid":"x","tender":{{"value":{{"amount":{amount},"currency":"DOP"}}}}}}')
    assert found.process.estimate == Amount(amount, "DOP")
    assert f'"amount":{amount},'.encode() in found.content


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "invalid-json"),
        ("{", "invalid-json"),
        ('{"ocid":"x"} {}', "invalid-json"),
        ("null", "release-not-an-object"),
        ('["x"]', "release-not-an-object"),
        ("{}", "ocid-missing"),
        ('{"ocid":5}', "ocid-missing"),
        ('{"ocid":" "}', "ocid-missing"),
        (f'{{"ocid":"{"x" * 201}"}}', "ocid-too-long"),
        ('{"ocid":"a\\u0000b"}', "ocid-not-printable"),
        ('{"ocid":"a\\ud800b"}', "ocid-not-printable"),
        ('{"ocid":"x","ocid":"x"}', "duplicate-key"),
        ('{"ocid":"x","a":[{"b":1,"b":1}]}', "duplicate-key"),
        ('{"ocid":"x","a":NaN}', "not-a-number"),
        ('{"ocid":"x","a":-Infinity}', "not-a-number"),
        (f'{{"ocid":"x","a":1e{"9" * 30}}}', "number-too-large"),
        ('{"ocid":"x","a":' + "[" * 100_000 + "]" * 100_000 + "}", "nested-too-deeply"),
        ('{"ocid":"x","title":"\\ud800"}', "invalid-unicode"),
        ('{"ocid":"x","\\udfff":1}', "invalid-unicode"),
    ],
)
def test_a_text_is_refused_when_it_is_no_release_or_ambiguous(text: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_release(text)
    assert refused.value.code == code
    assert "x" * 201 not in refused.value.detail


def test_nul_is_noted_and_kept_out_of_the_facts_when_a_text_holds_it() -> None:
    found = read_release('{"ocid":"x","tender":{"title":"a\\u0000b","id":"\\u0000"}}')
    assert found.process.title == "ab"
    assert Note("/tender/title", "control-characters") in found.process.notes
    assert b"a\\u0000b" in found.content


@pytest.mark.parametrize("number", ["12345678901234567890", "9" * 5_000])
def test_a_count_is_left_out_when_it_does_not_fit_into_64_bits(number: str) -> None:
    found = read_release(f'{{"ocid":"x","tender":{{"numberOfTenderers":{number}}}}}')
    assert found.process.number_of_tenderers is None
    assert Note("/tender/numberOfTenderers", "wrong-type") in found.process.notes


def test_a_numeric_id_is_kept_when_it_has_nineteen_digits() -> None:
    found = read_release('{"ocid":"x","awards":[{"id":9223372036854775807}]}')
    assert found.process.awards[0].id == "9223372036854775807"


@given(st.dictionaries(st.sampled_from(PARTS), VALUES))
def test_reading_never_fails_but_with_a_reason_when_a_release_holds_anything(members: dict[str, Any]) -> None:
    text = release(**members)
    try:
        found = read_release(text)
    except Invalid as refused:
        assert refused.code in {"invalid-unicode", "nested-too-deeply"}  # noqa: PT017 - either outcome is good
        return
    assert found.digest == digest(json.loads(text, parse_float=Decimal)) == sha256(found.content).hexdigest()
    assert read_release(found.content.decode()) == found


@given(st.text())
def test_reading_never_fails_but_with_a_reason_when_the_text_is_anything(text: str) -> None:
    with pytest.raises(Invalid):
        read_release(text)
