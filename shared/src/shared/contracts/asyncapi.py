"""The AsyncAPI 3.0 document: every topic, every event type on it with its examples, and the feeds that have them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module
from inspect import cleandoc
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from shared.contracts import catalogue, glossary, http_feed
from shared.contracts.attributes import kafka_headers, kafka_headers_schema
from shared.contracts.event import Event, EventData
from shared.contracts.guarantees import GUARANTEES, LARGEST_MESSAGE, PARTITIONS, REPLICAS, RETENTION_MS
from shared.kernel.ids import derived_id

Document = dict[str, Any]

_SHOWN_IN_FEEDS = "tender.published.v1"
_COMPONENTS = "#/components/schemas/{model}"
_KAFKA_BINDING = "0.5.0"
_INTRODUCTION = "Everything that happens in Coxswain, as public events: CloudEvents 1.0 with data in JSON."
_BOOTSTRAP = {
    "description": "Host and port of any broker, as the operator gives them to partners.",
    "examples": ["broker-1.example.org:9093"],
}
# The field of an event's data that names the aggregate; the other topics' aggregates have ids of their own.
_AGGREGATES = {"tender": "tender", "award": "tender", "contract": "contract"}


def document() -> Document:
    """Describe every published event."""
    types = catalogue.event_types()
    topics = [topic for topic in catalogue.TOPICS if any(model.topic() == topic for model in types.values())]
    examples = _examples()
    return {
        "asyncapi": "3.0.0",
        "id": "urn:coxswain:events",
        "info": {"title": "Coxswain events", "version": "1.0.0", "description": _description()},
        "defaultContentType": "application/json",
        "servers": {"kafka": _kafka(), "feed": http_feed.server()},
        "channels": {topic: _channel(topic, types) for topic in topics} | http_feed.channels(),
        "operations": {f"send-{topic}": _operation(topic, types) for topic in topics} | http_feed.operations(),
        "components": {
            "messages": {name: _message(model, examples[name]) for name, model in types.items()}
            | http_feed.messages(examples[_SHOWN_IN_FEEDS][:1]),
            "messageTraits": {"cloud-event": {"headers": kafka_headers_schema()}},
            "schemas": _schemas(types) | http_feed.schemas(),
        },
    }


def _description() -> str:
    parts = [f"## {guarantee.title}\n\n{guarantee.text}" for guarantee in GUARANTEES]
    return "\n\n".join([_INTRODUCTION, *parts])


def _kafka() -> Document:
    return {
        "host": "{bootstrap}",
        "protocol": "kafka",
        "title": "Apache Kafka",
        "description": "Whether it is entered with TLS and with a name and password is the operator's setting.",
        "variables": {"bootstrap": _BOOTSTRAP},
        "bindings": {"kafka": {"bindingVersion": _KAFKA_BINDING}},
    }


def _channel(topic: str, types: Mapping[str, type[EventData]]) -> Document:
    models = [model for model in types.values() if model.topic() == topic]
    return {
        "address": topic,
        "title": topic.capitalize(),
        "summary": _purpose(models[0]),
        "description": f"Sent by the {catalogue.TOPICS[topic]} service alone.",
        "servers": [{"$ref": "#/servers/kafka"}],
        "messages": {model.TYPE: {"$ref": f"#/components/messages/{model.TYPE}"} for model in models},
        "bindings": {
            "kafka": {
                "topic": topic,
                "partitions": PARTITIONS,
                "replicas": REPLICAS,
                "topicConfiguration": {
                    "cleanup.policy": ["delete"],
                    "retention.ms": RETENTION_MS,
                    "max.message.bytes": LARGEST_MESSAGE,
                },
                "bindingVersion": _KAFKA_BINDING,
            }
        },
    }


def _purpose(model: type[EventData]) -> str:
    """Return what a topic is about, as the module that holds its types says after the topic's name."""
    about = (import_module(model.__module__).__doc__ or "").strip().partition(": ")[2]
    return about[:1].upper() + about[1:]


