"""Where events come from: the real feed, Kafka and the fake of the tests behave the same."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping

import httpx
import pytest
from notes_service import append, note, until
from sqlalchemy import text

from shared.contracts.event import Event
from shared.platform.kafka.relay import Relay
from shared.platform.kafka.source import KafkaSource
from shared.platform.sources import FEED, Batch, EventSource, FeedSource, SourceUnavailable, Unreadable
from shared.testing.kafka import KafkaForTests
from shared.testing.services import RunningService, ScriptedSource

WITHIN = 20  # seconds; a busy machine is slow


class EventSourceBehaviour:
    """What a consumer relies on."""

    source: EventSource

    async def publish(self, *written: tuple[str, str]) -> None:
        raise NotImplementedError

    async def read(self, positions: Mapping[str, int], expected: int, limit: int = 100) -> list[Event]:
        """Read until so many events have come; whatever comes more is an error."""
        events, at = list[Event](), dict(positions)
        async with asyncio.timeout(WITHIN):
            while len(events) < expected:
                if batch := await self.source.read(at, limit, 0.1):
                    assert len(batch.delivered) <= limit
                    assert batch.starts == {lane: at.get(lane, 0) for lane in batch.ends}
                    at |= batch.ends
                    events += [item.item for item in batch.delivered if isinstance(item.item, Event)]
        assert await self.source.read(at, limit, 0) is None
        self.at = at
        return events

    async def test_events_of_a_key_are_read_in_order_when_there_are_many(self) -> None:
        await self.publish(*((f"k{number % 2}", str(number)) for number in range(7)))
        events = await self.read({}, 7)
        assert sorted(event.position for event in events) == list(range(1, 8))
        for key, expected in (("k0", ["0", "2", "4", "6"]), ("k1", ["1", "3", "5"])):
            assert [event.data["reason"] for event in events if event.partitionkey == key] == expected

    async def test_only_later_events_are_read_when_positions_are_given(self) -> None:
        await self.publish(("a", "1"), ("a", "2"))
        await self.read({}, 2)
        await self.publish(("a", "3"))
        assert [event.data["reason"] for event in await self.read(self.at, 1)] == ["3"]
        assert await self.source.read(self.at, 100, 0) is None

    async def test_no_more_are_read_when_a_limit_is_given(self) -> None:
        await self.publish(("a", "1"), ("a", "2"), ("a", "3"))
        assert [event.data["reason"] for event in await self.read({}, 3, limit=2)] == ["1", "2", "3"]

    async def test_the_same_is_read_when_it_is_asked_for_again(self) -> None:
        await self.publish(("a", "1"), ("b", "2"))
        first = await self.read({}, 2)
        again = await self.read({}, 2)
        assert sorted(again, key=_position) == sorted(first, key=_position)

    async def test_reading_goes_on_when_the_source_was_closed(self) -> None:
        await self.publish(("a", "1"), ("a", "2"))
        await self.read({}, 2)
        await self.source.close()
        await self.publish(("a", "3"))
        assert [event.data["reason"] for event in await self.read(self.at, 1)] == ["3"]

    async def test_nothing_is_lost_when_a_batch_was_applied_and_its_position_not_remembered(self) -> None:
        await self.publish(("a", "1"))
        batch = await self._batch({})
        await self.source.applied(batch)
        assert [event.data["reason"] for event in await self.read({}, 1)] == ["1"]

    async def test_nothing_is_read_when_there_is_nothing(self) -> None:
        assert await self.source.read({}, 100, 0) is None

    async def test_waiting_ends_when_its_time_is_over(self) -> None:
        async with asyncio.timeout(5):
            assert await self.source.read({}, 100, 0.02) is None

    async def test_event_is_read_when_it_is_published_while_a_reader_waits(self) -> None:
        reading = asyncio.create_task(self._batch({}))
        await asyncio.sleep(0.05)
        await self.publish(("a", "1"))
        item = (await asyncio.wait_for(reading, WITHIN)).delivered[0].item
        assert isinstance(item, Event)
        assert item.data["reason"] == "1"

    async def test_attributes_are_those_of_cloudevents_when_an_event_is_read(self) -> None:
        await self.publish(("a", "1"), ("b", "2"), ("a", "3"))
        first, _, third = sorted(await self.read({}, 3), key=_position)
        assert first.specversion == "1.0"
        assert first.type == "provider.verification-refused.v1"
        assert first.source == f"/{self.source.name}"
        assert first.dataschema == f"urn:coxswain:event:{first.type}"
        assert first.datacontenttype == "application/json"
        assert first.partitionkey == "a"
        assert first.sequence == "0000000001"
        assert first.sandbox is False
        assert first.data == {"provider": "a", "reason": "1"}
        assert [(event.position, event.predecessor) for event in (first, third)] == [(1, 0), (3, 1)]

    async def _batch(self, positions: Mapping[str, int]) -> Batch:
        async with asyncio.timeout(WITHIN):
            while True:
                if batch := await self.source.read(positions, 100, 0.2):
                    return batch


def _position(event: Event) -> int:
    return event.position


class TestFeedSource(EventSourceBehaviour):
    @pytest.fixture(autouse=True)
    def _feed(self, notes: RunningService) -> None:
        self.service = notes
        self.source = FeedSource("notes", notes.client)

    async def publish(self, *written: tuple[str, str]) -> None:
        await append(self.service, *written)
        await self.service.published()

    async def test_source_is_unavailable_when_the_feed_answers_with_a_problem(self) -> None:
        with pytest.raises(SourceUnavailable):
            await self.source.read({FEED: -1}, 100, 0)

    @pytest.mark.parametrize("content", [b"", b"{}", b"[{}", b"3", b"\xff"])
    async def test_source_is_unavailable_when_the_answer_is_no_feed(self, content: bytes) -> None:
        async with _answering(content) as client:
            with pytest.raises(SourceUnavailable):
                await FeedSource("other", client).read({}, 100, 0)

    @pytest.mark.parametrize("item", [b"{}", b"3", b"null", b'{"specversion": "1.0", "partitionkey": 7}'])
    async def test_others_are_read_when_one_item_is_no_event(self, item: bytes) -> None:
        await self.publish(("a", "1"))
        good = (await self.service.client.get("/v1/events")).content[1:-1].replace(b'"/notes"', b'"/other"')
        async with _answering(b"[" + item + b"," + good + b"]") as client:
            batch = await FeedSource("other", client).read({FEED: 6}, 100, 0)
        assert batch is not None
        broken, event = batch.delivered
        assert isinstance(broken.item, Unreadable)
        assert (broken.end, broken.item.key, broken.item.type) == (7, "other/7", "unknown")
        assert broken.item.problem.startswith("It is no event of ours; wrong or missing: ")
        assert isinstance(event.item, Event)
        assert event.end == 8

    async def test_event_is_set_aside_when_it_is_of_another_service(self) -> None:
        await self.publish(("a", "1"))
        batch = await FeedSource("other", self.service.client).read({}, 100, 0)
        assert batch is not None
        (item,) = [message.item for message in batch.delivered]
        assert isinstance(item, Unreadable)
        assert (item.key, item.problem) == ("a", "The source of the event is not the service that owns it.")

    async def test_source_is_unavailable_when_nobody_listens(self) -> None:
        async with httpx.AsyncClient(base_url="http://127.0.0.1:1") as client:
            with pytest.raises(SourceUnavailable):
                await FeedSource("other", client).read({}, 100, 0)


@contextlib.asynccontextmanager
async def _answering(content: bytes) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=content))
    async with httpx.AsyncClient(transport=transport, base_url="http://other.test") as client:
        yield client


class TestScriptedSource(EventSourceBehaviour):
    @pytest.fixture(autouse=True)
    def _script(self, notes: RunningService) -> None:
        self.service = notes
        self.source = ScriptedSource("notes")

    async def publish(self, *written: tuple[str, str]) -> None:
        for key, content in written:
            self.source.add(note(key, content), at=self.service.clock)


@pytest.mark.xdist_group("kafka")
class TestKafkaSource(EventSourceBehaviour):
    @pytest.fixture(autouse=True)
    async def _topics(
        self, notes: RunningService, kafka: KafkaForTests, monkeypatch: pytest.MonkeyPatch
    ) -> AsyncIterator[None]:
        # The notes publish an event type of the registry's topic.
        monkeypatch.setattr("shared.platform.kafka.source.topics_of", lambda _: ("provider",))
        self.service, prefix = notes, kafka.new_prefix()
        await kafka.create_topics(prefix, partitions=3)
        self.settings = kafka.settings(prefix)
        self.source = KafkaSource("notes", f"{prefix}readers", self.settings)
        self.relay = Relay(notes.runtime.engine, "notes", notes.runtime.sequencer, self.settings)
        running = asyncio.create_task(self.relay.run())
        yield
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await self.source.close()

    async def publish(self, *written: tuple[str, str]) -> None:
        await append(self.service, *written)
        await self.service.published()
        await until(self._has_relayed_all)

    async def test_source_is_unavailable_when_nobody_listens(self) -> None:
        nowhere = self.settings.model_copy(update={"bootstrap_servers": "127.0.0.1:1"})
        source = KafkaSource("notes", "nobody", nowhere)
        with pytest.raises(SourceUnavailable):
            await source.read({}, 100, 0)
        await source.close()

    async def test_partitions_are_shared_when_there_are_several_readers(self) -> None:
        other = KafkaSource("notes", f"{self.settings.topic_prefix}readers", self.settings)
        lanes: dict[EventSource, set[str]] = {self.source: set(), other: set()}
        try:
            async with asyncio.timeout(WITHIN):
                number = 0
                while not (lanes[self.source] and lanes[other] and lanes[self.source].isdisjoint(lanes[other])):
                    await self.publish(*((f"k{number + key}", "x") for key in range(12)))
                    number += 12
                    for source in lanes:
                        batch = await source.read({}, 1000, 0.1)
                        lanes[source] = set(batch.ends) if batch else set()
        finally:
            await other.close()

    async def _has_relayed_all(self) -> bool:
        async with self.service.runtime.engine.connect() as connection:
            query = "SELECT (SELECT max(position) FROM events) = (SELECT position FROM relayed)"
            return bool((await connection.execute(text(query))).scalar())
