"""Lets time act: whatever an object has stored as the instant it is next due at happens when that has come."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.kernel.clock import Clock
from shared.platform.leader import leading
from shared.platform.sequencer import Sequencer
from shared.platform.work import Publish, Work

LEADER_LOCK = 7_265_003
BATCH = 100
_RETRY_SECONDS = 1.0
_PUT_OFF = timedelta(seconds=30)

log = structlog.get_logger()

Act = Callable[[Work, UUID], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Timed:
    """A table of objects on which time acts by itself, and what it does to one of them.

    The table has a column `clock_at`: the instant at which the clock next acts on the object, null if never. Acting
    applies all that has come due by work.now, each at the instant it was due and not at the instant it was noticed, and
    stores the next: so a late clock leaves the same state as a punctual one.
    """

    table: Table
    act: Act


class Timekeeper:
    """Asks, as the one leader of its service, what is due, and lets each act in a transaction of its own."""

    def __init__(
        self,
        engine: AsyncEngine,
        timed: Sequence[Timed],
        *,
        clock: Clock,
        sandbox: bool,
        publish: Publish,
        sequencer: Sequencer,
        poll_seconds: float = 0.25,
    ) -> None:
        self._engine, self._timed, self._clock = engine, timed, clock
        self._sandbox, self._publish, self._sequencer = sandbox, publish, sequencer
        self._poll_seconds = poll_seconds
        self._put_off: dict[UUID, datetime] = {}

    async def run(self) -> None:
        """Lead while the lock is ours; goes on until cancelled."""
        while True:
            try:
                async with leading(self._engine, LEADER_LOCK, self._poll_seconds) as connection:
                    while True:
                        if not await self.step(connection):
                            await asyncio.sleep(self._poll_seconds)
            except Exception as error:  # noqa: BLE001 - whatever broke, the timekeeper must come back
                log.warning("timekeeper.interrupted", error=type(error).__name__)
                await asyncio.sleep(_RETRY_SECONDS)

    async def step(self, connection: AsyncConnection) -> int:
        """Act on what is due now, at most a batch of each kind; return on how many."""
        acted = 0
        for timed in self._timed:
            for identifier in await self._due(connection, timed.table):
                acted += await self._act(timed, identifier)
        return acted

    async def _due(self, connection: AsyncConnection, table: Table) -> Sequence[UUID]:
        now = self._clock.now()
        self._put_off = {identifier: until for identifier, until in self._put_off.items() if until > now}
        # What failed a moment ago waits, and does not keep the others from their turn.
        due = (
            select(table.c.id)
            .where(table.c.clock_at <= now, table.c.id.not_in(self._put_off))
            .order_by(table.c.clock_at, table.c.id)
            .limit(BATCH)
        )
        return (await connection.execute(due)).scalars().all()

    async def _act(self, timed: Timed, identifier: UUID) -> int:
        try:
            async with self._engine.begin() as connection:
                work = Work(connection, self._clock.now(), self._sandbox, self._publish)
                await timed.act(work, identifier)
                await _moved_on(work, timed.table, identifier)
        except Exception as error:  # noqa: BLE001 - one object must not stop the clock of the others
            self._put_off[identifier] = self._clock.now() + _PUT_OFF
            log.warning("timekeeper.failed", table=timed.table.name, id=str(identifier), error=type(error).__name__)
            return 0
        self._sequencer.wake()
        return 1


async def _moved_on(work: Work, table: Table, identifier: UUID) -> None:
    still = select(table.c.id).where(table.c.id == identifier, table.c.clock_at <= work.now)
    if (await work.connection.execute(still)).first() is not None:
        raise StillDueError(table.name)


class StillDueError(Exception):
    """Acting on an object left it due at the same time, which would go on for ever."""
