"""Whatever is repeated, late or killed between two services, every event has its effect once and in order."""

import asyncio
import contextlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from notes_service import append, echo_of, effects_by_key, empty, published_by_key, write
from sqlalchemy.exc import DBAPIError

from shared.platform.consumer import Consumer
from shared.platform.database import is_passing
from shared.platform.sequencer import assign_positions
from shared.platform.sources import FEED, Batch, Delivered, EventSource, FeedSource, SourceUnavailable
from shared.platform.work import Work
from shared.testing.services import RunningService


class Killed(BaseException):
    """The process ends here; nothing may catch it."""


@dataclass
class Network:
    """A feed over a bad connection: what it repeats, cuts off or does not answer is the test's choice."""

    name: str
    feed: EventSource
    most: int = 200
    repeated: int = 0
    down: bool = False
    doubled: bool = False

    async def read(self, positions: Mapping[str, int], limit: int, wait: float) -> Batch | None:
        if self.down:
            raise SourceUnavailable(self.name)
        after = positions.get(FEED, 0)
        found = await self._read(after, min(limit, self.most), wait)
        if self.repeated:
            found = [*await self._read(max(0, after - self.repeated), self.repeated, 0), *found]
        if self.doubled:
            found = list(itertools.chain.from_iterable((message, message) for message in found))
        return Batch({FEED: after}, found) if found else None

    async def applied(self, batch: Batch) -> None:
        await self.feed.applied(batch)

    async def close(self) -> None:
        await self.feed.close()

    async def _read(self, after: int, limit: int, wait: float) -> Sequence[Delivered]:
        batch = await self.feed.read({FEED: after}, limit, wait)
        return batch.delivered if batch else []


@dataclass(frozen=True)
class Append:
    """The producer writes events, in one transaction."""

    keys: tuple[int, ...]
    killed: bool


@dataclass(frozen=True)
class Number:
    """The producer's sequencer runs, or is killed before its numbers are committed."""

    killed: bool


@dataclass(frozen=True)
class Consume:
    """A consumer reads one batch; it may be killed in the middle, cancelled, or forget where it was."""

    consumer: int
    batch: int
    repeated: int
    doubled: bool
    down: bool
    killed_at: int | None
    cancelled_after: float | None
    forgets: bool


@dataclass(frozen=True)
class ConsumeTogether:
    """Two processes consume at the same time."""

    batch: int


KEYS = st.integers(0, 2)
STEPS = st.one_of(
    st.builds(Append, keys=st.lists(KEYS, min_size=1, max_size=4).map(tuple), killed=st.booleans()),
    st.builds(Number, killed=st.booleans()),
    st.builds(
        Consume,
        consumer=st.integers(0, 1),
        batch=st.integers(1, 5),
        repeated=st.integers(0, 4),
        doubled=st.booleans(),
        down=st.sampled_from([False, False, False, True]),
        killed_at=st.none() | st.integers(0, 5),
        cancelled_after=st.none() | st.floats(0, 0.02),
        forgets=st.booleans(),
    ),
    st.builds(ConsumeTogether, batch=st.integers(1, 5)),
)


@pytest.fixture
async def bridge(notes: RunningService, upstream: RunningService) -> "Bridge":
    return Bridge(notes, upstream)


class Bridge:
    """A producer, a bad network, and two processes of a consumer."""

    def __init__(self, consuming: RunningService, producing: RunningService) -> None:
        self.consuming, self.producing = consuming, producing
        self.reset()

    def reset(self) -> None:
        feed = FeedSource("notes", self.producing.client)
        self.network = Network("upstream", feed)
        runtime = self.consuming.runtime
        self.consumers = [
            Consumer(
                self.network,
                echo_of(self.consuming).handlers(),
                engine=runtime.engine,
                clock=runtime.clock,
                sandbox=False,
                publish=runtime.publish,
                sequencer=runtime.sequencer,
            )
            for _ in range(2)
        ]
        self.written: dict[str, list[str]] = {}
        self.number = itertools.count()

    async def do(self, step: object) -> None:
        match step:
            case Append():
                await self.append(step)
            case Number():
                await self.sequence(killed=step.killed)
            case Consume():
                await self.consume(step)
            case ConsumeTogether():
                self.network.most, self.network.repeated, self.network.doubled, self.network.down = (
                    step.batch,
                    0,
                    False,
                    False,
                )
                await asyncio.gather(*(consumer.step() for consumer in self.consumers))

    async def append(self, step: Append) -> None:
        written = [(f"k{key}", str(next(self.number))) for key in step.keys]
        if not step.killed:
            await append(self.producing, *written)
            for key, content in written:
                self.written.setdefault(key, []).append(content)
            return
        with contextlib.suppress(Killed):
            async with self.producing.runtime.engine.begin() as connection:
                for key, content in written:
                    await write(self.producing.runtime.work(connection), key, content)
                raise Killed

    async def sequence(self, *, killed: bool) -> None:
        async with self.producing.runtime.engine.connect() as connection:
            await assign_positions(connection)
            await (connection.rollback() if killed else connection.commit())

    async def consume(self, step: Consume) -> None:
        consumer = self.consumers[step.consumer]
        self.network.most, self.network.repeated = step.batch, step.repeated
        self.network.doubled, self.network.down = step.doubled, step.down
        remembered, handled = consumer.positions, itertools.count()

        async def die(_: Work, __: str) -> None:
            if next(handled) == step.killed_at:
                raise Killed

        echo_of(self.consuming).after = die
        consuming = asyncio.create_task(consumer.step())
        if step.cancelled_after is not None:
            await asyncio.wait({consuming}, timeout=step.cancelled_after)
            consuming.cancel()
        try:
            await consuming
        except (Killed, SourceUnavailable, asyncio.CancelledError):
            pass
        except (DBAPIError, OSError) as error:
            # A connection that is cut off in the middle may say so in its own way; it must be one that passes.
            assert is_passing(error)  # noqa: PT017 - usually nothing is raised
        finally:
            echo_of(self.consuming).after = None
        if step.forgets:
            # Killed after the commit, before the position was remembered.
            consumer.positions = remembered

    async def drain(self) -> None:
        await self.sequence(killed=False)
        self.network.most, self.network.repeated, self.network.doubled, self.network.down = 200, 0, False, False
        while await self.consumers[0].step():
            continue


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(steps=st.lists(STEPS, min_size=5, max_size=25))
async def test_every_effect_is_once_and_in_order_when_anything_is_killed_or_repeated(
    bridge: Bridge, steps: list[object]
) -> None:
    await empty(bridge.consuming)
    await empty(bridge.producing)
    bridge.reset()
    for step in steps:
        await bridge.do(step)
    await bridge.drain()

    assert await effects_by_key(bridge.consuming) == bridge.written
    assert await published_by_key(bridge.consuming) == bridge.written
    positions = [event.position for event in await bridge.consuming.published()]
    assert positions == list(range(1, len(positions) + 1))
    assert (await bridge.consuming.execute("SELECT count(*) FROM parked")).scalar() == 0
    read = (await bridge.consuming.execute("SELECT position FROM cursors")).scalar()
    assert (read or 0) == sum(map(len, bridge.written.values()))
