"""The log: written with the state change, never changed, numbered without a gap."""

import asyncio
import contextlib
from random import Random  # noqa: TID251 - seeded: the delays of a test

import pytest
from notes_service import LOCKS, append, until, write
from opentelemetry import trace
from sqlalchemy.exc import DBAPIError, IntegrityError

from shared.platform.database import create_engine
from shared.platform.sequencer import Sequencer, assign_positions
from shared.testing.services import RunningService

WRITERS = 8
ROUNDS = 25
KEYS = 5


class RolledBack(Exception):  # noqa: N818 - a planted event
    pass


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM events",
        "TRUNCATE events",
        "UPDATE events SET data = '{}'",
        "UPDATE events SET position = 7",
        "UPDATE events SET position = NULL",
        "UPDATE events SET position = position",
        "UPDATE events SET position = 9, key = 'other'",
        "UPDATE events SET serial = DEFAULT",
    ],
)
async def test_log_refuses_when_an_event_is_changed(notes: RunningService, statement: str) -> None:
    await append(notes, ("a", "1"))
    before = await notes.published()
    with pytest.raises(DBAPIError, match="append-only"):
        await notes.execute_as_owner(statement)
    assert await notes.published() == before


async def test_log_refuses_when_a_position_comes_with_another_change(notes: RunningService) -> None:
    await append(notes, ("a", "1"))
    with pytest.raises(DBAPIError, match="append-only"):
        await notes.execute_as_owner("UPDATE events SET position = 1, data = '{}'")
    await notes.execute("UPDATE events SET position = 1")


async def test_log_refuses_when_an_aggregate_version_is_written_twice(notes: RunningService) -> None:
    await append(notes, ("a", "1"))
    await notes.execute("UPDATE notes SET version = 0")
    with pytest.raises(IntegrityError, match="events_aggregate_version_key"):
        await append(notes, ("a", "2"))


async def test_nothing_is_logged_when_the_transaction_is_rolled_back(notes: RunningService) -> None:
    with contextlib.suppress(RolledBack):
        async with notes.runtime.engine.begin() as connection:
            await write(notes.runtime.work(connection), "a", "1")
            raise RolledBack
    assert await notes.published() == []


async def test_positions_are_consecutive_when_writers_are_many_and_some_roll_back(notes: RunningService) -> None:
    engine = create_engine(notes.runtime.engine.url.render_as_string(hide_password=False), pool_size=WRITERS)
    committed: list[tuple[str, str]] = []
    done = asyncio.Event()

    async def writer(number: int) -> None:
        random = Random(number)  # noqa: S311 - delays
        for turn in range(ROUNDS):
            key, content = f"k{random.randrange(KEYS)}", f"{number}.{turn}"
            async with engine.connect() as connection, connection.begin() as transaction:
                await asyncio.sleep(random.random() / 200)
                await write(notes.runtime.work(connection), key, content)
                await asyncio.sleep(random.random() / 200)
                if random.random() < 0.25:
                    await transaction.rollback()
                    continue
            committed.append((key, content))

    async def sequence() -> None:
        async with notes.runtime.engine.connect() as connection:
            autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
            while not done.is_set():
                await assign_positions(autocommit)
                await asyncio.sleep(0.02)  # long enough for several events of a key to meet in one batch

    sequencing = asyncio.create_task(sequence())
    await asyncio.gather(*(writer(number) for number in range(WRITERS)))
    done.set()
    await sequencing
    events = await notes.published()
    await engine.dispose()

    assert [event.position for event in events] == list(range(1, len(committed) + 1))
    assert sorted((event.partitionkey, event.data["reason"]) for event in events) == sorted(committed)
    for key in {key for key, _ in committed}:
        versions = [int(event.sequence) for event in events if event.partitionkey == key]
        assert versions == list(range(1, len(versions) + 1))


