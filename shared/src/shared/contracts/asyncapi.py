"""The AsyncAPI 3.0 document: every topic, every event type on it, and the service that sends it."""

from collections.abc import Mapping
from typing import Any

from shared.contracts import catalogue
from shared.contracts.event import Event, EventData

Document = dict[str, Any]

_COMPONENTS = "#/components/schemas/{model}"
_DESCRIPTION = """\
Everything that happens in Coxswain, as public events. Each service keeps its events in one log with strictly
consecutive positions and serves it at `GET /v1/events` as structured CloudEvents 1.0 (JSON batch), at
`GET /v1/events/stream` as Server-Sent Events. Events reach a reader at least once and in order per `partitionkey`;
the `id` tells a repetition. The headers are the CloudEvents attributes, the payload is the member `data`.
Readers ignore fields they do not know; a type never changes so that an old event or an old reader breaks."""


def document() -> Document:
    """Describe every published event."""
    types = catalogue.event_types()
    topics = [topic for topic in catalogue.TOPICS if any(model.topic() == topic for model in types.values())]
    return {
        "asyncapi": "3.0.0",
        "id": "urn:coxswain:events",
        "info": {"title": "Coxswain events", "version": "1.0.0", "description": _DESCRIPTION},
        "defaultContentType": "application/json",
        "channels": {topic: _channel(topic, types) for topic in topics},
        "operations": {f"send-{topic}": _operation(topic, types) for topic in topics},
        "components": {
            "messages": {name: _message(model) for name, model in types.items()},
            "messageTraits": {"cloud-event": _cloud_event()},
            "schemas": _schemas(types),
        },
    }


def _channel(topic: str, types: Mapping[str, type[EventData]]) -> Document:
    return {
        "address": topic,
        "title": topic.capitalize(),
        "description": f"Sent by the {catalogue.TOPICS[topic]} service alone.",
        "messages": {
            name: {"$ref": f"#/components/messages/{name}"} for name, model in types.items() if model.topic() == topic
        },
    }


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


def _message(model: type[EventData]) -> Document:
    return {
        "name": model.TYPE,
        "title": model.__name__,
        "summary": (model.__doc__ or "").strip().partition("\n")[0],
        "contentType": "application/json",
        "traits": [{"$ref": "#/components/messageTraits/cloud-event"}],
        "payload": {"$ref": f"#/components/schemas/{model.TYPE}"},
        "bindings": {"kafka": {"key": {"type": "string", "description": f"The event's `{model.KEY}`."}}},
    }


def _cloud_event() -> Document:
    """Describe the CloudEvents attributes; `data` is the payload, not a header."""
    schema = Event.model_json_schema(mode="validation")
    properties = {name: described for name, described in schema["properties"].items() if name != "data"}
    required = [name for name in schema["required"] if name != "data"]
    return {
        "headers": {
            "type": "object",
            "description": schema["description"],
            "properties": {**properties, "specversion": {"type": "string", "const": "1.0"}},
            "required": ["specversion", *required],
        }
    }


def _schemas(types: Mapping[str, type[EventData]]) -> Document:
    """Return each payload by its event type, and the parts they share by name.

    Raises:
        ValueError: if two different parts have the same name.
    """
    schemas: Document = {}
    for name, model in types.items():
        payload = model.model_json_schema(mode="validation", ref_template=_COMPONENTS)
        for part, schema in {**payload.pop("$defs", {}), name: {**payload, "title": name}}.items():
            if schemas.setdefault(part, schema) != schema:
                raise ValueError(f"Two parts of published events are called {part}.")
    return schemas
