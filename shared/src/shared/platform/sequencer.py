"""Gives committed events their consecutive positions; one sequencer per service is at work at any time."""

import asyncio
import contextlib

import structlog
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.platform import tables
from shared.platform.leader import leading

LEADER_LOCK = 7_265_001
BATCH = 1_000
_RETRY_SECONDS = 1.0

log = structlog.get_logger()

# Rows without a position are taken, never "serial > last": a slower transaction that commits later is not lost.
_SEQUENCE = text("""
    WITH batch AS (
        SELECT serial, row_number() OVER (ORDER BY serial) AS place
        FROM (SELECT serial FROM events WHERE position IS NULL ORDER BY serial LIMIT :batch) AS unsequenced
    ), start AS (
        UPDATE sequence SET last_position = last_position + (SELECT count(*) FROM batch)
        WHERE EXISTS (SELECT 1 FROM batch)
        RETURNING last_position - (SELECT count(*) FROM batch) AS before
    ), numbered AS (
        UPDATE events SET position = start.before + batch.place
        FROM batch, start WHERE events.serial = batch.serial
        RETURNING 1
    )
    SELECT count(*) AS numbered FROM numbered
""")


class Sequencer:
    """Runs beside a service and tells readers when the feed has grown."""

    def __init__(self, engine: AsyncEngine, poll_seconds: float = 0.25) -> None:
        self._engine, self._poll_seconds = engine, poll_seconds
        self._committed = asyncio.Event()
        self._grown = asyncio.Condition()
        self._generation = 0
        self._waiting = 0
        self._seen = 0
        self.leading = False

    def wake(self) -> None:
        """Say that a transaction with events has committed."""
        self._committed.set()

    async def grown(self, generation: int, seconds: float) -> None:
        """Wait until the feed has grown since the generation was read, or the time is over."""
        self._waiting += 1
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds), self._grown:
                    await self._grown.wait_for(lambda: self._generation != generation)
        finally:
            self._waiting -= 1

    @property
    def generation(self) -> int:
        """Return a number that changes whenever the feed grows."""
        return self._generation

    async def run(self) -> None:
        """Lead while the lock is ours, and stand by while it is another's; goes on until cancelled."""
        while True:
            try:
                async with leading(self._engine, LEADER_LOCK, self._poll_seconds, self._look) as connection:
                    self.leading = True
                    await self._lead(connection)
            except Exception as error:  # noqa: BLE001 - whatever broke, the sequencer must come back
                log.warning("sequencer.interrupted", error=type(error).__name__)
                await asyncio.sleep(_RETRY_SECONDS)
            finally:
                self.leading = False

    async def watch(self) -> None:
        """Only tell readers when the feed has grown, where another process gives the positions."""
        while True:
            try:
                await self._look()
            except Exception as error:  # noqa: BLE001 - whatever broke, those who wait must be told again
                log.warning("sequencer.interrupted", error=type(error).__name__)
                await asyncio.sleep(_RETRY_SECONDS)
            await asyncio.sleep(self._poll_seconds)

    async def _lead(self, connection: AsyncConnection) -> None:
        while True:
            self._committed.clear()
            while await assign_positions(connection):
                await self._announce()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._poll_seconds):
                    await self._committed.wait()

    async def _look(self) -> None:
        """Look once for all who wait, so that they need not each look for themselves."""
        if not self._waiting:
            return
        async with self._engine.connect() as connection:
            last = (await connection.execute(select(tables.sequence.c.last_position))).scalar_one()
        if last != self._seen:
            self._seen = last
            await self._announce()

    async def _announce(self) -> None:
        async with self._grown:
            self._generation += 1
            self._grown.notify_all()


async def assign_positions(connection: AsyncConnection) -> int:
    """Number one batch of committed events; return how many there were."""
    row = (await connection.execute(_SEQUENCE, {"batch": BATCH})).one()
    return int(row.numbered)
