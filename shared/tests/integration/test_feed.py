"""The log over HTTP: consecutive, in pages, waited for, streamed."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, MutableMapping
from typing import Any

import httpx
import pytest
from notes_service import append, create
from pydantic import TypeAdapter

from shared.contracts.event import Event
from shared.platform.settings import ServiceSettings
from shared.testing.services import RunningService, running

EVENTS = TypeAdapter(list[Event])


@pytest.fixture
async def live(notes_urls: tuple[str, str], notes: RunningService) -> AsyncIterator[RunningService]:
    """The same service with its sequencer at work."""
    async with running(create, ServiceSettings, notes_urls[0], background=True) as service:
        yield service


async def _read(service: RunningService, **parameters: Any) -> list[Event]:
    response = await service.client.get("/v1/events", params=parameters)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/cloudevents-batch+json"
    return EVENTS.validate_json(response.content)


async def test_pages_hold_every_event_once_when_they_are_read_to_the_end(notes: RunningService) -> None:
    await append(notes, *((f"k{number % 3}", str(number)) for number in range(23)))
    await notes.published()
    read: list[Event] = []
    while page := await _read(notes, after=read[-1].position if read else 0, limit=5):
        assert len(page) <= 5
        read += page
    assert [event.position for event in read] == list(range(1, 24))
    assert [event.data["reason"] for event in read] == [str(number) for number in range(23)]


async def test_event_has_every_cloudevents_attribute_when_it_is_read(notes: RunningService) -> None:
    await append(notes, ("a", "1"), ("a", "2"))
    await notes.published()
    document = (await notes.client.get("/v1/events")).json()[1]
    assert document["specversion"] == "1.0"
    assert document["type"] == "provider.verification-refused.v1"
    assert document["source"] == "/notes"
    assert document["dataschema"] == "urn:coxswain:event:provider.verification-refused.v1"
    assert document["datacontenttype"] == "application/json"
    assert document["partitionkey"] == "a"
    assert document["sequence"] == "0000000002"
    assert document["position"] == 2
    assert document["predecessor"] == 1
    assert document["sandbox"] is False
    assert document["time"] == "2026-03-02T09:00:00.000000Z"
    assert document["data"] == {"provider": "a", "reason": "2"}
    assert set(document) == {
        "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "partitionkey",
        "sequence", "position", "predecessor", "sandbox", "data",
    }  # fmt: skip
    alone = await notes.client.get(f"/v1/events/{document['id']}")
    assert Event.model_validate(alone.json()) == Event.model_validate(document)


async def test_event_is_not_shown_when_it_has_no_position_yet(notes: RunningService) -> None:
    await append(notes, ("a", "1"))
    identifier = (await notes.execute("SELECT id FROM events")).scalar()
    assert (await notes.client.get(f"/v1/events/{identifier}")).json()["code"] == "not-found"
    assert await _read(notes) == []


async def test_only_its_events_are_read_when_a_key_is_given(notes: RunningService) -> None:
    await append(notes, ("a", "1"), ("b", "2"), ("a", "3"))
    await notes.published()
    assert [event.data["reason"] for event in await _read(notes, key="a")] == ["1", "3"]
    assert [event.data["reason"] for event in await _read(notes, key="a", after=1)] == ["3"]
    assert await _read(notes, key='it\'s "none"') == []


@pytest.mark.parametrize(
    "query",
    [
        "after=-1",
        "after=x",
        "after=4611686018427387905",
        "limit=0",
        "limit=1001",
        "wait=-1",
        "wait=31",
        "wait=nan",
        "wait=inf",
        "key=a%00b",
        f"key={'x' * 201}",
    ],
)
async def test_problem_is_answered_when_a_parameter_is_bad(notes: RunningService, query: str) -> None:
    response = await notes.client.get(f"/v1/events?{query}")
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    (found,) = response.json()["errors"]
    assert found["pointer"] == "/query/" + query.partition("=")[0]


@pytest.mark.parametrize("value", ["", "-1", "x", "1.5", "9" * 19, "\N{SUPERSCRIPT TWO}", "1 2"])
async def test_problem_is_answered_when_last_event_id_is_bad(notes: RunningService, value: str) -> None:
    response = await notes.client.get("/v1/events/stream", headers={"Last-Event-ID": value.encode("latin-1")})
    assert response.status_code == 400
    assert response.json()["code"] == "last-event-id-malformed"


async def test_event_problem_is_answered_when_an_id_is_no_uuid(notes: RunningService) -> None:
    response = await notes.client.get("/v1/events/zzz")
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "/path/event_id"


async def test_waiting_ends_when_an_event_is_appended(live: RunningService) -> None:
    reading = asyncio.create_task(_read(live, wait=20))
    await asyncio.sleep(0.1)
    assert not reading.done()
    answer = await live.client.post("/v1/notes/a", json={"text": "1"}, headers=live.headers("person", "org", "writer"))
    assert answer.status_code == 201
    events = await asyncio.wait_for(reading, 5)
    assert [event.data["reason"] for event in events] == ["1"]


async def test_waiting_goes_on_when_only_events_of_other_keys_are_appended(live: RunningService) -> None:
    reading = asyncio.create_task(_read(live, key="b", wait=20))
    for key in ("a", "a", "b"):
        await asyncio.sleep(0.1)
        assert not reading.done()
        await append(live, (key, "1"))
        live.runtime.sequencer.wake()
    assert [event.partitionkey for event in await asyncio.wait_for(reading, 5)] == ["b"]


async def test_waiting_goes_on_when_another_process_numbers_the_events(
    live: RunningService, notes: RunningService, notes_urls: tuple[str, str]
) -> None:
    """The sequencer of this process stands by, so that it only looks from time to time."""
    async with running(create, ServiceSettings, notes_urls[0], background=True) as standby:
        reading = asyncio.create_task(_read(standby, wait=20))
        await asyncio.sleep(0.6)
        assert not reading.done()
        await append(live, ("a", "1"))
        live.runtime.sequencer.wake()
        assert [event.data["reason"] for event in await asyncio.wait_for(reading, 5)] == ["1"]


async def test_waiting_ends_with_nothing_when_the_time_is_over(notes: RunningService) -> None:
    assert await asyncio.wait_for(_read(notes, wait=0.05), 5) == []


async def test_stream_resumes_when_last_event_id_is_sent(live: RunningService) -> None:
    await append(live, *(("a", str(number)) for number in range(5)))
    async with streamed(live, last_event_id="3") as stream:
        assert [await anext(stream) for _ in range(2)] == [(4, "3"), (5, "4")]
        await append(live, ("a", "5"))
        live.runtime.sequencer.wake()
        assert await anext(stream) == (6, "5")


async def test_stream_begins_behind_a_position_when_one_is_given(live: RunningService) -> None:
    await append(live, ("a", "0"), ("a", "1"))
    async with streamed(live, query=b"after=1") as stream:
        assert await anext(stream) == (2, "1")


@contextlib.asynccontextmanager
async def streamed(
    service: RunningService, *, last_event_id: str | None = None, query: bytes = b""
) -> AsyncIterator[AsyncIterator[tuple[int, str]]]:
    """Read a stream that never ends, which httpx's in-process transport cannot."""
    chunks: asyncio.Queue[bytes] = asyncio.Queue()
    gone = asyncio.Event()
    headers = [(b"last-event-id", last_event_id.encode())] if last_event_id else []
    asked = False

    async def receive() -> MutableMapping[str, Any]:
        nonlocal asked
        if not asked:
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            assert message["status"] == 200
            assert (b"content-type", b"text/event-stream; charset=utf-8") in message["headers"]
        else:
            await chunks.put(message.get("body", b""))

    async def events() -> AsyncIterator[tuple[int, str]]:
        while True:
            chunk = await asyncio.wait_for(chunks.get(), 5)
            if chunk.startswith(b"id: "):
                position, kind, data = chunk.decode().rstrip("\n").split("\n")
                assert kind == "event: provider.verification-refused.v1"
                document = json.loads(data.removeprefix("data: "))
                assert position == f"id: {document['position']}"
                yield document["position"], document["data"]["reason"]

    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": "GET",
        "scheme": "http", "path": "/v1/events/stream", "raw_path": b"/v1/events/stream", "query_string": query,
        "root_path": "", "headers": headers, "client": ("127.0.0.1", 1), "server": ("service.test", 80),
    }  # fmt: skip
    serving = asyncio.create_task(service.app(scope, receive, send))
    try:
        yield events()
    finally:
        gone.set()
        await asyncio.wait_for(serving, 5)


async def test_stream_ends_when_the_reader_goes(live: RunningService) -> None:
    async with streamed(live):
        await asyncio.sleep(0.05)


async def test_feed_is_unchanged_when_an_unknown_parameter_is_sent(notes: RunningService) -> None:
    await append(notes, ("a", "1"))
    await notes.published()
    response = await notes.client.get("/v1/events", params=httpx.QueryParams({"later": "field"}))
    assert len(response.json()) == 1
