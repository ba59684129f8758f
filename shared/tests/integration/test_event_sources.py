"""Where events come from: the real feed and the fake of the tests behave the same."""

import asyncio

import httpx
import pytest
from notes_service import append, note

from shared.contracts.event import Event
from shared.platform.sources import EventSource, FeedSource, SourceUnavailable
from shared.testing.services import RunningService, ScriptedSource


class EventSourceBehaviour:
    """What a consumer relies on."""

    source: EventSource

    async def publish(self, *written: tuple[str, str]) -> None:
        raise NotImplementedError

    async def test_events_are_read_in_order_when_there_are_many(self) -> None:
        await self.publish(*((f"k{number % 2}", str(number)) for number in range(7)))
        events = await self.source.read(0, 100, 0)
        assert [event.data["reason"] for event in events] == [str(number) for number in range(7)]
        assert [event.position for event in events] == list(range(1, 8))

    async def test_only_later_events_are_read_when_a_position_is_given(self) -> None:
        await self.publish(("a", "1"), ("a", "2"), ("a", "3"))
        assert [event.data["reason"] for event in await self.source.read(1, 100, 0)] == ["2", "3"]
        assert await self.source.read(3, 100, 0) == []

    async def test_no_more_are_read_when_a_limit_is_given(self) -> None:
        await self.publish(("a", "1"), ("a", "2"), ("a", "3"))
        assert [event.data["reason"] for event in await self.source.read(0, 2, 0)] == ["1", "2"]

    async def test_the_same_is_read_when_it_is_asked_for_again(self) -> None:
        await self.publish(("a", "1"), ("b", "2"))
        assert await self.source.read(0, 100, 0) == await self.source.read(0, 100, 0)

    async def test_nothing_is_read_when_there_is_nothing(self) -> None:
        assert await self.source.read(0, 100, 0) == []

    async def test_waiting_ends_when_its_time_is_over(self) -> None:
        async with asyncio.timeout(5):
            assert await self.source.read(0, 100, 0.02) == []

    async def test_event_is_read_when_it_is_published_while_a_reader_waits(self) -> None:
        async def first() -> Event:
            while True:
                for event in await self.source.read(0, 100, 0.2):
                    return event

        reading = asyncio.create_task(first())
        await asyncio.sleep(0.05)
        await self.publish(("a", "1"))
        assert (await asyncio.wait_for(reading, 5)).data["reason"] == "1"

    async def test_attributes_are_those_of_cloudevents_when_an_event_is_read(self) -> None:
        await self.publish(("a", "1"))
        (event,) = await self.source.read(0, 100, 0)
        assert event.type == "provider.verification-refused.v1"
        assert event.source == f"/{self.source.name}"
        assert event.dataschema == f"urn:coxswain:event:{event.type}"
        assert event.partitionkey == "a"
        assert event.sequence == "0000000001"
        assert event.sandbox is False
        assert event.data == {"provider": "a", "reason": "1"}


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
            await self.source.read(-1, 100, 0)

    @pytest.mark.parametrize("content", [b"", b"{}", b"[{}]", b'[{"specversion": "1.0"}]', b"\xff"])
    async def test_source_is_unavailable_when_the_answer_is_no_feed(self, content: bytes) -> None:
        transport = httpx.MockTransport(lambda _: httpx.Response(200, content=content))
        async with httpx.AsyncClient(transport=transport, base_url="http://other.test") as client:
            with pytest.raises(SourceUnavailable):
                await FeedSource("other", client).read(0, 100, 0)

    async def test_source_is_unavailable_when_nobody_listens(self) -> None:
        async with httpx.AsyncClient(base_url="http://127.0.0.1:1") as client:
            with pytest.raises(SourceUnavailable):
                await FeedSource("other", client).read(0, 100, 0)


class TestScriptedSource(EventSourceBehaviour):
    @pytest.fixture(autouse=True)
    def _script(self, notes: RunningService) -> None:
        self.service = notes
        self.source = ScriptedSource("notes")

    async def publish(self, *written: tuple[str, str]) -> None:
        for key, content in written:
            self.source.add(note(key, content), at=self.service.clock)
