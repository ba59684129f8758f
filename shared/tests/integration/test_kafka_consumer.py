"""A consumer on Kafka: bad messages are set aside and the rest goes on; offsets follow the database."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from notes_service import append, echo_of, effects_by_key, until

from shared.contracts.event import Event
from shared.kernel.ids import new_id
from shared.platform.consumer import Consumer
from shared.platform.kafka.messages import encode
from shared.platform.kafka.relay import Relay
from shared.platform.kafka.settings import KafkaSettings
from shared.platform.kafka.source import KafkaSource
from shared.testing.kafka import KafkaForTests
from shared.testing.services import RunningService

pytestmark = pytest.mark.xdist_group("kafka")
OPERATOR = ("op-1", "office", "operator")
TYPE = "provider.verification-refused.v1"
GROUP = "readers"


@pytest.fixture
async def settings(kafka: KafkaForTests, monkeypatch: pytest.MonkeyPatch) -> KafkaSettings:
    monkeypatch.setattr("shared.platform.kafka.source.topics_of", lambda _: ("provider",))
    prefix = kafka.new_prefix()
    await kafka.create_topics(prefix, partitions=3)
    return kafka.settings(prefix)


def consumer(service: RunningService, settings: KafkaSettings, source: str = "notes") -> Consumer:
    runtime = service.runtime
    return Consumer(
        KafkaSource(source, settings.topic_prefix + GROUP, settings),
        echo_of(service).handlers(),
        engine=runtime.engine,
        clock=runtime.clock,
        sandbox=False,
        publish=runtime.publish,
        sequencer=runtime.sequencer,
    )


@pytest.fixture
async def consuming(notes: RunningService, settings: KafkaSettings) -> AsyncIterator[Consumer]:
    worker = consumer(notes, settings)
    running = asyncio.create_task(worker.run())
    yield worker
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def event(key: str, content: str, position: int, **changes: Any) -> Event:
    return Event(
        id=new_id(),
        source="/notes",
        type=TYPE,
        subject=key,
        time="2026-03-02T09:00:00Z",  # type: ignore[arg-type]
        dataschema=f"urn:coxswain:event:{TYPE}",
        partitionkey=key,
        sequence="0000000001",
        position=position,
        predecessor=0,
        data={"provider": key, "reason": content},
    ).model_copy(update=changes)


async def test_reasons_are_told_and_the_rest_goes_on_when_messages_are_bad(
    notes: RunningService, settings: KafkaSettings, consuming: Consumer
) -> None:
    topic = f"{settings.topic_prefix}provider"
    bad: list[tuple[bytes | None, bytes, list[tuple[str, bytes]]]] = [
        (b"plain", b"hello", []),
        (None, b"\xff\xfe", []),
        (b"no-json", b"{", encode(event("no-json", "", 3)).headers),
        (b"other", b'{"provider":"wrong-key","reason":"x"}', encode(event("wrong-key", "", 4)).headers),
    ]
    broken = event("broken", "", 5, data={"provider": "broken", "reason": 7, "price": "9"})
    mismatched = event("mismatched", "", 6, data={"provider": "another", "reason": "x"})
    unknown = event("unknown", "", 7, type="provider.imagined.v9", data={"anything": 1})
    foreign = event("foreign", "x", 8, source="/budget")
    large = event("large", "", 9, data={"provider": "large", "reason": "x" * 1_000_100})
    async with AIOKafkaProducer(max_request_size=1_048_576, **settings.client_options()) as producer:
        for number, (key, value, headers) in enumerate(bad):
            await producer.send_and_wait(topic, value, key=key, headers=headers, partition=number % 3)
        for one in (broken, mismatched, unknown, foreign, large):
            message = encode(one)
            await producer.send_and_wait(topic, message.value, key=message.key, headers=message.headers)
        for position, key in enumerate(("a", "b", "c", "d", "e", "unknown", "broken"), 20):
            message = encode(event(key, "good", position))
            await producer.send_and_wait(topic, message.value, key=message.key, headers=message.headers)
        # The next of a key whose message was bad.
        message = encode(event("plain", "good", 30))
        await producer.send_and_wait(topic, message.value, key=message.key, headers=message.headers, partition=0)
    async with asyncio.timeout(30):
        await until(lambda: _waiting(notes, 10))
    expected = {key: ["good"] for key in ("a", "b", "c", "d", "e", "unknown")}
    assert await effects_by_key(notes) == expected
    listed = (await notes.client.get("/v1/parked", headers=notes.headers(*OPERATOR))).json()
    told = sorted((item["key"] if "/" not in item["key"] else "", item["state"], item["problem"]) for item in listed)
    no_cloudevent = "It is no CloudEvent 1.0 in binary mode: the header ce_specversion is missing or another."
    queued = "An earlier event of the same key is parked."
    size = len(json.dumps({"provider": "large", "reason": "x" * 1_000_100}, separators=(",", ":")))
    assert told == sorted(
        [
            ("", "parked", no_cloudevent),
            ("plain", "parked", no_cloudevent),
            ("plain", "queued", queued),
            ("no-json", "parked", "The value is not JSON."),
            ("wrong-key", "parked", "The key of the message is not its partitionkey."),
            ("broken", "parked", "The data is not of its declared type at /reason"),
            ("broken", "queued", queued),
            ("mismatched", "parked", "Invalid: wrong-key"),
            ("foreign", "parked", "The source of the event is not the service that owns it."),
            ("large", "parked", f"The message has {size:,} bytes; an event has at most 1,000,000."),
        ]
    )


async def test_offset_follows_the_database_when_events_are_applied(
    notes: RunningService, upstream: RunningService, settings: KafkaSettings, consuming: Consumer
) -> None:
    relay = Relay(upstream.runtime.engine, "notes", upstream.runtime.sequencer, settings)
    relaying = asyncio.create_task(relay.run())
    await append(upstream, *((f"k{number % 7}", str(number)) for number in range(40)))
    await upstream.published()
    async with asyncio.timeout(30):
        await until(lambda: _effects(notes, 40))
        await append(upstream, ("k1", "later"))
        await upstream.published()
        await until(lambda: _effects(notes, 41))
    relaying.cancel()
    await asyncio.gather(relaying, return_exceptions=True)
    rows = {row.lane: row.position for row in await notes.execute("SELECT lane, position FROM cursors")}
    assert sum(rows.values()) == 41
    admin = AIOKafkaAdminClient(**settings.client_options())
    await admin.start()
    try:

        async def committed() -> bool:
            offsets = await admin.list_consumer_group_offsets(settings.topic_prefix + GROUP)
            return {lane(place): found.offset for place, found in offsets.items() if found.offset >= 0} == rows

        def lane(place: TopicPartition) -> str:
            return f"{place.topic}/{place.partition}"

        async with asyncio.timeout(40):
            while not await committed():  # noqa: ASYNC110 - only Kafka knows
                await asyncio.sleep(0.1)
    finally:
        await admin.close()


async def test_effect_is_there_once_when_the_worker_dies_between_commit_and_offset(
    notes: RunningService, upstream: RunningService, settings: KafkaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay = Relay(upstream.runtime.engine, "notes", upstream.runtime.sequencer, settings)
    relaying = asyncio.create_task(relay.run())
    await append(upstream, *((f"k{number % 7}", str(number)) for number in range(30)))
    await upstream.published()

    async def dies(*_: object, **__: object) -> None:
        return

    # Nothing ever tells Kafka how far this one is; it ends after its commits as if killed.
    first = consumer(notes, settings)
    monkeypatch.setattr(first.source, "_commit", dies)
    async with asyncio.timeout(30):
        while not await _effects(notes, 30):
            await first.step(0.1)
    await first.source.close()
    # The database has forgotten the lanes too: everything comes again, and each key knows better.
    await notes.execute("UPDATE cursors SET position = 0")
    second = consumer(notes, settings)
    async with asyncio.timeout(30):
        while sum(((await _positions(notes)) or {"": 0}).values()) < 30:
            await second.step(0.1)
    await second.source.close()
    relaying.cancel()
    await asyncio.gather(relaying, return_exceptions=True)
    found = await effects_by_key(notes)
    assert {key: [int(text) for text in texts] for key, texts in found.items()} == {
        f"k{key}": list(range(key, 30, 7)) for key in range(7)
    }


async def _positions(service: RunningService) -> dict[str, int]:
    return {row.lane: row.position for row in await service.execute("SELECT lane, position FROM cursors")}


async def _waiting(service: RunningService, number: int) -> bool:
    done = sum(len(texts) for texts in (await effects_by_key(service)).values())
    return (await service.execute("SELECT count(*) FROM parked")).scalar() == number and done >= 6


async def _effects(service: RunningService, number: int) -> bool:
    return (await service.execute("SELECT count(*) FROM effects")).scalar() == number
