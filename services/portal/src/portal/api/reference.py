"""The published language as its page shows it, from the AsyncAPI document that programs read."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from portal.api.forms import Form, form_of
from shared.contracts import asyncapi, catalogue
from shared.contracts.attributes import MEANINGS, kafka_header
from shared.contracts.guarantees import GUARANTEES, Guarantee

_CLOUD_EVENT = "CloudEvent"


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    form: Form
    required: bool
    meaning: str


@dataclass(frozen=True, slots=True)
class Example:
    """A golden example, written to be read."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class EventType:
    name: str
    told: str
    key: str
    fields: Sequence[Field]
    examples: Sequence[Example]


@dataclass(frozen=True, slots=True)
class Topic:
    name: str
    owner: str
    purpose: str
    partitions: int
    types: Sequence[EventType]


@dataclass(frozen=True, slots=True)
class Part:
    """A form that fields of several event types have."""

    name: str
    told: str
    fields: Sequence[Field]


@dataclass(frozen=True, slots=True)
class Attribute:
    """What stands around the data of every event."""

    name: str
    header: str
    required: bool
    meaning: str


@dataclass(frozen=True, slots=True)
class BothWays:
    """One event as it comes over Kafka and over HTTP."""

    type: str
    headers: str
    value: str
    structured: str


@dataclass(frozen=True, slots=True)
class Reference:
    guarantees: Sequence[Guarantee]
    attributes: Sequence[Attribute]
    both_ways: BothWays
    topics: Sequence[Topic]
    parts: Sequence[Part]


@cache
def reference() -> Reference:
    """Return the language of this version of the product."""
    return read(asyncapi.document())


def read(document: Mapping[str, Any]) -> Reference:
    """Read an AsyncAPI document of ours."""
    messages, schemas = document["components"]["messages"], document["components"]["schemas"]
    topics = [channel for channel in document["channels"].values() if "kafka" in channel.get("bindings", {})]
    return Reference(
        guarantees=GUARANTEES,
        attributes=_attributes(schemas[_CLOUD_EVENT]),
        both_ways=_both_ways(messages),
        topics=[_topic(channel, messages, schemas) for channel in topics],
        parts=[
            Part(name, schema["description"], _fields(schema))
            for name, schema in sorted(schemas.items())
            if name not in messages and name != _CLOUD_EVENT
        ],
    )


def _topic(channel: Mapping[str, Any], messages: Mapping[str, Any], schemas: Mapping[str, Any]) -> Topic:
    return Topic(
        name=channel["address"],
        owner=catalogue.TOPICS[channel["address"]],
        purpose=channel["summary"],
        partitions=channel["bindings"]["kafka"]["partitions"],
        types=[_event_type(messages[name], schemas[name]) for name in channel["messages"]],
    )


def _event_type(message: Mapping[str, Any], schema: Mapping[str, Any]) -> EventType:
    return EventType(
        name=message["name"],
        told=message["description"],
        key=catalogue.event_types()[message["name"]].KEY,
        fields=_fields(schema),
        examples=[Example(example["name"], _json(example["payload"])) for example in message["examples"]],
    )


def _fields(schema: Mapping[str, Any]) -> Sequence[Field]:
    return [
        Field(name, form_of(described), name in schema.get("required", ()), described["description"])
        for name, described in schema["properties"].items()
    ]


def _attributes(cloud_event: Mapping[str, Any]) -> Sequence[Attribute]:
    return [
        Attribute(name, kafka_header(name), name in cloud_event["required"], meaning)
        for name, meaning in MEANINGS.items()
    ]


def _both_ways(messages: Mapping[str, Any]) -> BothWays:
    structured = messages["streamed-event"]["examples"][0]
    name = structured["payload"]["type"]
    binary = next(one for one in messages[name]["examples"] if one["name"] == structured["name"])
    return BothWays(
        type=name,
        headers="\n".join(f"{header}: {value}" for header, value in binary["headers"].items()),
        value=_json(binary["payload"]),
        structured=_json(structured["payload"]),
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
