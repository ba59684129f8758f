"""The AsyncAPI document: valid by the official schema, and what is really sent is as it says."""

import copy
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker

from shared.contracts import asyncapi, attributes, catalogue, glossary, guarantees
from shared.contracts.event import Event
from shared.kernel.ids import new_id
from shared.platform.kafka import messages

ROOT = Path(__file__).parents[2]
OFFICIAL = Draft7Validator(json.loads((ROOT / "shared/tests/data/asyncapi/3.0.0.json").read_text("utf-8")))
DOCUMENT = asyncapi.document()
EXAMPLES = list(catalogue.golden_examples())
TYPES = catalogue.event_types()
TOPICS = {name: channel for name, channel in DOCUMENT["channels"].items() if "kafka" in channel.get("bindings", {})}
# CloudEvents 1.0 in the binary mode of the Kafka protocol binding; the extensions are ours.
ALWAYS = {
    "content-type", "ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "ce_dataschema",
    "ce_partitionkey", "ce_sequence", "ce_position", "ce_sandbox",
}  # fmt: skip
SOMETIMES = {"ce_predecessor", "ce_traceparent", "traceparent"}
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


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


def validator(schema: Any) -> Draft202012Validator:
    """Validate with a part of the document."""
    return Draft202012Validator({**schema, "components": DOCUMENT["components"]}, format_checker=FormatChecker())


def headers_of(message: Any) -> Draft202012Validator:
    return validator(resolved(message["traits"][0]["$ref"])["headers"])


def event(event_type: str, data: Any, **changed: Any) -> Event:
    """Put an example on its way."""
    told: dict[str, Any] = {
        "id": new_id(),
        "source": f"/{TYPES[event_type].OWNER}",
        "type": event_type,
        "subject": str(new_id()),
        "time": datetime(2026, 3, 2, tzinfo=UTC),
        "dataschema": f"urn:coxswain:event:{event_type}",
        "partitionkey": catalogue.read(event_type, data).key(),
        "sequence": "0000000001",
        "position": 1,
        "predecessor": 0,
        "data": data,
    }
    return Event(**(told | changed))


def sent(one: Event) -> dict[str, str]:
    """Return the headers that an event really travels with."""
    return {name: value.decode() for name, value in messages.encode(one).headers}


def test_document_is_valid_by_the_official_schema() -> None:
    assert [(error.json_path, error.message) for error in OFFICIAL.iter_errors(DOCUMENT)] == []


PLANTED: dict[str, Callable[[Any], Any]] = {
    "no title": lambda document: document["info"].pop("title"),
    "unknown member": lambda document: document.update(topics={}),
    "unknown member of a channel": lambda document: document["channels"]["tender"].update(owner="tender"),
    "action": lambda document: document["operations"]["send-tender"].update(action="publish"),
    "partitions": lambda document: document["channels"]["tender"]["bindings"]["kafka"].update(partitions=0),
    "query": lambda document: document["operations"]["send-feed"]["bindings"]["http"].update(query={"type": "none"}),
    "example": lambda document: document["components"]["messages"]["tender.opened.v1"]["examples"].append(
        {"name": "x"}
    ),
    "server": lambda document: document["servers"]["kafka"].pop("host"),
    "headers": lambda document: document["components"]["messageTraits"]["cloud-event"]["headers"].update(type="text"),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_official_schema_refuses_it_when_a_mistake_is_planted(planted: str) -> None:
    document = copy.deepcopy(DOCUMENT)
    PLANTED[planted](document)
    assert not OFFICIAL.is_valid(document)


def test_every_reference_leads_somewhere_when_the_document_is_followed() -> None:
    found = set(references(DOCUMENT))
    assert found
    for reference in found:
        assert isinstance(resolved(reference), dict)


def test_operation_names_messages_of_its_own_channel_when_it_is_read() -> None:
    for operation in DOCUMENT["operations"].values():
        assert {reference["$ref"].rpartition("/")[0] for reference in operation["messages"]} == {
            f"{operation['channel']['$ref']}/messages"
        }


def test_every_type_is_sent_once_by_its_owner_when_the_document_is_read() -> None:
    told = {
        name: (operation["tags"][0]["name"], channel["address"], channel["bindings"]["kafka"]["topic"])
        for operation in DOCUMENT["operations"].values()
        for channel in [resolved(operation["channel"]["$ref"])]
        if channel in TOPICS.values()
        for name in channel["messages"]
    }
    assert told == {name: (model.OWNER, model.topic(), model.topic()) for name, model in TYPES.items()}


def test_topic_is_on_kafka_and_feed_on_http_when_servers_are_looked_up() -> None:
    on_http = {
        name for name, channel in DOCUMENT["channels"].items() if channel["servers"] == [{"$ref": "#/servers/feed"}]
    }
    on_kafka = {
        name for name, channel in DOCUMENT["channels"].items() if channel["servers"] == [{"$ref": "#/servers/kafka"}]
    }
    assert on_http == {"feed", "stream"}
    assert on_kafka == set(TOPICS) == {"tender", "award", "contract", "budget", "inspection", "audit", "provider"}


def test_headers_are_those_of_the_binary_mode_when_they_are_described() -> None:
    headers = DOCUMENT["components"]["messageTraits"]["cloud-event"]["headers"]
    assert set(headers["required"]) == ALWAYS
    assert set(headers["properties"]) == ALWAYS | SOMETIMES
    # A header is bytes, and these are text; nothing of it is a number.
    assert {schema["type"] for schema in headers["properties"].values()} == {"string"}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example[0]}/{example[1]}")
