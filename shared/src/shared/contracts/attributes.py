"""The CloudEvents attributes of every event, and how they travel over Kafka: as headers, in the binary mode."""

from collections.abc import Mapping
from typing import Any

from shared.contracts.event import Event

MEANINGS: Mapping[str, str] = {
    "specversion": "The version of CloudEvents.",
    "id": "Names the event (UUID, version 7). It stays the same however often and by whatever way the event is sent.",
    "source": "The service whose log the event stands in, such as `/tender`.",
    "type": "What happened, with the version of its form. It decides what the data are.",
    "subject": "The aggregate it happened to (UUID).",
    "time": "When it happened, in UTC.",
    "datacontenttype": "The form of the data.",
    "dataschema": "The `$id` of the JSON Schema of the data.",
    "partitionkey": "What orders the event: the contracting process (`ocid`), or the aggregate where there is none.",
    "sequence": (
        "The aggregate's version, ten digits. It grows; a number is left out where a change was no public event."
    ),
    "position": "The event's place in its service's log. Over all topics of the service, positions have no gaps.",
    "predecessor": (
        "The position of the event before it with the same `partitionkey` in the same log; 0: it is the first."
    ),
    "sandbox": "Whether it did not happen in earnest.",
    "traceparent": "The trace it belongs to (W3C Trace Context); over Kafka also in the header `traceparent`.",
}
"""What each attribute tells."""

TRACE = "traceparent"
_CONSTANTS = {"specversion": "1.0", "datacontenttype": "application/json"}


def kafka_header(attribute: str) -> str:
    """Return the header that an attribute travels in (CloudEvents Kafka protocol binding 1.0.2, section 3.2)."""
    return "content-type" if attribute == "datacontenttype" else f"ce_{attribute}"


def kafka_headers(event: Event) -> dict[str, str]:
    """Write an event's attributes as the headers of its message."""
    written = event.model_dump(mode="json", exclude={"data"}, exclude_none=True)
    headers = {kafka_header(name): _text(value) for name, value in written.items()}
    return headers | ({TRACE: written[TRACE]} if TRACE in written else {})


def kafka_headers_schema() -> dict[str, Any]:
    """Return the JSON Schema of a message's headers: each is text in UTF-8."""
    attributes = _attributes()
    headers = {kafka_header(name): _text_schema(schema) for name, schema in attributes.items()}
    headers[TRACE] = {
        **headers[kafka_header(TRACE)],
        "description": "The same trace, under the name that tracing tools look for.",
    }
    required = [kafka_header(name) for name in attributes if _is_always_there(name)]
    described = "Every header is text in UTF-8."
    return {"type": "object", "description": described, "properties": headers, "required": required}


def structured_schema() -> dict[str, Any]:
    """Return the JSON Schema of an event as it stands in a feed."""
    attributes = _attributes()
    data = {"type": "object", "description": "What the event tells; its form is that of the message named as `type`."}
    required = [name for name in attributes if _is_always_there(name)]
    return {"type": "object", "properties": {**attributes, "data": data}, "required": [*required, "data"]}


def _attributes() -> dict[str, dict[str, Any]]:
    described = Event.model_json_schema(mode="validation")["properties"]
    del described["data"]
    # What may be null in the model is left out of an event, so that nobody who reads one meets a null.
    attributes = {name: next(iter(schema.get("anyOf", [schema]))) for name, schema in described.items()}
    return {
        name: {
            **{keyword: schema[keyword] for keyword in ("type", "format") if keyword in schema},
            **({"const": _CONSTANTS[name]} if name in _CONSTANTS else {}),
            "description": MEANINGS[name],
        }
        for name, schema in attributes.items()
    }


def _is_always_there(attribute: str) -> bool:
    field = Event.model_fields[attribute]
    return field.is_required() or field.default is not None


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _text_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    match schema["type"]:
        case "boolean":
            return {**schema, "type": "string", "enum": ["true", "false"]}
        case "integer":
            return {**schema, "type": "string", "pattern": "^(0|[1-9][0-9]*)$"}
        case _:
            return dict(schema)
