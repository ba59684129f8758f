"""The relay sends a service's log to Kafka: all of it, in its order, whatever is killed or away."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from notes_service import LOCKS, Noted, append, until

from shared.contracts.event import MOST_BYTES
from shared.contracts.provider import VerificationRefused
from shared.kernel.errors import Invalid
from shared.kernel.ids import derived_id
from shared.platform.kafka.messages import encode
from shared.platform.kafka.relay import Relay
from shared.platform.kafka.settings import KafkaSettings
from shared.platform.work import Work
from shared.testing.kafka import KafkaForTests
from shared.testing.services import RunningService

pytestmark = pytest.mark.xdist_group("kafka")
WITHIN = 20.0  # seconds; a busy machine is slow


@pytest.fixture
async def settings(kafka: KafkaForTests) -> KafkaSettings:
    prefix = kafka.new_prefix()
    await kafka.create_topics(prefix, partitions=3)
    return kafka.settings(prefix)


def relay(notes: RunningService, settings: KafkaSettings) -> Relay:
    return Relay(notes.runtime.engine, "notes", notes.runtime.sequencer, settings)


@contextlib.asynccontextmanager
async def at_work(*relays: Relay) -> AsyncIterator[list[asyncio.Task[None]]]:
    running = [asyncio.create_task(one.run()) for one in relays]
    try:
        yield running
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def relayed(notes: RunningService) -> int:
    return int((await notes.execute("SELECT position FROM relayed")).scalar_one())


async def sent(settings: KafkaSettings, topic: str = "provider") -> list[Any]:
    """Read a topic to its end, as anybody would."""
    name = settings.topic_prefix + topic
    async with AIOKafkaConsumer(name, auto_offset_reset="earliest", **settings.client_options()) as consumer:
        ends = await consumer.end_offsets(consumer.assignment())
        messages = list[Any]()
        while len(messages) < sum(ends.values()):
            for batch in (await consumer.getmany(timeout_ms=1000)).values():
                messages += batch
    return messages


def positions(messages: list[Any]) -> list[int]:
    return [int(dict(message.headers)["ce_position"]) for message in messages]


async def test_topic_has_every_event_as_the_feed_when_the_relay_has_run(
    notes: RunningService, settings: KafkaSettings
) -> None:
    await append(notes, *((f"k{number % 5}", str(number)) for number in range(50)))
    events = {event.id: event for event in await notes.published()}
    async with at_work(relay(notes, settings)):
        await until(lambda: _is_relayed(notes, 50))
    messages = await sent(settings)
    assert len(messages) == len(events)
    by_partition: dict[int, list[int]] = {}
    for message in messages:
        attributes = {name: value.decode() for name, value in message.headers}
        event = next(one for one in events.values() if str(one.id) == attributes["ce_id"])
        expected = encode(event)
        assert (message.key, message.value, list(message.headers)) == (expected.key, expected.value, expected.headers)
        by_partition.setdefault(message.partition, []).append(event.position)
    assert all(partition == sorted(partition) for partition in by_partition.values())
    assert len({(message.key, message.partition) for message in messages}) == 5


async def test_batch_is_sent_again_when_the_relay_ends_between_sending_and_marking(
    notes: RunningService, settings: KafkaSettings
) -> None:
    await append(notes, *(("a", str(number)) for number in range(10)))
    await notes.published()
    await notes.execute_as_owner(
        "CREATE FUNCTION refuse_mark() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'killed'; END $$;",
        "CREATE TRIGGER killed BEFORE UPDATE ON relayed FOR EACH ROW EXECUTE FUNCTION refuse_mark();",
    )
    one = relay(notes, settings)
    try:
        async with at_work(one), asyncio.timeout(WITHIN):
            while len(await sent(settings)) < 10:
                continue
        assert await relayed(notes) == 0
    finally:
        await notes.execute_as_owner("DROP FUNCTION refuse_mark CASCADE")
    async with at_work(relay(notes, settings)):
        await until(lambda: _is_relayed(notes, 10))
    messages = await sent(settings)
    assert len(messages) >= 20
    assert list(dict.fromkeys(positions(messages))) == list(range(1, 11))
    contents = {(message.value, tuple(message.headers)) for message in messages}
    assert len(contents) == 10


async def test_standby_takes_over_within_five_seconds_when_the_leader_is_gone(
    notes: RunningService, settings: KafkaSettings
) -> None:
    first, second = relay(notes, settings), relay(notes, settings)
    async with at_work(first):
        await until(lambda: first.leading)
        async with at_work(second):
            await asyncio.sleep(0.5)
            assert not second.leading
            assert second.reachable
            # What a killed process leaves behind: a connection that has ended.
            await notes.execute(
                f"SELECT pg_terminate_backend(pid) FROM {LOCKS}"
                " WHERE locktype = 'advisory' AND objid = 7265002 AND granted"
            )
            await append(notes, ("a", "1"))
            await notes.published()
            async with asyncio.timeout(5):
                await until(lambda: second.leading and not first.leading)
                await until(lambda: _is_relayed(notes, 1))
    assert positions(await sent(settings)) == [1]


async def test_relay_waits_and_goes_on_when_a_topic_is_missing(notes: RunningService, kafka: KafkaForTests) -> None:
    prefix = kafka.new_prefix()
    settings = kafka.settings(prefix)
    await append(notes, ("a", "1"))
    await notes.published()
    one = relay(notes, settings)
    async with at_work(one) as (task,):
        await asyncio.sleep(0.5)
        assert await relayed(notes) == 0
        await kafka.create_topics(prefix, partitions=1)
        async with asyncio.timeout(120):
            while await relayed(notes) != 1:
                assert not task.done()
                await asyncio.sleep(0.05)
    # A relay that is interrupted between sending and marking sends again: at least once, never something else.
    assert set(positions(await sent(settings))) == {1}


async def test_relay_is_unreachable_and_comes_back_when_nobody_listens(
    notes: RunningService, settings: KafkaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.platform.kafka.relay._RETRY_SECONDS", 0.05)
    nowhere = settings.model_copy(update={"bootstrap_servers": "127.0.0.1:1"})
    one = relay(notes, nowhere)
    async with at_work(one) as (task,):
        await asyncio.sleep(0.3)
        assert not one.reachable
        assert not task.done()
        await append(notes, ("a", "1"))
        await notes.published()
        one._settings = settings
        await until(lambda: _is_relayed(notes, 1))
        assert one.reachable


async def test_largest_event_goes_through_and_a_larger_one_is_refused(
    notes: RunningService, settings: KafkaSettings
) -> None:
    async def record(size: int) -> None:
        # {"provider":"a","reason":""} has 28 bytes.
        large = VerificationRefused.model_construct(provider="a", reason="x" * (size - 28))
        event = Noted(aggregate=derived_id("large", size), version=1, key="a", text="")
        async with notes.runtime.engine.begin() as connection:
            await Work(connection, notes.clock.now(), sandbox=False, publish=lambda _: large).record([event])

    with pytest.raises(Invalid, match="event-too-large"):
        await record(MOST_BYTES + 1)
    await record(MOST_BYTES)
    await notes.published()
    async with at_work(relay(notes, settings)):
        await until(lambda: _is_relayed(notes, 1))
    (message,) = await sent(settings)
    assert len(message.value) == MOST_BYTES


async def test_broker_refuses_when_a_message_has_two_megabytes(settings: KafkaSettings) -> None:
    async with AIOKafkaProducer(max_request_size=4_000_000, **settings.client_options()) as producer:
        with pytest.raises(Exception, match=r"\[Error 10\]"):
            await producer.send_and_wait(f"{settings.topic_prefix}provider", b"x" * 2_097_152, key=b"a")
    assert await sent(settings) == []


async def _is_relayed(notes: RunningService, position: int) -> bool:
    return await relayed(notes) == position
