"""Time acts by itself: late or punctual the same comes of it, once, and one object's failure is nobody else's."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Column, DateTime, Integer, MetaData, Table, Text, Uuid, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.kernel.ids import new_id
from shared.platform.database import create_engine
from shared.platform.embedded_postgres import execute
from shared.platform.sequencer import Sequencer
from shared.platform.timekeeper import Timed, Timekeeper
from shared.platform.work import Work
from shared.testing.clock import ManualClock
from shared.testing.postgres import PostgresForTests, as_owner

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
metadata = MetaData()
alarms = Table(
    "alarms",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text),
    Column("clock_at", DateTime(timezone=True)),
    Column("left", Integer),
)
rings = Table("rings", metadata, Column("alarm", Uuid), Column("rang_at", DateTime(timezone=True)))
TABLES = """
    CREATE TABLE alarms (id uuid PRIMARY KEY, kind text, clock_at timestamptz, "left" integer);
    CREATE TABLE rings (alarm uuid, rang_at timestamptz);
"""


async def ring(work: Work, identifier: UUID) -> None:
    """Ring once a day at the same time, as often as is left, also for the days that were missed."""
    alarm = (await work.connection.execute(select(alarms).where(alarms.c.id == identifier).with_for_update())).one()
    due, left = alarm.clock_at, alarm.left
    while left and due <= work.now:
        await work.connection.execute(insert(rings).values(alarm=identifier, rang_at=due))
        due, left = due + DAY, left - 1
    if alarm.kind == "broken":
        raise ValueError("no bell")
    if alarm.kind != "stuck":
        changed = update(alarms).where(alarms.c.id == identifier).values(clock_at=due if left else None, left=left)
        await work.connection.execute(changed)


@pytest.fixture
async def engine(postgres: PostgresForTests) -> AsyncIterator[AsyncEngine]:
    url = as_owner(postgres.new_database())
    execute(url, TABLES)
    engine = create_engine(url, pool_size=4)
    yield engine
    await engine.dispose()
    postgres.drop(url)


def keeper(engine: AsyncEngine, clock: ManualClock) -> Timekeeper:
    def publish(event: object) -> None:
        raise AssertionError(event)

    return Timekeeper(
        engine,
        [Timed(alarms, ring)],
        clock=clock,
        sandbox=False,
        publish=publish,  # type: ignore[arg-type]
        sequencer=Sequencer(engine),
        poll_seconds=0.01,
    )


async def put(engine: AsyncEngine, *, kind: str = "sound", left: int = 3) -> UUID:
    identifier = new_id()
    async with engine.begin() as connection:
        await connection.execute(insert(alarms).values(id=identifier, kind=kind, clock_at=START + DAY, left=left))
    return identifier


async def rung(engine: AsyncEngine, alarm: UUID) -> list[datetime]:
    async with engine.connect() as connection:
        times = select(rings.c.rang_at).where(rings.c.alarm == alarm).order_by(rings.c.rang_at)
        return list((await connection.execute(times)).scalars())


async def step(timekeeper: Timekeeper, engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return await timekeeper.step(await connection.execution_options(isolation_level="AUTOCOMMIT"))


async def test_nothing_happens_before_it_is_due(engine: AsyncEngine) -> None:
    clock = ManualClock()
    clock.set(START + DAY - timedelta(microseconds=1))
    alarm = await put(engine)
    assert await step(keeper(engine, clock), engine) == 0
    assert await rung(engine, alarm) == []


async def test_a_week_late_leaves_what_a_punctual_clock_leaves(engine: AsyncEngine) -> None:
    clock = ManualClock()
    punctual, late = await put(engine, left=5), None
    timekeeper = keeper(engine, clock)
    for day in range(8):
        clock.set(START + day * DAY)
        await step(timekeeper, engine)
    late = await put(engine, left=5)
    assert await step(timekeeper, engine) == 1
    assert await rung(engine, late) == await rung(engine, punctual) == [START + day * DAY for day in range(1, 6)]
    assert await step(timekeeper, engine) == 0


async def test_an_object_that_fails_changes_nothing_and_holds_up_nobody(engine: AsyncEngine) -> None:
    clock = ManualClock()
    broken, stuck, sound = await put(engine, kind="broken"), await put(engine, kind="stuck"), await put(engine)
    timekeeper = keeper(engine, clock)
    clock.set(START + DAY)
    assert await step(timekeeper, engine) == 1
    assert (await rung(engine, broken), await rung(engine, stuck)) == ([], [])
    assert await rung(engine, sound) == [START + DAY]


async def test_what_failed_is_tried_again_later(engine: AsyncEngine) -> None:
    clock = ManualClock()
    alarm = await put(engine, kind="broken", left=1)
    timekeeper = keeper(engine, clock)
    clock.set(START + DAY)
    await step(timekeeper, engine)
    async with engine.begin() as connection:
        await connection.execute(update(alarms).values(kind="sound"))
    assert await step(timekeeper, engine) == 0
    clock.advance(minutes=1)
    assert await step(timekeeper, engine) == 1
    assert await rung(engine, alarm) == [START + DAY]


async def test_many_that_fail_do_not_starve_the_one_that_does_not(engine: AsyncEngine) -> None:
    clock = ManualClock()
    for _ in range(100):
        await put(engine, kind="broken")
    sound = await put(engine, left=1)
    timekeeper = keeper(engine, clock)
    clock.set(START + DAY)
    await step(timekeeper, engine)
    await step(timekeeper, engine)
    assert await rung(engine, sound) == [START + DAY]


async def test_one_of_two_timekeepers_acts(engine: AsyncEngine) -> None:
    clock = ManualClock()
    waiting = [await put(engine, left=1) for _ in range(30)]
    clock.set(START + DAY)
    tasks = [asyncio.create_task(keeper(engine, clock).run()) for _ in range(2)]
    try:
        async with asyncio.timeout(20):
            while not all([await rung(engine, alarm) for alarm in waiting]):  # noqa: ASYNC110 - waits for rows
                await asyncio.sleep(0.02)
    finally:
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks)
    assert [len(await rung(engine, alarm)) for alarm in waiting] == [1] * 30
