"""Tells whether a schema may follow a published one: no event ever written, and no reader ever written, is left behind.

Compatibility is full: new readers read old events and old readers read new ones. It is transitive where a schema is
compared with every version published before it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]

_DEFINITIONS = "#/$defs/"
_ROUTING = ("x-topic", "x-owner", "x-key")
_STRUCTURE = frozenset(
    {"type", "anyOf", "properties", "required", "items", "additionalProperties", "enum", "const", "$ref", "$defs"}
)
_ANNOTATIONS = frozenset(
    {"$schema", "$id", "$comment", "title", "description", "default", "examples", "deprecated", *_ROUTING}
)


def breaks(old: Schema, new: Schema) -> list[str]:
    """Return a sentence for each place where the new schema breaks with the old one.

    Shape: every sentence begins with the place as a JSON Pointer into an event's data; `*` is any item or member.
    """
    routing = [f"/: {name} changed" for name in _ROUTING if old.get(name) != new.get(name)]
    return [*routing, *_compare("", _Part(old, old), _Part(new, new))]


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a schema, with the root that its references point into."""

    schema: Schema
    root: Schema

    def part(self, schema: Schema) -> "_Part":
        """Return a part of this part, found behind its references."""
        while "$ref" in schema:
            beside = {keyword: value for keyword, value in schema.items() if keyword != "$ref"}
            schema = {**self.root["$defs"][schema["$ref"].removeprefix(_DEFINITIONS)], **beside}
        return _Part(schema, self.root)

    def kinds(self) -> dict[str, "_Part"]:
        """Return what is accepted by JSON type; `any` where the schema says nothing of types."""
        if "anyOf" not in self.schema:
            types = self.schema.get("type", "any")
            return dict.fromkeys([types] if isinstance(types, str) else types, self)
        accepted: dict[str, _Part] = {}
        common = {keyword: value for keyword, value in self.schema.items() if keyword not in {"anyOf", *_ANNOTATIONS}}
        for alternative in self.schema["anyOf"]:
            for kind, part in self.part({**common, **alternative}).kinds().items():
                # Alternatives of one type are told apart by their content, so that each is compared by itself.
                accepted[kind if kind not in accepted else f"{kind} {part.content(part.schema)}"] = part
        return accepted

    def content(self, value: Any) -> str:
        """Write a value of this part with what it refers to, and without what is said for people."""
        return _canonical(_followed(value, self.root, ()))


def _compare(place: str, old: _Part, new: _Part) -> Iterator[str]:
    before, after = old.kinds(), new.kinds()
    for kind in sorted(before.keys() - after.keys()):
        yield f"{place or '/'}: {kind} is not accepted any more"
    for kind in sorted(after.keys() - before.keys()):
        yield f"{place or '/'}: {kind} is new, and readers of the published schema refuse it"
    for kind in sorted(before.keys() & after.keys()):
        yield from _compare_kind(place, before[kind], after[kind])


def _compare_kind(place: str, old: _Part, new: _Part) -> Iterator[str]:
    yield from _compare_values(place, old.schema, new.schema)
    for keyword in sorted((old.schema.keys() | new.schema.keys()) - _STRUCTURE - _ANNOTATIONS):
        before, after = old.content(old.schema.get(keyword)), new.content(new.schema.get(keyword))
        if before != after:
            yield f"{place or '/'}: {keyword} was {before} and is {after}"
    yield from _compare_properties(place, old, new)
    for keyword in ("items", "additionalProperties"):
        yield from _compare_members(place, keyword, old, new)


def _compare_values(place: str, old: Schema, new: Schema) -> Iterator[str]:
    before, after = _values(old), _values(new)
    if before is None or after is None:
        if before is not after:
            yield f"{place or '/'}: {'a list of values is new' if before is None else 'the list of values is gone'}"
        return
    for value in sorted(before - after):
        yield f"{place or '/'}: the value {value} is removed"
    for value in sorted(after - before):
        yield f"{place or '/'}: the value {value} is new, and readers of the published schema refuse it"


def _values(schema: Schema) -> frozenset[str] | None:
    if "const" in schema:
        return frozenset({_canonical(schema["const"])})
    return frozenset(map(_canonical, schema["enum"])) if "enum" in schema else None


def _compare_properties(place: str, old: _Part, new: _Part) -> Iterator[str]:
    before, after = old.schema.get("properties", {}), new.schema.get("properties", {})
    required_before, required_after = set(old.schema.get("required", ())), set(new.schema.get("required", ()))
    for name in sorted(before.keys() - after.keys()):
        yield f"{place}/{name}: the property is removed"
    if old.schema.get("additionalProperties", True) is not True:
        for name in sorted(after.keys() - before.keys()):
            yield f"{place}/{name}: the property is new, and readers of the published schema refuse it"
    for name in sorted(required_after - required_before):
        yield f"{place}/{name}: the property is newly required"
    for name in sorted((required_before - required_after) & after.keys()):
        yield f"{place}/{name}: the property may be absent, and readers of the published schema require it"
    for name in sorted(before.keys() & after.keys()):
        yield from _compare(f"{place}/{name}", old.part(before[name]), new.part(after[name]))


def _compare_members(place: str, keyword: str, old: _Part, new: _Part) -> Iterator[str]:
    before, after = old.schema.get(keyword, True), new.schema.get(keyword, True)
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _compare(f"{place}/*", old.part(before), new.part(after))
    elif before != after:
        yield f"{place or '/'}: {keyword} changed"


def _followed(value: Any, root: Schema, within: tuple[str, ...]) -> Any:
    """Put what a schema refers to in the place of its references; what refers to itself is followed once."""
    if isinstance(value, list):
        return [_followed(item, root, within) for item in value]
    if not isinstance(value, Mapping):
        return value
    reference = value.get("$ref")
    if isinstance(reference, str) and reference not in within:
        target = root["$defs"][reference.removeprefix(_DEFINITIONS)]
        beside = {keyword: inner for keyword, inner in value.items() if keyword != "$ref"}
        return _followed({**target, **beside}, root, (*within, reference))
    return {
        keyword: {name: _followed(inner, root, within) for name, inner in schema.items()}
        if keyword == "properties"
        else _followed(schema, root, within)
        for keyword, schema in value.items()
        if keyword not in _ANNOTATIONS
    }


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
