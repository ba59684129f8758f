"""The published language: models, schemas, examples and the AsyncAPI document say the same."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from shared.contracts import __main__ as command
from shared.contracts import asyncapi, catalogue
from shared.contracts.event import Event
from shared.kernel.ids import new_id

EXAMPLES = list(catalogue.golden_examples())
DOCUMENT = asyncapi.document()


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
def test_event_is_as_the_document_describes_when_an_example_travels(example: tuple[str, str, Any]) -> None:
    event_type, _, data = example
    event = Event(
        id=new_id(),
        source="/x",
        type=event_type,
        subject="1",
        time=datetime(2026, 3, 2, tzinfo=UTC),
        dataschema=f"urn:coxswain:event:{event_type}",
        partitionkey=catalogue.read(event_type, data).key(),
        sequence="0000000001",
        position=1,
        data=data,
    ).model_dump(mode="json", exclude_none=True)
    message = DOCUMENT["components"]["messages"][event_type]
    headers = resolved(message["traits"][0]["$ref"])["headers"]
    Draft202012Validator(headers).validate({name: value for name, value in event.items() if name != "data"})
    Draft202012Validator({**message["payload"], "components": DOCUMENT["components"]}).validate(event["data"])


def references(value: Any) -> Iterator[str]:
    """Yield every reference in a document."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for member in value.values():
            yield from references(member)
    elif isinstance(value, list):
        for member in value:
            yield from references(member)


def resolved(reference: str) -> Any:
    """Follow a reference into the document."""
    assert reference.startswith("#/")
    place: Any = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        place = place[step.replace("~1", "/").replace("~0", "~")]
    return place


def test_every_reference_leads_somewhere_when_the_document_is_followed() -> None:
    found = set(references(DOCUMENT))
    assert found
    for reference in found:
        assert isinstance(resolved(reference), dict)


def test_document_has_the_members_that_asyncapi_asks_for() -> None:
    # AsyncAPI 3.0.0: "asyncapi" and "info" with "title" and "version" are required; no member beside these exists.
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= set(DOCUMENT["info"])
    assert set(DOCUMENT) == {"asyncapi", "id", "info", "defaultContentType", "channels", "operations", "components"}
    for operation in DOCUMENT["operations"].values():
        assert operation["action"] == "send"
        assert resolved(operation["channel"]["$ref"])
        # Its messages are references into its own channel, not into the components.
        assert {reference["$ref"].rpartition("/")[0] for reference in operation["messages"]} == {
            f"{operation['channel']['$ref']}/messages"
        }


def test_every_type_is_sent_once_by_its_owner_when_the_document_is_read() -> None:
    sent = {
        name: (operation["tags"][0]["name"], channel["address"])
        for operation in DOCUMENT["operations"].values()
        for channel in [resolved(operation["channel"]["$ref"])]
        for name in channel["messages"]
    }
    assert sent == {name: (model.OWNER, model.topic()) for name, model in catalogue.event_types().items()}


def test_cloudevents_attributes_are_described_when_the_document_is_read() -> None:
    headers = DOCUMENT["components"]["messageTraits"]["cloud-event"]["headers"]
    # CloudEvents 1.0, required context attributes.
    assert {"id", "source", "specversion", "type"} <= set(headers["required"])
    assert set(headers["properties"]) == set(Event.model_fields) - {"data"}
