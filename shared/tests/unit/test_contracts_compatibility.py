"""A published event type never changes so that an old event or an old reader breaks: planted breaks are found."""

import copy
from typing import Any

import pytest

from shared.contracts import catalogue
from shared.contracts.compatibility import breaks

PUBLISHED: dict[str, Any] = {
    "title": "budget.held.v1",
    "x-topic": "budget",
    "x-owner": "budget",
    "x-key": "ocid",
    "type": "object",
    "$defs": {
        "Part": {"type": "object", "properties": {"n": {"type": "integer", "minimum": 0}}, "required": ["n"]},
    },
    "properties": {
        "ocid": {"type": "string", "maxLength": 200},
        "grade": {"enum": ["A", "B"]},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "part": {"$ref": "#/$defs/Part"},
        "parts": {"type": "array", "items": {"$ref": "#/$defs/Part"}},
        "points": {"type": "object", "additionalProperties": {"type": "string"}},
        "amount": {"type": "object", "properties": {"amount": {"type": "string"}}, "additionalProperties": False},
        "extra": {"type": "string"},
        "digest": {"type": "string", "pattern": "^[0-9a-f]{64}$", "minLength": 64},
        "kind": {"const": "held"},
        "span": {"type": "array", "prefixItems": [{"$ref": "#/$defs/Part"}, {"type": "string"}]},
        "either": {"oneOf": [{"$ref": "#/$defs/Part"}, {"type": "object", "properties": {"text": {"type": "string"}}}]},
        "scale": {"anyOf": [{"type": "number"}, {"type": "integer"}], "maximum": 100},
    },
    "required": ["ocid", "grade", "note", "part", "parts", "points", "amount"],
}


def changed(*path: str, to: Any) -> dict[str, Any]:
    """Return the published schema with one place set anew, or without it."""
    schema = copy.deepcopy(PUBLISHED)
    place: Any = schema
    for step in path[:-1]:
        place = place[step]
    if to is None:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return schema


REQUIRED = PUBLISHED["required"]
# What a reference leads to, as it is written in a sentence.
PART = '{"properties": {"n": {"minimum": 0, "type": "integer"}}, "required": ["n"], "type": "object"}'
TEXT = '{"type": "string"}'
BREAKS = {
    "property removed": (changed("properties", "extra", to=None), "/extra: the property is removed"),
    "property newly required": (changed("required", to=[*REQUIRED, "extra"]), "/extra: the property is newly required"),
    "property may be absent": (
        changed("required", to=REQUIRED[1:]),
        "/ocid: the property may be absent, and readers of the published schema require it",
    ),
    "type changed": (
        changed("properties", "ocid", "type", to="integer"),
        "/ocid: string is not accepted any more",
    ),
    "null refused": (changed("properties", "note", to={"type": "string"}), "/note: null is not accepted any more"),
    "null allowed": (
        changed("properties", "extra", to={"anyOf": [{"type": "string"}, {"type": "null"}]}),
        "/extra: null is new, and readers of the published schema refuse it",
    ),
    "value removed": (changed("properties", "grade", "enum", to=["A"]), '/grade: the value "B" is removed'),
    "value added": (
        changed("properties", "grade", "enum", to=["A", "B", "C"]),
        '/grade: the value "C" is new, and readers of the published schema refuse it',
    ),
    "values listed": (
        changed("properties", "extra", to={"type": "string", "enum": ["x"]}),
        "/extra: a list of values is new",
    ),
    "values no longer listed": (changed("properties", "grade", to={}), "/grade: the list of values is gone"),
    "length narrowed": (
        changed("properties", "ocid", "maxLength", to=100),
        "/ocid: maxLength was 200 and is 100",
    ),
    "length widened": (
        changed("properties", "ocid", "maxLength", to=300),
        "/ocid: maxLength was 200 and is 300",
    ),
    "length no longer bounded": (
        changed("properties", "ocid", "maxLength", to=None),
        "/ocid: maxLength was 200 and is null",
    ),
    "least length raised": (
        changed("properties", "digest", "minLength", to=65),
        "/digest: minLength was 64 and is 65",
    ),
    "pattern changed": (
        changed("properties", "digest", "pattern", to="^[0-9A-F]{64}$"),
        '/digest: pattern was "^[0-9a-f]{64}$" and is "^[0-9A-F]{64}$"',
    ),
    "pattern added": (
        changed("properties", "extra", to={"type": "string", "pattern": "^a"}),
        '/extra: pattern was null and is "^a"',
    ),
    "pattern gone": (
        changed("properties", "digest", "pattern", to=None),
        '/digest: pattern was "^[0-9a-f]{64}$" and is null',
    ),
    "one value changed": (changed("properties", "kind", "const", to="kept"), '/kind: the value "held" is removed'),
    "number of items bounded": (
        changed("properties", "parts", "minItems", to=1),
        "/parts: minItems was null and is 1",
    ),
    "number bounded beside its alternatives": (
        changed("properties", "scale", "maximum", to=10),
        "/scale: maximum was 100 and is 10",
    ),
    "integer instead of number": (
        changed("properties", "scale", "anyOf", to=[{"type": "integer"}]),
        "/scale: number is not accepted any more",
    ),
    "format added": (
        changed("properties", "extra", to={"type": "string", "format": "uuid"}),
        '/extra: format was null and is "uuid"',
    ),
    "part behind a reference": (
        changed("$defs", "Part", "properties", "n", "minimum", to=1),
        "/part/n: minimum was 0 and is 1",
    ),
    "part behind a reference in a list": (
        changed("$defs", "Part", "properties", "n", "type", to="string"),
        "/parts/*/n: integer is not accepted any more",
    ),
    "part in a place of a list": (
        changed("$defs", "Part", "properties", "n", "minimum", to=1),
        f"/span: prefixItems was [{PART}, {TEXT}] and is [{PART.replace('0', '1')}, {TEXT}]",
    ),
    "part that is one of several": (
        changed("properties", "either", "oneOf", to=[{"$ref": "#/$defs/Part"}]),
        f'/either: oneOf was [{PART}, {{"properties": {{"text": {TEXT}}}, "type": "object"}}] and is [{PART}]',
    ),
    "reference narrowed where it stands": (
        changed("properties", "part", to={"$ref": "#/$defs/Part", "maxProperties": 1}),
        "/part: maxProperties was null and is 1",
    ),
    "items": (
        changed("properties", "parts", "items", to={"type": "string"}),
        "/parts/*: object is not accepted any more",
    ),
    "members": (
        changed("properties", "points", "additionalProperties", to={"type": "number"}),
        "/points/*: string is not accepted any more",
    ),
    "property added to a closed object": (
        changed("properties", "amount", "properties", "scale", to={"type": "integer"}),
        "/amount/scale: the property is new, and readers of the published schema refuse it",
    ),
    "property added beside typed members": (
        changed("properties", "points", "properties", to={"total": {"type": "integer"}}),
        "/points/total: the property is new, and readers of the published schema refuse it",
    ),
    "open object closed": (
        changed("additionalProperties", to=False),
        "/: additionalProperties changed",
    ),
    "closed object opened": (
        changed("properties", "amount", "additionalProperties", to=True),
        "/amount: additionalProperties changed",
    ),
    "key": (changed("x-key", to="contract"), "/: x-key changed"),
    "topic": (changed("x-topic", to="award"), "/: x-topic changed"),
    "owner": (changed("x-owner", to="tender"), "/: x-owner changed"),
}


