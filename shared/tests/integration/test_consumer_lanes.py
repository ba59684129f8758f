"""A source with several lanes: a key's events come by different ones, and have their effects once and in order."""

import asyncio
import contextlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lanes_source import EVERY_LANE, Lanes, drain, states, workers
from notes_service import echo_of, effects_by_key, empty, published_by_key

from shared.kernel.errors import NotAllowed
from shared.kernel.ids import derived_id
from shared.platform.consumer import Consumer
from shared.platform.sources import Batch, Unreadable
from shared.platform.work import Work
from shared.testing.services import RunningService

OPERATOR = ("op-1", "office", "operator")


class Killed(BaseException):
    """The process ends here; nothing may catch it."""


@pytest.fixture
def source() -> Lanes:
    return Lanes()


async def test_event_waits_when_the_one_before_it_has_not_come(notes: RunningService, source: Lanes) -> None:
    (worker,) = workers(notes, source, 1)
    source.publish("a", "tender", "1")
    source.publish("a", "award", "2")
    source.publish("b", "award", "x")
    source.publish("a", "contract", "3")
    source.publish("a", "contract", "4")
    for lane in ("contract", "award"):
        source.open = lane
        await worker.step()
    assert await effects_by_key(notes) == {"b": ["x"]}
    assert await states(notes) == [("a", "early")] * 3
    listed = (await notes.client.get("/v1/parked", headers=notes.headers(*OPERATOR))).json()
    assert [item["problem"] for item in listed] == [
        f"An earlier event of the same key, at position {position}, has not arrived." for position in (1, 2, 4)
    ]
    source.open = "tender"
    await worker.step()
    assert await effects_by_key(notes) == {"a": ["1", "2", "3", "4"], "b": ["x"]}
    assert await states(notes) == []


async def test_early_event_is_not_replayed_when_the_one_before_it_is_missing(
    notes: RunningService, source: Lanes
) -> None:
    (worker,) = workers(notes, source, 1)
    source.publish("a", "tender", "1")
    early = source.publish("a", "award", "2")
    source.open = "award"
    await worker.step()
    answer = await notes.client.post(f"/v1/parked/upstream/{early.id}/replay", headers=notes.headers(*OPERATOR))
    assert (answer.status_code, answer.json()["code"]) == (409, "predecessor-missing")
    assert answer.json()["satisfied_by"] == "The earlier event, sent again by the service it is of."
    assert await states(notes) == [("a", "early")]


async def test_events_behind_it_go_on_when_an_early_event_is_discarded_by_two(
    notes: RunningService, source: Lanes
) -> None:
    (worker,) = workers(notes, source, 1)
    source.publish("a", "tender", "lost")
    early = source.publish("a", "award", "2")
    source.publish("a", "award", "3")
    source.publish("b", "award", "x")
    source.open = "award"
    await worker.step()
    path = f"/v1/parked/upstream/{early.id}"
    for person, step, body in (("op-1", "discard-proposal", {"reason": "Lost."}), ("op-2", "discard", None)):
        headers = notes.headers(person, "office", "operator")
        assert (await notes.client.post(f"{path}/{step}", headers=headers, json=body)).status_code == 200
    assert await effects_by_key(notes) == {"a": ["3"], "b": ["x"]}
    source.publish("a", "contract", "4")
    await drain(source, worker)
    # What was missing comes after all, too late.
    assert await effects_by_key(notes) == {"a": ["3", "4"], "b": ["x"]}
    assert await states(notes) == [("a", "discarded")]


async def test_queue_leaves_early_events_waiting_when_it_is_let_through(notes: RunningService, source: Lanes) -> None:
    (worker,) = workers(notes, source, 1)
    echo_of(notes).poison.add("1")
    first = source.publish("a", "tender", "1")
    source.publish("a", "tender", "2")
    source.publish("a", "award", "3")
    source.publish("a", "contract", "4")
    for lane in ("contract", "tender"):
        source.open = lane
        await worker.step()
    assert await states(notes) == [("a", "parked"), ("a", "queued"), ("a", "early")]
    echo_of(notes).poison.clear()
    headers = notes.headers(*OPERATOR)
    (queued,) = (await notes.execute("SELECT event_id FROM parked WHERE state = 'queued'")).all()
    refused = await notes.client.post(f"/v1/parked/upstream/{queued.event_id}/replay", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "queued-behind-another")
    headers = notes.headers(*OPERATOR)
    assert (await notes.client.post(f"/v1/parked/upstream/{first.id}/replay", headers=headers)).status_code == 200
    assert await effects_by_key(notes) == {"a": ["1", "2"]}
    assert await states(notes) == [("a", "early")]
    await drain(source, worker)
    assert await effects_by_key(notes) == {"a": ["1", "2", "3", "4"]}