async def test_event_is_not_lost_when_its_transaction_commits_late(notes: RunningService) -> None:
    async with notes.runtime.engine.begin() as slow:
        await write(notes.runtime.work(slow), "slow", "first")
        await append(notes, ("fast", "second"))
        assert [event.data["reason"] for event in await notes.published()] == ["second"]
    events = await notes.published()
    # The late one has the smaller serial, and still goes behind what readers have seen.
    assert [(event.position, event.data["reason"]) for event in events] == [(1, "second"), (2, "first")]


async def test_positions_go_on_without_a_gap_when_numbering_is_rolled_back(notes: RunningService) -> None:
    await append(notes, ("a", "1"), ("b", "1"))
    async with notes.runtime.engine.connect() as connection:
        assert await assign_positions(connection) == 2
        await connection.rollback()
    await append(notes, ("a", "2"))
    assert [event.position for event in await notes.published()] == [1, 2, 3]


async def test_one_numbers_and_the_other_gives_way_when_two_number_at_once(notes: RunningService) -> None:
    await append(notes, *((f"k{number}", "1") for number in range(20)))

    async def number() -> int:
        async with notes.runtime.engine.begin() as connection:
            return await assign_positions(connection)

    results = await asyncio.gather(number(), number(), return_exceptions=True)
    assert 20 in results
    assert [event.position for event in await notes.published()] == list(range(1, 21))


async def test_standby_leads_when_the_connection_of_the_leader_dies(
    notes: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.platform.sequencer._RETRY_SECONDS", 1.0)
    first, second = (Sequencer(notes.runtime.engine, poll_seconds=0.02) for _ in range(2))
    running = [asyncio.create_task(first.run())]
    await until(lambda: first.leading)
    running.append(asyncio.create_task(second.run()))
    await asyncio.sleep(0.1)
    assert not second.leading

    await append(notes, ("a", "1"))
    await notes.execute(f"SELECT pg_terminate_backend(pid) FROM {LOCKS} WHERE locktype = 'advisory' AND granted")
    await until(lambda: second.leading)
    await until(lambda: not first.leading)  # it is told by its next statement, which cannot number anything any more
    generation = first.generation
    await append(notes, ("a", "2"))
    second.wake()
    await asyncio.wait_for(first.grown(generation, 30), 5)  # the old leader is back, and stands by
    assert (first.leading, second.leading) == (False, True)

    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    assert [event.position for event in await notes.published()] == [1, 2]
    held = await notes.execute(f"SELECT count(*) FROM {LOCKS} WHERE locktype = 'advisory' AND granted")
    assert held.scalar() == 0


async def test_sequencer_numbers_at_once_when_it_is_woken(notes: RunningService) -> None:
    sequencer = Sequencer(notes.runtime.engine, poll_seconds=30)
    running = asyncio.create_task(sequencer.run())
    await until(lambda: sequencer.leading)
    await asyncio.sleep(0.05)
    generation = sequencer.generation
    await append(notes, ("a", "1"))
    sequencer.wake()
    await asyncio.wait_for(sequencer.grown(generation, 30), 5)
    position = await notes.execute("SELECT position FROM events")
    assert position.scalar() == 1
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_reader_is_told_when_another_process_let_the_feed_grow_and_not_before(notes: RunningService) -> None:
    sequencer = Sequencer(notes.runtime.engine, poll_seconds=0.02)
    running = asyncio.create_task(sequencer.watch())
    for number in range(2):
        waiting = asyncio.create_task(sequencer.grown(sequencer.generation, 30))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        await append(notes, ("a", str(number)))
        async with notes.runtime.engine.begin() as connection:
            assert await assign_positions(connection) == 1
        await asyncio.wait_for(waiting, 5)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_trace_travels_on_the_event_when_it_is_written_inside_one(notes: RunningService) -> None:
    # The example of the W3C recommendation "Trace Context", section 3.2.
    context = trace.SpanContext(
        0x4BF92F3577B34DA6A3CE929D0E0E4736, 0x00F067AA0BA902B7, is_remote=True, trace_flags=trace.TraceFlags(1)
    )
    with trace.use_span(trace.NonRecordingSpan(context)):
        await append(notes, ("a", "1"))
    await append(notes, ("a", "2"))
    traces = [event.traceparent for event in await notes.published()]
    assert traces == ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", None]