def test_message_is_as_the_document_says_when_an_example_is_sent(example: tuple[str, str, Any]) -> None:
    event_type, _, data = example
    one = event(event_type, data, sandbox=True, traceparent=TRACE)
    message = DOCUMENT["components"]["messages"][event_type]
    headers = sent(one)
    assert set(headers) == ALWAYS | SOMETIMES
    assert headers["ce_sandbox"] == "true"
    assert headers == attributes.kafka_headers(one)
    headers_of(message).validate(headers)
    validator(message["payload"]).validate(json.loads(messages.encode(one).value))
    written = one.model_dump(mode="json", exclude_none=True)
    validator(DOCUMENT["components"]["messages"]["event-batch"]["payload"]).validate([written])
    validator(DOCUMENT["components"]["messages"]["streamed-event"]["payload"]).validate(written)


def test_what_is_missing_may_be_missing_when_an_event_has_no_trace_and_no_predecessor() -> None:
    event_type, _, data = EXAMPLES[0]
    headers = sent(event(event_type, data, predecessor=None))
    assert set(headers) == ALWAYS
    headers_of(DOCUMENT["components"]["messages"][event_type]).validate(headers)


@pytest.mark.parametrize("name", sorted(ALWAYS))
def test_message_is_not_as_the_document_says_when_a_header_is_missing_or_odd(name: str) -> None:
    event_type, _, data = EXAMPLES[0]
    headers = sent(event(event_type, data))
    allowed = headers_of(DOCUMENT["components"]["messages"][event_type])
    assert not allowed.is_valid({key: value for key, value in headers.items() if key != name})
    assert not allowed.is_valid({**headers, name: 1})


@pytest.mark.parametrize("event_type", TYPES)
def test_every_golden_example_is_shown_as_it_would_be_sent(event_type: str) -> None:
    message = DOCUMENT["components"]["messages"][event_type]
    golden = {name.removesuffix(".json"): data for kind, name, data in EXAMPLES if kind == event_type}
    assert {example["name"]: example["payload"] for example in message["examples"]} == golden
    for example in message["examples"]:
        headers_of(message).validate(example["headers"])
        validator(message["payload"]).validate(example["payload"])
        assert example["headers"]["ce_type"] == event_type
        assert example["headers"]["ce_partitionkey"] == catalogue.read(event_type, example["payload"]).key()


def test_no_two_examples_are_one_event_when_they_are_shown() -> None:
    ids = [
        example["headers"]["ce_id"]
        for name in TYPES
        for example in DOCUMENT["components"]["messages"][name]["examples"]
    ]
    assert len(set(ids)) == len(ids) == len(EXAMPLES)