async def test_early_events_queue_when_the_one_before_them_cannot_be_handled(
    notes: RunningService, source: Lanes
) -> None:
    (worker,) = workers(notes, source, 1)
    echo_of(notes).poison.add("1")
    first = source.publish("a", "tender", "1")
    source.publish("a", "award", "2")
    source.publish("a", "contract", "3")
    for lane in ("contract", "award", "tender"):
        source.open = lane
        await worker.step()
    assert await states(notes) == [("a", "parked"), ("a", "queued"), ("a", "queued")]
    echo_of(notes).poison.clear()
    answer = await notes.client.post(f"/v1/parked/upstream/{first.id}/replay", headers=notes.headers(*OPERATOR))
    assert answer.status_code == 200
    assert await effects_by_key(notes) == {"a": ["1", "2", "3"]}


async def test_early_event_is_parked_alone_when_it_cannot_be_handled_in_its_turn(
    notes: RunningService, source: Lanes
) -> None:
    (worker,) = workers(notes, source, 1)
    echo_of(notes).poison.add("2")
    source.publish("a", "tender", "1")
    source.publish("a", "award", "2")
    source.publish("a", "award", "3")
    for lane in ("award", "tender"):
        source.open = lane
        await worker.step()
    assert await effects_by_key(notes) == {"a": ["1"]}
    assert await states(notes) == [("a", "parked"), ("a", "queued")]


async def test_no_event_is_an_event_when_its_key_is_not_what_its_data_say(notes: RunningService, source: Lanes) -> None:
    (worker,) = workers(notes, source, 1)
    event = source.publish("a", "tender", "1")
    source.lanes["tender"] = [event.model_copy(update={"partitionkey": "b"})]
    source.open = "tender"
    await worker.step()
    assert await effects_by_key(notes) == {}
    (row,) = await notes.execute("SELECT key, state, problem FROM parked")
    assert tuple(row) == ("b", "parked", "Invalid: wrong-key")


async def test_its_key_waits_and_others_go_on_when_a_message_is_no_event(notes: RunningService, source: Lanes) -> None:
    (worker,) = workers(notes, source, 1)
    source.publish("a", "tender", "1")
    broken = Unreadable(derived_id("broken"), "a", "unknown", "The value is not JSON.", {"offset": 1})
    source.lanes["tender"].append(broken)
    source.publish("a", "tender", "2")
    source.publish("b", "tender", "x")
    source.open = "tender"
    await worker.step()
    worker.positions = {}  # killed, and everything comes again
    await notes.execute("UPDATE cursors SET position = 0")
    await worker.step()
    assert await effects_by_key(notes) == {"a": ["1"], "b": ["x"]}
    assert await states(notes) == [("a", "parked"), ("a", "queued")]
    path = f"/v1/parked/upstream/{broken.id}"
    shown = (await notes.client.get(path, headers=notes.headers(*OPERATOR))).json()
    assert (shown["problem"], shown["event"]) == ("The value is not JSON.", {"message": {"offset": 1}})
    refused = await notes.client.post(f"{path}/replay", headers=notes.headers(*OPERATOR))
    assert (refused.status_code, refused.json()["code"]) == (409, "still-unhandled")
    for person, step, body in (("op-1", "discard-proposal", {"reason": "Not ours."}), ("op-2", "discard", None)):
        headers = notes.headers(person, "office", "operator")
        assert (await notes.client.post(f"{path}/{step}", headers=headers, json=body)).status_code == 200
    assert await effects_by_key(notes) == {"a": ["1", "2"], "b": ["x"]}


async def test_nothing_is_done_again_when_events_come_over_kafka_that_the_feed_has_brought(
    notes: RunningService, source: Lanes
) -> None:
    (worker,) = workers(notes, source, 1)
    events = [source.publish("a", "", str(number)) for number in range(3)]
    await worker.step()
    # As in a database of before: what the feed has brought is known by the feed's position alone.
    await notes.execute("DELETE FROM key_positions")
    source.lanes = {"tender": list(events[:2]), "award": [events[2]]}
    source.publish("a", "award", "new")
    await drain(source, worker)
    assert await effects_by_key(notes) == {"a": ["0", "1", "2", "new"]}


@dataclass(frozen=True)
class Publish:
    """The service tells something."""

    key: int
    topic: int
    poisonous: bool


@dataclass(frozen=True)
class Step:
    """A worker reads a batch of a lane; it may be killed in the middle, or not know that others have read it."""

    worker: int
    topic: int | None
    most: int
    repeated: int
    killed_at: int | None
    stale: bool


