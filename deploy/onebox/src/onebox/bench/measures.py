"""How fast events go from the log to Kafka, and from there to the evaluation's read model; and how long one takes."""

import asyncio
import time
from collections.abc import Callable
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from onebox.bench.procedures import Told, append, procedures
from shared.kernel.clock import SystemClock

_CLIENTS = 8
_LOOK_EVERY = 0.02
_STUCK_AFTER = 120.0
PARKED = "SELECT count(*) FROM parked"
RELAYED = "SELECT position FROM relayed"
TAKEN = "SELECT coalesce(sum(position), 0) FROM cursors WHERE consumer = 'contracts:tender'"
_EFFECTS = """
    SELECT event_id, extract(epoch FROM pg_xact_commit_timestamp(xmin)) AS at FROM contract_facts
    WHERE pg_xact_commit_timestamp(xmin) IS NOT NULL
"""


async def fill(engine: AsyncEngine, events: int, *, appended: Callable[[], None] = lambda: None) -> float:
    """Append procedures as fast as eight clients can, one in a transaction; return events a second."""
    clock, waiting = SystemClock(), iter(list(procedures(events // 4)))
    began = time.perf_counter()

    async def client() -> None:
        for told in waiting:
            await append(engine, clock, told)
            appended()

    await asyncio.gather(*(client() for _ in range(_CLIENTS)))
    return events / (time.perf_counter() - began)


async def rate(engine: AsyncEngine, counter: str, end: int) -> float:
    """Watch a counter grow to its end; return how much it grew a second, from its first movement on."""
    before = await read(engine, counter)
    await until(engine, counter, before + 1)
    first, began = await read(engine, counter), time.perf_counter()
    await until(engine, counter, end)
    return (end - first) / (time.perf_counter() - began)


async def latencies(
    log: AsyncEngine, effects: AsyncEngine, *, a_second: int, seconds: int, appended: Callable[[], None]
) -> list[float]:
    """Append events at a steady rate; return the seconds each took from its transaction's begin to its effect."""
    clock, courses = SystemClock(), list(procedures(a_second * seconds // 4))
    # First the first event of each procedure, then the second: those of one procedure never meet.
    wanted = [course[step] for step in range(4) for course in courses]
    begun: dict[tuple[UUID, int], float] = {}
    start = time.perf_counter()

    async def one(number: int, told: Told) -> None:
        await asyncio.sleep(max(0.0, start + number / a_second - time.perf_counter()))
        begun[told.aggregate, told.version] = time.time()
        await append(log, clock, [told])
        appended()

    before = await read(effects, TAKEN)
    await asyncio.gather(*(one(number, told) for number, told in enumerate(wanted)))
    await until(effects, TAKEN, before + len(wanted))
    async with log.connect() as connection:
        rows = await connection.execute(text("SELECT id, aggregate, version FROM events"))
        ids = {row.id: (row.aggregate, row.version) for row in rows}
    async with effects.connect() as connection:
        done = {row.event_id: float(row.at) for row in await connection.execute(text(_EFFECTS))}
    return sorted(done[event] - begun[told] for event, told in ids.items() if told in begun)


async def read(engine: AsyncEngine, counter: str) -> int:
    """Read a counter."""
    async with engine.connect() as connection:
        return int((await connection.execute(text(counter))).scalar_one())


async def until(engine: AsyncEngine, counter: str, end: int) -> None:
    """Wait for a counter."""
    async with engine.connect() as connection, asyncio.timeout(_STUCK_AFTER):
        autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
        while int((await autocommit.execute(text(counter))).scalar_one()) < end:  # noqa: ASYNC110 - only the database knows
            await asyncio.sleep(_LOOK_EVERY)