def test_example_in_a_feed_is_the_one_on_the_topic_when_both_are_shown() -> None:
    shown = DOCUMENT["components"]["messages"]
    (batch,) = shown["event-batch"]["examples"]
    (written,) = batch["payload"]
    validator(shown["event-batch"]["payload"]).validate([written])
    same = next(example for example in shown[written["type"]]["examples"] if example["name"] == batch["name"])
    assert written["data"] == same["payload"]
    assert {written["id"], str(written["position"])} < set(same["headers"].values())


def test_subject_is_the_aggregate_when_the_data_name_it() -> None:
    shown = {name: DOCUMENT["components"]["messages"][name]["examples"][0] for name in TYPES}
    for event_type, field in {
        "tender.planned.v1": "plan",
        "tender.published.v1": "tender",
        "award.confirmed.v1": "tender",
        "contract.signed.v1": "contract",
        "budget.appropriated.v1": "line",
    }.items():
        assert shown[event_type]["headers"]["ce_subject"] == shown[event_type]["payload"][field]


def test_every_field_has_a_meaning_and_every_meaning_a_field() -> None:
    schemas = {name: schema for name, schema in DOCUMENT["components"]["schemas"].items() if name != "CloudEvent"}
    fields = {(form, field) for form, schema in schemas.items() for field in schema["properties"]}
    assert {(form, field) for form, field in fields if "description" not in schemas[form]["properties"][field]} == set()
    particular = {key for key in glossary.explained() if isinstance(key, tuple)}
    assert particular <= fields
    general = {key for key in glossary.explained() if isinstance(key, str)}
    assert general == {field for form, field in fields if (form, field) not in particular}


def test_every_attribute_has_a_meaning_and_every_meaning_an_attribute() -> None:
    assert set(attributes.MEANINGS) == set(Event.model_fields) - {"data"}


def test_field_keeps_the_schema_of_its_part_when_its_meaning_stands_beside() -> None:
    buyer = DOCUMENT["components"]["schemas"]["tender.published.v1"]["properties"]["buyer"]
    assert buyer == {
        "allOf": [{"$ref": "#/components/schemas/Organisation"}],
        "description": glossary.meaning("tender.published.v1", "buyer"),
    }


def test_query_of_a_feed_is_the_one_the_services_read() -> None:
    paths = json.loads((ROOT / "docs/api/openapi-tender.json").read_text("utf-8"))["paths"]
    for operation in ("send-feed", "send-stream"):
        told = DOCUMENT["operations"][operation]
        served = paths[resolved(told["channel"]["$ref"])["address"]][told["bindings"]["http"]["method"].lower()]
        query = {one["name"]: one["schema"] for one in served["parameters"] if one["in"] == "query"}
        properties = told["bindings"]["http"]["query"]["properties"]
        assert set(properties) == set(query)
        for name, schema in properties.items():
            for keyword in ("type", "minimum", "maximum", "default"):
                assert schema.get(keyword) == (query[name] | query[name].get("anyOf", [{}])[0]).get(keyword)


def test_description_tells_every_guarantee() -> None:
    description = DOCUMENT["info"]["description"]
    for guarantee in guarantees.GUARANTEES:
        assert f"## {guarantee.title}\n\n{guarantee.text}" in description
    for word in (
        "partitionkey",
        "predecessor",
        "sequence",
        "position",
        "At least once",
        "transitive",
        "1,000,000 bytes",
    ):
        assert word in description


def test_topic_is_described_as_it_is_made() -> None:
    declared = yaml.safe_load((ROOT / "deploy/kafka/topics.yaml").read_text("utf-8"))["topics"]
    made = {topic["name"]: topic for topic in declared}
    assert set(TOPICS) <= set(made)
    for name, channel in TOPICS.items():
        told, config = channel["bindings"]["kafka"], made[name]["config"]
        assert (told["partitions"], told["replicas"]) == (made[name]["partitions"], made[name]["replication_factor"])
        assert told["topicConfiguration"]["cleanup.policy"] == [config["cleanup.policy"]]
        for keyword in ("retention.ms", "max.message.bytes"):
            assert told["topicConfiguration"][keyword] == config[keyword]