@dataclass(frozen=True)
class Together:
    """Two workers apply batches of two lanes at the same time."""

    topics: tuple[int, int]


@dataclass(frozen=True)
class Replay:
    """The operator replays what is parked; what made it fail is gone, or is not."""

    cured: bool


TOPICS = st.integers(0, 2)
STEPS = st.one_of(
    st.builds(Publish, key=st.integers(0, 2), topic=TOPICS, poisonous=st.sampled_from([False] * 7 + [True])),
    st.builds(Publish, key=st.integers(0, 2), topic=TOPICS, poisonous=st.just(value=False)),
    st.builds(
        Step,
        worker=st.integers(0, 1),
        topic=st.none() | TOPICS,
        most=st.integers(1, 4),
        repeated=st.integers(0, 3),
        killed_at=st.none() | st.integers(0, 3),
        stale=st.booleans(),
    ),
    st.builds(Together, topics=st.tuples(TOPICS, TOPICS)),
    st.builds(Replay, cured=st.booleans()),
)


@dataclass
class Reader:
    """One worker's own view of the lanes, so that two may read different ones at a time."""

    lanes: Lanes
    open: str
    name: str = "upstream"

    async def read(self, positions: Mapping[str, int], limit: int, wait: float) -> Batch | None:
        self.lanes.open = self.open
        return await self.lanes.read(positions, limit, wait)

    async def applied(self, _: Batch) -> None:
        return None

    async def close(self) -> None:
        return None


async def step(service: RunningService, source: Lanes, worker: Consumer, wanted: Step) -> None:
    source.open = EVERY_LANE if wanted.topic is None else f"t{wanted.topic}"
    source.most, source.repeated = wanted.most, wanted.repeated
    worker.source = source
    before, handled = worker.positions, itertools.count()

    async def die(_: Work, __: str) -> None:
        if next(handled) == wanted.killed_at:
            raise Killed

    echo_of(service).after = die
    try:
        await worker.step()
    except Killed:
        pass
    finally:
        echo_of(service).after = None
    if wanted.stale:
        worker.positions = before


async def replay(service: RunningService, worker: Consumer, *, cured: bool) -> None:
    if cured:
        echo_of(service).poison.clear()
    for row in (await service.execute("SELECT event_id FROM parked WHERE state = 'parked'")).all():
        with contextlib.suppress(NotAllowed):
            async with service.runtime.engine.begin() as connection:
                await worker.replay(connection, row.event_id)


async def together(source: Lanes, pair: Sequence[Consumer], topics: Sequence[int]) -> None:
    source.most, source.repeated = 500, 0
    for worker, topic in zip(pair, topics, strict=True):
        worker.source = Reader(source, f"t{topic}")
    await asyncio.gather(*(worker.step() for worker in pair))


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(steps=st.lists(STEPS, min_size=8, max_size=40))
async def test_effects_are_once_and_in_order_when_lanes_are_read_in_any_way(
    notes: RunningService, steps: list[Any]
) -> None:
    await empty(notes)
    source, poison = Lanes(), echo_of(notes).poison
    pair, written, number = workers(notes, source), dict[str, list[str]](), itertools.count()
    poison.clear()
    for wanted in steps:
        match wanted:
            case Publish():
                key, content = f"k{wanted.key}", str(next(number))
                source.publish(key, f"t{wanted.topic}", content)
                written.setdefault(key, []).append(content)
                if wanted.poisonous:
                    poison.add(content)
            case Step():
                await step(notes, source, pair[wanted.worker], wanted)
            case Together():
                await together(source, pair, wanted.topics)
            case Replay():
                await replay(notes, pair[0], cured=wanted.cured)
        # At every moment: what has been done of a key is the beginning of what was told of it.
        for key, done in (await effects_by_key(notes)).items():
            assert done == written[key][: len(done)]
    pair[0].source = source
    await drain(source, pair[0])
    stuck = {key: next((text for text in texts if text in poison), None) for key, texts in written.items()}
    expected = {key: texts[: texts.index(stuck[key] or "")] if stuck[key] else texts for key, texts in written.items()}
    assert await effects_by_key(notes) == {key: texts for key, texts in expected.items() if texts}
    poison.clear()
    while (await notes.execute("SELECT 1 FROM parked WHERE state = 'parked'")).all():
        await replay(notes, pair[0], cured=True)
    assert await effects_by_key(notes) == written
    assert await published_by_key(notes) == written
    assert await states(notes) == []
    known = await notes.execute("SELECT key, position FROM key_positions")
    assert {row.key: row.position for row in known} == source.positions
