"""Forgets the answers that were kept for requests that are sent again, once nobody sends them again any more."""

import asyncio
from datetime import timedelta

import structlog
from sqlalchemy import delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.kernel.clock import Clock
from shared.platform import tables

BATCH = 1_000
_EVERY_SECONDS = 3_600.0

log = structlog.get_logger()


class KeptAnswers:
    """Deletes, once an hour and in batches, what was answered longer ago than answers are kept.

    What two processes find at once each of them skips for the other, so that neither has to lead.
    """

    def __init__(self, engine: AsyncEngine, clock: Clock, *, days: int) -> None:
        self._engine, self._clock, self._kept = engine, clock, timedelta(days=days)

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            try:
                gone = BATCH
                while gone == BATCH:
                    gone = await self.forget()
            except Exception as error:  # noqa: BLE001 - whatever broke, it is tried again in an hour
                log.warning("answers.interrupted", error=type(error).__name__)
            await asyncio.sleep(_EVERY_SECONDS)

    async def forget(self) -> int:
        """Delete one batch; return how many there were."""
        table = tables.idempotency
        old = (
            select(table.c.person, table.c.key)
            .where(table.c.answered_at < self._clock.now() - self._kept)
            .order_by(table.c.answered_at)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        )
        async with self._engine.begin() as connection:
            gone = await connection.execute(delete(table).where(tuple_(table.c.person, table.c.key).in_(old)))
        return int(gone.rowcount)
