import io
import json
import tracemalloc
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onebox.ocds.values import Value, values

SHORT = b'{"ocid": "ocds-1", "title": "brackets ]}{[ and \\"quotes\\""}'
OTHER = b'{"ocid": "ocds-2"}'
LIMIT = 2**25

# The machine may be busy; neither time nor the speed of making examples is what is tested.
calmly = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def told(content: bytes, limit: int = LIMIT) -> list[str]:
    """The ocid of each value and the code of each fault, each with its position."""
    return [
        f"{item.position} {item.content['ocid'] if isinstance(item.content, dict) else item.content}"
        if isinstance(item, Value)
        else f"{item.position} {item.problem.code}"
        for item in values(io.BytesIO(content), limit)
    ]


def read(content: bytes, limit: int = LIMIT) -> list[Any]:
    items = list(values(io.BytesIO(content), limit))
    assert all(isinstance(item, Value) for item in items)
    return [item.content for item in items if isinstance(item, Value)]


# What is bad, and all that is told. Bad places must not take good ones with them.
BROKEN: dict[str, tuple[bytes, list[str]]] = {
    "invalid UTF-8": (b'{"ocid":"\xff"}\n' + SHORT, ["line 1 invalid-utf-8", "line 2 ocds-1"]),
    "invalid first": (b'{"ocid" "x"}\n' + SHORT, ["line 1 invalid-json", "line 2 ocds-1"]),
    "invalid between": (
        SHORT + b"\n{not json\n" + OTHER,
        ["line 1 ocds-1", "line 2 invalid-json", "line 3 ocds-2"],
    ),
    "rest of a line": (SHORT + b" rest\n" + OTHER, ["line 1 ocds-1", "line 1 invalid-json", "line 2 ocds-2"]),
    "cut within an object": (
        b'{"ocid":"x",\n' + SHORT + b"\n" + OTHER,
        ["line 1 invalid-json", "line 2 ocds-1", "line 3 ocds-2"],
    ),
    "cut within a list": (
        b'{"tag":[1,\n' + SHORT + b"\n" + OTHER,
        ["line 1 invalid-json", "line 2 ocds-1", "line 3 ocds-2"],
    ),
    "cut within a text": (SHORT[:-5] + b"\n" + OTHER, ["line 1 invalid-json", "line 2 ocds-2"]),
    "last line cut": (SHORT + b'\n{"ocid":"x","tag":[', ["line 1 ocds-1", "line 2 unfinished-json"]),
    "pretty, cut": (b'{\n "ocid": "x",\n "tag": [\n', ["line 1 unfinished-json"]),
    "pretty, broken": (b'{\n "ocid": "x",\n "tag": oops\n}\n' + SHORT, ["line 1 invalid-json", "line 5 ocds-1"]),
    "NaN": (b'{"amount":NaN}\n' + SHORT, ["line 1 not-a-number", "line 2 ocds-1"]),
    "infinity": (b'{"amount":-Infinity}', ["line 1 not-a-number"]),
    "endless integer": (b'{"id":' + b"9" * 5_000 + b"}\n" + SHORT, ["line 1 number-too-large", "line 2 ocds-1"]),
    "endless integer on many lines": (b'{"ocid":"x",\n"id":' + b"9" * 5_000 + b"}", ["line 1 number-too-large"]),
    "endless exponent": (b'{"id":1.5e99999999999999999999}', ["line 1 number-too-large"]),
    "half a surrogate pair": (rb'{"tag":"\ud83d"}', ["line 1 invalid-unicode"]),
    "half a surrogate pair on many lines": (
        b'{\n"tag":"\\ud83d"}\n' + SHORT,
        ["line 1 invalid-unicode", "line 3 ocds-1"],
    ),
    "deep": (b"[" * 101 + b"]" * 101 + b"\n" + SHORT, ["line 1 nested-too-deeply", "line 2 ocds-1"]),
    "very deep": (b"[" * 100_000 + b"\n" + SHORT, ["line 1 nested-too-deeply", "line 2 ocds-1"]),
    "very deep on many lines": (b"[\n" * 101 + SHORT, ["line 1 nested-too-deeply", "line 102 ocds-1"]),
    "blank line": (SHORT + b"\n \n" + OTHER + b"\n\n", ["line 1 ocds-1", "line 2 blank-line", "line 3 ocds-2"]),
}


@pytest.mark.parametrize(("content", "expected"), BROKEN.values(), ids=BROKEN)
def test_the_place_is_told_and_reading_goes_on_when_something_is_broken(content: bytes, expected: list[str]) -> None:
    assert told(content) == expected


def test_a_value_is_taken_when_it_is_as_deep_as_allowed() -> None:
    assert len(read(b"[" * 100 + b"]" * 100)) == 1


def test_a_surrogate_pair_is_one_character_when_both_halves_are_there() -> None:
    assert read(rb'["\ud83d\ude00"]') == [["\N{GRINNING FACE}"]]


def test_a_repeated_key_is_noted_when_the_value_is_kept() -> None:
    [item] = values(io.BytesIO(b'{"buyer":{"id":1,"id":2}}'))
    assert isinstance(item, Value)
    assert item.content == {"buyer": {"id": 2}}
    assert [problem.code for problem in item.problems] == ["duplicate-key"]


