"""How the values of events are written, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from shared.contracts.fields import Amount, DecimalText, Instant, LongText, OrganisationId, Sha256, ShortText

_ANNOTATIONS = frozenset({"title", "description", "default"})
_LIMITS = {"minimum": "at least {}", "maximum": "at most {}", "pattern": "matching `{}`"}


@dataclass(frozen=True, slots=True)
class WrittenForm:
    """A form that many fields have; what stands between backquotes is code."""

    name: str
    explained: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Form:
    """The form of one field: `part` names the part that it is made of, if it is one, and the words stand around it."""

    before: str
    name: str
    part: str | None
    after: str


def _written(name: str, kind: Any, explained: str) -> WrittenForm:
    return WrittenForm(name, explained, _without_annotations(TypeAdapter(kind).json_schema(mode="validation")))


def _without_annotations(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {keyword: value for keyword, value in schema.items() if keyword not in _ANNOTATIONS}


WRITTEN_FORMS = (
    _written("money", Amount, 'An exact amount and its currency (ISO 4217): `{"amount": "12.50", "currency": "EUR"}`.'),
    _written("decimal", DecimalText, "An exact number as text, so that no digit is lost: `12.50`."),
    _written("instant", Instant, "RFC 3339 in UTC, to the microsecond: `2026-03-02T09:12:31.125000Z`."),
    _written("date", date, "A day without a time: `2026-03-02`."),
    _written("UUID", UUID, "RFC 9562, in lower case: `0197c39e-11d0-7b44-9f01-000000000001`."),
    _written("SHA-256", Sha256, "64 hexadecimal digits in lower case."),
    _written("organisation id", OrganisationId, "Up to 80 letters, digits, dots, colons, `_` and `-`."),
    _written("short text", ShortText, "1 to 200 characters."),
    _written("long text", LongText, "1 to 5,000 characters."),
    _written("text", str, "Text of any length."),
    _written("integer", int, "A JSON number without a fraction."),
    _written("true or false", bool, "A JSON truth value."),
)


def form_of(schema: Mapping[str, Any]) -> Form:
    """Say in words what a field's schema asks for; null is said last, and a list before what it is a list of."""
    match schema:
        case {"anyOf": [one, {"type": "null"}]}:
            form = form_of(one)
            return Form(form.before, form.name, form.part, f"{form.after} or null")
        case {"allOf": [one]}:
            return form_of(one)
        case {"$ref": str(reference)}:
            part = reference.rpartition("/")[2]
            return Form("", part, part, "")
        case {"type": "array", "items": items}:
            form = form_of(items)
            return Form(f"list of {form.before}", form.name, form.part, form.after)
        case {"type": "object", "additionalProperties": dict(members)} if "properties" not in schema:
            form = form_of(members)
            return Form(f"object, each member {form.before}", form.name, form.part, form.after)
        case _:
            return Form("", *_name(schema), "")


def _name(schema: Mapping[str, Any]) -> tuple[str, None]:
    plain = _without_annotations(schema)
    known = next((form.name for form in WRITTEN_FORMS if form.schema == plain), None)
    if known:
        return known, None
    told = [words.format(plain[keyword]) for keyword, words in _LIMITS.items() if keyword in plain]
    kind = {"string": "text"}.get(plain["type"], plain["type"])
    return ", ".join([kind, *told]), None
