"""What the AsyncAPI document says of the HTTP feeds: the same events in the structured mode."""

from collections.abc import Sequence
from typing import Any

from shared.contracts.attributes import structured_schema
from shared.contracts.event import Event

Part = dict[str, Any]

_BATCH, _STREAM = "event-batch", "streamed-event"
_BINDING = {"method": "GET", "bindingVersion": "0.3.0"}
_AFTER = {
    "type": "integer",
    "minimum": 0,
    "maximum": 2**62,
    "default": 0,
    "description": "Only events behind this position.",
}
_QUERY: Part = {
    "type": "object",
    "properties": {
        "after": _AFTER,
        "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100},
        "wait": {
            "type": "number",
            "minimum": 0,
            "maximum": 30,
            "default": 0,
            "description": "Seconds to wait for the first event.",
        },
        "key": {"type": "string", "maxLength": 200, "description": "Only events with this partition key."},
    },
}
_STREAM_QUERY: Part = {"type": "object", "properties": {"after": _AFTER}}


def server() -> Part:
    """Describe where a feed is."""
    return {
        "host": "{host}",
        "pathname": "{service}",
        "protocol": "https",
        "title": "HTTP feed of one service",
        "description": "Each service has a feed of all its events, whatever their topic. It is open to anybody.",
        "variables": {
            "host": {"description": "Where the installation is.", "examples": ["coxswain.example.org"]},
            "service": {
                "description": "The path of the service; empty where it has a host of its own.",
                "default": "/tender",
                "examples": ["/tender", "/budget", ""],
            },
        },
    }


def channels() -> Part:
    """Describe the two ways to read a feed."""
    return {
        "feed": {
            "address": "/v1/events",
            "title": "Feed",
            "summary": "All events of one service in the order of their positions, a batch at a time.",
            "servers": [{"$ref": "#/servers/feed"}],
            "messages": {_BATCH: {"$ref": f"#/components/messages/{_BATCH}"}},
        },
        "stream": {
            "address": "/v1/events/stream",
            "title": "Stream",
            "summary": "The same as Server-Sent Events; `id` is the position, `Last-Event-ID` resumes behind one.",
            "servers": [{"$ref": "#/servers/feed"}],
            "messages": {_STREAM: {"$ref": f"#/components/messages/{_STREAM}"}},
        },
    }


def operations() -> Part:
    """Describe how a feed is asked."""
    return {
        "send-feed": _operation("feed", _BATCH, "A service answers with a part of its log", _QUERY),
        "send-stream": _operation("stream", _STREAM, "A service sends its log as it grows", _STREAM_QUERY),
    }


def messages(examples: Sequence[tuple[str, Event]]) -> Part:
    """Describe what a feed answers with."""
    written = [(name, event.model_dump(mode="json", exclude_none=True)) for name, event in examples]
    return {
        _BATCH: {
            "name": _BATCH,
            "title": "Batch of events",
            "contentType": "application/cloudevents-batch+json",
            "payload": {"type": "array", "items": {"$ref": "#/components/schemas/CloudEvent"}},
            "examples": [{"name": name, "payload": [event]} for name, event in written],
        },
        _STREAM: {
            "name": _STREAM,
            "title": "Event in a stream",
            "contentType": "text/event-stream",
            "payload": {"$ref": "#/components/schemas/CloudEvent"},
            "examples": [{"name": name, "payload": event} for name, event in written],
        },
    }


def schemas() -> Part:
    """Describe an event in the structured mode."""
    return {"CloudEvent": structured_schema()}


def _operation(channel: str, message: str, title: str, query: Part) -> Part:
    return {
        "action": "send",
        "title": title,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{message}"}],
        "bindings": {"http": {**_BINDING, "query": query}},
    }
