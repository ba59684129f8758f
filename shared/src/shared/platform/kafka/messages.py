"""Events as Kafka messages: CloudEvents 1.0 in binary mode (CloudEvents Kafka protocol binding 1.0.2)."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from pydantic import ValidationError

from shared.contracts import catalogue
from shared.contracts.event import MOST_BYTES, Event
from shared.platform.sources import NOT_THE_OWNER, Unreadable, unreadable, wrong_attributes

_CONTENT_TYPE = "application/json"
_PREFIX = "ce_"
# The data are the value, and the content type has the header that Kafka's readers know.
_NOT_CE_HEADERS = {"data", "datacontenttype"}

Headers = Sequence[tuple[str, bytes]]


class Message(Protocol):
    """What is read of a message that has come from Kafka."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers


@dataclass(frozen=True, slots=True)
class Encoded:
    """An event as it is sent."""

    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


def encode(event: Event) -> Encoded:
    """Write an event; the same event always gives the same bytes."""
    attributes = event.model_dump(mode="json", exclude=_NOT_CE_HEADERS, exclude_none=True)
    headers = [("content-type", _CONTENT_TYPE.encode())]
    headers += [(_PREFIX + name, _text(value).encode()) for name, value in attributes.items()]
    if event.traceparent:
        # Tracing libraries look for the header of W3C Trace Context.
        headers.append(("traceparent", event.traceparent.encode()))
    return Encoded(event.partitionkey.encode(), orjson.dumps(event.data), headers)


def decode(message: Message, topic: str, owner: str) -> Event | Unreadable:
    """Read a message of a topic that a service owns; what is wrong with one that is no event of ours is told."""
    place = f"{message.topic}/{message.partition}/{message.offset}"
    attributes = _attributes(message.headers)
    found = _read(message, attributes, topic, owner)
    if isinstance(found, Event):
        return found
    if "partitionkey" not in attributes and (key := _decoded(message.key)):
        attributes = {**attributes, "partitionkey": key}
    return unreadable(place, attributes, found, _described(message))


def _read(message: Message, attributes: Mapping[str, Any], topic: str, owner: str) -> Event | str:
    """Return the event, or what is wrong."""
    if message.value is not None and len(message.value) > MOST_BYTES:
        return f"The message has {len(message.value):,} bytes; an event has at most {MOST_BYTES:,}."
    if attributes.get("specversion") != "1.0":
        return "It is no CloudEvent 1.0 in binary mode: the header ce_specversion is missing or another."
    try:
        data = orjson.loads(message.value or b"")
        event = Event.model_validate({**attributes, "data": data})
    except orjson.JSONDecodeError:
        return "The value is not JSON."
    except ValidationError as error:
        return wrong_attributes(error)
    return _misplaced(message, event, topic, owner) or event


def _misplaced(message: Message, event: Event, topic: str, owner: str) -> str | None:
    if message.key != event.partitionkey.encode():
        return "The key of the message is not its partitionkey."
    if event.source != f"/{owner}":
        return NOT_THE_OWNER
    if event.type.partition(".")[0] != topic:
        return "An event of this type does not belong on this topic."
    return None


def topics_of(owner: str) -> tuple[str, ...]:
    """Return the topics on which a service publishes."""
    return tuple(topic for topic, service in catalogue.TOPICS.items() if service == owner)


def _attributes(headers: Headers) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in headers:
        if name.startswith(_PREFIX) and (decoded := _decoded(value)) is not None:
            found.setdefault(name.removeprefix(_PREFIX), decoded)
    return found


def _described(message: Message) -> dict[str, Any]:
    """Keep what the operator needs to look into it; what is too large stays in Kafka."""
    described: dict[str, Any] = {"topic": message.topic, "partition": message.partition, "offset": message.offset}
    if message.value is not None:
        described["size"] = len(message.value)
        if len(message.value) <= MOST_BYTES:
            text = _decoded(message.value)
            described |= {"value": text} if text is not None else {"value_base64": b64encode(message.value).decode()}
    return described


def _text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _decoded(value: bytes | None) -> str | None:
    """Return text that a database keeps; None for what is no text."""
    try:
        text = (value or b"").decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text or value is None else text