def test_no_digit_is_lost_when_a_number_is_long() -> None:
    numbers = b'{"a":12345678901234567890.123456789,"b":12345678901234567890}'
    expected = {"a": Decimal("12345678901234567890.123456789"), "b": 12345678901234567890}
    assert read(numbers) == [expected]
    assert read(b"[" + numbers + b" " * 100 + b"]", limit=100) == [expected]


def test_members_are_read_one_by_one_when_a_package_is_larger_than_the_limit() -> None:
    package = b'{"uri":"u","a":[[1],{"releases":[1]}],"releases":[%b,{"ocid":"x","title":"%b"},7,{"a":1,"a":2}]}' % (
        SHORT,
        b"x" * 210_000,
    )
    expected = ["line 1 /releases/0 ocds-1", "line 1 /releases/1 document-too-large", "line 1 /releases/2 7"]
    first_three, [last] = (found := list(values(io.BytesIO(package), 70_000)))[:3], found[3:]
    assert len(first_three) == 3
    assert told(package.replace(b',{"a":1,"a":2}', b"") + b"\n" + OTHER, 70_000) == [*expected, "line 2 ocds-2"]
    assert isinstance(last, Value)
    assert (str(last.position), last.content) == ("line 1 /releases/3", {"a": 2})
    assert [problem.code for problem in last.problems] == ["duplicate-key"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b'{"x":"%b"}' % (b"y" * 200), ["document-too-large"], id="an object"),
        pytest.param(b'{"x":[\n%b"y"]}' % (b'"y",\n' * 90), ["document-too-large"], id="pretty"),
        pytest.param(b"[%b,%b,%b]" % ((SHORT,) * 3), ["/0 ocds-1", "/1 ocds-1", "/2 ocds-1"], id="a list"),
        pytest.param(b"[\n%b,\n%b,\n%b\n]" % ((SHORT,) * 3), [f"/{n} ocds-1" for n in range(3)], id="a pretty list"),
        pytest.param(
            b'{"records":[%b]%b broken' % (SHORT, b" " * 200), ["/records/0 ocds-1", "invalid-json"], id="broken"
        ),
        pytest.param(b'[{"id":%b}]' % (b"9" * 5_000), ["number-too-large"], id="an endless integer"),
        pytest.param(b"[" * 300, ["nested-too-deeply"], id="deep"),
        pytest.param(b"1" * 300, ["document-too-large"], id="a number"),
        pytest.param(b"[%b]%b{}" % (SHORT, b" " * 200), ["/0 ocds-1", "document-too-large"], id="a list and more"),
    ],
)
def test_the_other_lines_are_read_when_one_value_is_larger_than_the_limit(content: bytes, expected: list[str]) -> None:
    last = content.count(b"\n") + 3
    found = told(SHORT + b"\n" + content + b"\n" + OTHER, limit=150)
    assert found == ["line 1 ocds-1", *(f"line 2 {item}" for item in expected), f"line {last} ocds-2"]


def test_the_members_before_the_cut_are_read_when_a_large_list_is_cut() -> None:
    content = SHORT + b"\n[" + SHORT + b"," + b" " * 200
    assert told(content, limit=150) == ["line 1 ocds-1", "line 2 /0 ocds-1", "line 2 unfinished-json"]


def test_memory_stays_small_when_a_package_is_much_larger_than_the_limit() -> None:
    long = b'{"ocid": "x", "title": "%b"}' % (b"x" * 1_000)
    stream = io.BytesIO(b'{"releases":[' + b",".join([long] * 3_000) + b"]}")
    tracemalloc.start()
    try:
        assert sum(isinstance(item, Value) for item in values(stream, limit=2**16)) == 3_000
        assert tracemalloc.get_traced_memory()[1] < 2**21 < len(long) * 3_000
    finally:
        tracemalloc.stop()


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda members: st.lists(members, max_size=3) | st.dictionaries(st.text(max_size=5), members, max_size=3),
    max_leaves=8,
)


@calmly
@given(
    st.lists(st.fixed_dictionaries({"a": json_values}), min_size=1, max_size=5),
    st.sampled_from([None, 0, 1, "\t"]),
    st.booleans(),
    st.sampled_from(["\n", "\r\n"]),
)
def test_the_same_values_are_read_when_the_layout_differs(
    members: list[Any], indent: int | str | None, escaped: bool, newline: str
) -> None:
    def dumped(value: object) -> bytes:
        return json.dumps(value, indent=indent, ensure_ascii=escaped).replace("\n", newline).encode()

    # The standard library's own reading of the standard library's own writing.
    exact = json.loads(json.dumps(members), parse_float=Decimal)
    assert read(newline.encode().join(map(dumped, members))) == exact
    assert read(b" ".join(map(dumped, members))) == exact
    assert read(dumped(members)) == [exact]
    largest = max(len(dumped({"releases": [member]})) for member in members)
    assert read(dumped({"uri": "u" * largest, "releases": members}), limit=largest) == exact


fragments = st.sampled_from(
    [SHORT, b"{", b"}", b"[", b"]", b",", b"\n", b"\r\n", b'"', b"\\", b"\xef\xbb\xbf", b"\xff", b"\0", b"NaN", b"1e9"]
)


@calmly
@given(st.lists(fragments, max_size=20).map(b"".join), st.sampled_from([1, 5, 100, LIMIT]))
def test_reading_never_fails_and_tells_something_when_the_content_is_anything(content: bytes, limit: int) -> None:
    items = list(values(io.BytesIO(content), limit))
    assert items or not content.replace(b"\xef\xbb\xbf", b"").strip()