@pytest.mark.parametrize("planted", BREAKS, ids=lambda name: name.replace(" ", "-"))
def test_break_is_named_with_its_place_when_a_schema_changes(planted: str) -> None:
    schema, line = BREAKS[planted]
    assert line in breaks(PUBLISHED, schema)


def test_renamed_property_is_both_removed_and_required_when_compared() -> None:
    renamed = changed("properties", "ocid", to=None)
    renamed["properties"]["process"] = {"type": "string"}
    renamed["required"] = ["process", *REQUIRED[1:]]
    assert breaks(PUBLISHED, renamed) == [
        "/ocid: the property is removed",
        "/process: the property is newly required",
    ]


def test_nothing_breaks_when_only_words_and_optional_properties_are_added() -> None:
    described = changed("properties", "added", to={"type": "string"})
    described["description"] = "Said better."
    described["properties"]["ocid"]["title"] = "Process"
    described["properties"]["extra"] = {"type": "string", "default": "none"}
    described["properties"]["scale"]["description"] = "From 0."
    described["properties"]["part"] = {"$ref": "#/$defs/Part", "description": "A part."}
    described["$defs"]["Part"]["properties"]["n"]["title"] = "Number"
    assert breaks(PUBLISHED, described) == []


def test_nothing_breaks_when_a_part_is_renamed_or_written_in_place() -> None:
    inlined = changed("properties", "part", to=copy.deepcopy(PUBLISHED["$defs"]["Part"]))
    inlined["$defs"]["Piece"] = inlined["$defs"].pop("Part")
    for name, keyword in (("span", "prefixItems"), ("either", "oneOf")):
        inlined["properties"][name][keyword][0] = {"$ref": "#/$defs/Piece"}
    inlined["properties"]["parts"]["items"] = {"$ref": "#/$defs/Piece"}
    assert breaks(PUBLISHED, inlined) == []


def test_alternatives_of_one_type_are_compared_when_there_are_several() -> None:
    two = {"anyOf": [{"type": "string", "format": "uuid"}, {"type": "string", "format": "date"}]}
    old = changed("properties", "extra", to=two)
    new = changed("properties", "extra", to={"anyOf": [two["anyOf"][0], {"type": "string", "format": "time"}]})
    assert breaks(old, new) == [
        '/extra: string {"format": "date", "type": "string"} is not accepted any more',
        '/extra: string {"format": "time", "type": "string"} is new, and readers of the published schema refuse it',
    ]
    assert breaks(old, copy.deepcopy(old)) == []


def test_a_schema_that_refers_to_itself_is_compared_when_it_stands_behind_another_keyword() -> None:
    tree = {"type": "object", "properties": {"title": {"type": "string"}, "left": {"$ref": "#/$defs/Tree"}}}
    schema = {"$defs": {"Tree": tree}, "properties": {"trees": {"prefixItems": [{"$ref": "#/$defs/Tree"}]}}}
    assert breaks(schema, copy.deepcopy(schema)) == []
    # A property that is called like an annotation is a property.
    other = copy.deepcopy(schema)
    del other["$defs"]["Tree"]["properties"]["title"]
    assert [line.partition(" was ")[0] for line in breaks(schema, other)] == ["/trees: prefixItems"]


@pytest.mark.parametrize("event_type", sorted(catalogue.event_types()))
def test_every_schema_follows_itself_when_nothing_changed(event_type: str) -> None:
    schema = catalogue.schema(event_type)
    assert breaks(schema, schema) == []


@pytest.mark.parametrize("event_type", sorted(catalogue.event_types()))
def test_every_property_is_guarded_when_it_is_taken_from_a_published_schema(event_type: str) -> None:
    published = catalogue.schema(event_type)
    for name in published["properties"]:
        without = {**published, "properties": {k: v for k, v in published["properties"].items() if k != name}}
        assert f"/{name}: the property is removed" in breaks(published, without)
