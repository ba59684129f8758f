from typing import Any

import pytest

from portal.api.forms import WRITTEN_FORMS, Form, form_of
from portal.api.links import event_type_page
from portal.api.reference import read, reference
from portal.api.rendering import _environment, code
from shared.contracts import asyncapi, catalogue

PART = {"$ref": "#/components/schemas/Lot"}
TEXT = {"type": "string"}


@pytest.mark.parametrize(
    ("schema", "form"),
    [
        (TEXT, Form("", "text", None, "")),
        ({"type": "string", "format": "uuid", "title": "Id", "description": "Its id."}, Form("", "UUID", None, "")),
        ({"type": "boolean", "default": False}, Form("", "true or false", None, "")),
        (PART, Form("", "Lot", "Lot", "")),
        ({"allOf": [PART], "description": "The lot."}, Form("", "Lot", "Lot", "")),
        ({"anyOf": [PART, {"type": "null"}]}, Form("", "Lot", "Lot", " or null")),
        ({"type": "array", "items": PART}, Form("list of ", "Lot", "Lot", "")),
        ({"type": "array", "items": {"anyOf": [TEXT, {"type": "null"}]}}, Form("list of ", "text", None, " or null")),
        ({"type": "object", "additionalProperties": TEXT}, Form("object, each member ", "text", None, "")),
        ({"type": "object", "additionalProperties": True}, Form("", "object", None, "")),
        ({"type": "integer", "minimum": 1, "maximum": 9}, Form("", "integer, at least 1, at most 9", None, "")),
        ({"type": "string", "pattern": "^a$"}, Form("", "text, matching `^a$`", None, "")),
    ],
)
def test_a_form_is_told_in_words(schema: dict[str, Any], form: Form) -> None:
    assert form_of(schema) == form


def test_every_written_form_is_recognised_when_a_field_has_it() -> None:
    assert [form_of(form.schema).name for form in WRITTEN_FORMS] == [form.name for form in WRITTEN_FORMS]


def test_every_topic_type_and_part_is_in_the_reference() -> None:
    language = reference()

    assert [topic.name for topic in language.topics] == [
        topic for topic in catalogue.TOPICS if any(name.startswith(f"{topic}.") for name in catalogue.event_types())
    ]
    assert {kind.name: kind.key for topic in language.topics for kind in topic.types} == {
        name: model.KEY for name, model in catalogue.event_types().items()
    }
    linked = {
        field.form.part
        for form in (*(kind for topic in language.topics for kind in topic.types), *language.parts)
        for field in form.fields
    }
    assert linked - {None} == {part.name for part in language.parts}


def test_a_field_may_be_absent_when_its_schema_says_so() -> None:
    document = asyncapi.document()
    document["components"]["schemas"]["tender.cancelled.v1"]["required"].remove("reason")
    language = read(document)

    cancelled = next(kind for topic in language.topics for kind in topic.types if kind.name == "tender.cancelled.v1")
    assert {field.name: field.required for field in cancelled.fields} == {
        "ocid": True,
        "tender": True,
        "reason": False,
        "ground": False,
    }


def test_every_field_may_be_absent_when_a_schema_requires_none() -> None:
    document = asyncapi.document()
    del document["components"]["schemas"]["tender.cancelled.v1"]["required"]
    kinds = [kind for topic in read(document).topics for kind in topic.types if kind.name == "tender.cancelled.v1"]
    assert [field.required for kind in kinds for field in kind.fields] == [False] * 4


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Of `a` and `b`.", "Of <code>a</code> and <code>b</code>."),
        ("`<b>` & more", "<code>&lt;b&gt;</code> &amp; more"),
        ("None.", "None."),
        ("", ""),
    ],
)
def test_what_stands_between_backquotes_is_shown_as_code(text: str, shown: str) -> None:
    made = _environment.from_string("{{ text | code }}").render(text=text)
    assert made == code(text) == shown


def test_only_a_type_of_the_published_language_is_linked() -> None:
    template = _environment.from_string(
        '{% set root = "/public" %}{% import "macros.html" as show with context %}{{ show.event_type(name) }}'
    )

    assert event_type_page("tender.published.v1") == "/events#tender.published.v1"
    assert event_type_page("tender.published.v9") is None
    assert template.render(name="tender.opened.v1") == (
        '<a href="/public/events#tender.opened.v1"><code>tender.opened.v1</code></a>'
    )
    assert template.render(name="<b>") == "<code>&lt;b&gt;</code>"