def _operation(topic: str, types: Mapping[str, type[EventData]]) -> Document:
    return {
        "action": "send",
        "title": f"The {catalogue.TOPICS[topic]} service tells what happened",
        "channel": {"$ref": f"#/channels/{topic}"},
        "messages": [
            {"$ref": f"#/channels/{topic}/messages/{name}"} for name, model in types.items() if model.topic() == topic
        ],
        "tags": [{"name": catalogue.TOPICS[topic]}],
    }


def _message(model: type[EventData], examples: Sequence[tuple[str, Event]]) -> Document:
    told = cleandoc(model.__doc__ or "")
    return {
        "name": model.TYPE,
        "title": model.__name__,
        "summary": told.partition("\n")[0],
        "description": told,
        "contentType": "application/json",
        "traits": [{"$ref": "#/components/messageTraits/cloud-event"}],
        "payload": {"$ref": _COMPONENTS.format(model=model.TYPE)},
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": f"The `{model.KEY}` of the data, in UTF-8."},
                "bindingVersion": _KAFKA_BINDING,
            }
        },
        "examples": [
            {"name": name, "headers": kafka_headers(event), "payload": event.data} for name, event in examples
        ],
    }


def _examples() -> Mapping[str, Sequence[tuple[str, Event]]]:
    """Return every golden example by its event type, under its name and as an event."""
    found: dict[str, list[tuple[str, Event]]] = defaultdict(list)
    for event_type, file, data in catalogue.golden_examples():
        # An example that is none of a type's is not shown; the check of the contracts tells of it.
        with suppress(KeyError, ValidationError):
            name = file.removesuffix(".json")
            found[event_type].append((name, _event(name, catalogue.read(event_type, data), data)))
    return found


def _event(name: str, model: EventData, data: Mapping[str, Any]) -> Event:
    """Put the attributes around an example; what its data do not say is made up, and always the same."""
    return Event(
        id=_made_up_id(model.TYPE, name),
        source=f"/{model.OWNER}",
        type=model.TYPE,
        subject=_aggregate(model),
        time=datetime(2026, 3, 2, 9, 12, 31, 125_000, tzinfo=UTC),
        dataschema=catalogue.schema(model.TYPE)["$id"],
        partitionkey=model.key(),
        sequence="0000000002",
        position=1042,
        predecessor=1037,
        data=dict(data),
    )


def _made_up_id(*parts: str) -> UUID:
    """Make an id that looks like those of events (RFC 9562, version 7)."""
    return UUID(bytes=bytes.fromhex("0190a0000000") + b"\x70\x00" + b"\x80\x00" + derived_id(*parts).bytes[-6:])


def _aggregate(model: EventData) -> str:
    named = getattr(model, _AGGREGATES.get(model.topic(), ""), getattr(model, model.KEY))
    return str(named if isinstance(named, UUID) else derived_id("aggregate", named))


def _schemas(types: Mapping[str, type[EventData]]) -> Document:
    """Return each payload by its event type, and the parts they share by name, with the meaning of every field.

    Raises:
        ValueError: if two different parts have the same name.
    """
    schemas: Document = {}
    for name, model in types.items():
        payload = model.model_json_schema(mode="validation", ref_template=_COMPONENTS)
        for part, schema in {**payload.pop("$defs", {}), name: {**payload, "title": name}}.items():
            explained = _explained(part, schema)
            if schemas.setdefault(part, explained) != explained:
                raise ValueError(f"Two parts of published events are called {part}.")
    return schemas


def _explained(form: str, schema: Document) -> Document:
    properties = {
        # A reference is wrapped, since readers of older drafts overlook what stands beside it.
        name: {**({"allOf": [inner]} if "$ref" in inner else _untitled(inner)), **_meaning(form, name)}
        for name, inner in schema["properties"].items()
    }
    return {**schema, "properties": properties}


def _untitled(schema: Document) -> Document:
    """Leave the title out, which says no more than the field's name."""
    return {keyword: value for keyword, value in schema.items() if keyword != "title"}


def _meaning(form: str, field: str) -> Document:
    told = glossary.meaning(form, field)
    return {"description": told} if told else {}
