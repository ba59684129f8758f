"""The published language: models, schemas and examples say the same, and readers of older schemas come along."""

import copy
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from shared.contracts import __main__ as command
from shared.contracts import catalogue

EXAMPLES = list(catalogue.golden_examples())


def test_published_files_are_what_the_models_say() -> None:
    assert list(command.stale_files()) == []


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example[0]}/{example[1]}")
def test_example_is_accepted_and_kept_when_it_is_read_and_written(example: tuple[str, str, Any]) -> None:
    assert list(command.bad_examples([example])) == []


def test_every_event_type_is_shown_when_examples_are_shipped() -> None:
    assert list(command.missing_examples(EXAMPLES)) == []


@pytest.mark.parametrize("event_type", catalogue.event_types())
def test_schema_is_json_schema_when_it_is_published(event_type: str) -> None:
    schema = catalogue.published_schema(event_type)
    Draft202012Validator.check_schema(schema)
    assert schema["title"] == event_type
    assert schema["x-owner"] == catalogue.TOPICS[schema["x-topic"]]
    assert schema["x-key"] in schema["required"]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example[0]}/{example[1]}")
def test_unknown_fields_are_ignored_when_a_later_producer_adds_them(example: tuple[str, str, Any]) -> None:
    event_type, _, data = example
    later = {**data, "added_later": {"anything": 1}}
    assert catalogue.read(event_type, later) == catalogue.read(event_type, data)
    assert Draft202012Validator(catalogue.schema(event_type)).is_valid(later)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example[0]}/{example[1]}")
def test_example_is_refused_when_any_field_is_taken_away(example: tuple[str, str, Any]) -> None:
    event_type, name, data = example
    for field in catalogue.schema(event_type)["required"]:
        without = {key: value for key, value in data.items() if key != field}
        assert list(command.bad_examples([(event_type, name, without)]))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example[0]}/{example[1]}")
def test_reader_of_a_published_schema_reads_what_is_written_today(example: tuple[str, str, Any]) -> None:
    event_type, _, _ = example
    published = {event_type: [catalogue.published_schema(event_type)]}
    assert list(command.unreadable_outputs(published, [example])) == []


def test_refused_place_is_named_when_a_reader_of_a_published_schema_is_stricter() -> None:
    event_type, name, data = EXAMPLES[0]
    stricter = copy.deepcopy(catalogue.published_schema(event_type))
    stricter["properties"]["ocid"] = {"type": "string", "maxLength": 3}
    published = {event_type: [catalogue.published_schema(event_type), stricter]}
    found = list(command.unreadable_outputs(published, [(event_type, name, data)]))
    assert [line.rpartition(": ")[0] for line in found] == [
        f"examples/{event_type}/{name}: a reader of a published schema refuses $.ocid"
    ]
