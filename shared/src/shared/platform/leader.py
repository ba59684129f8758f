"""One process of a service leads at a time; the others stand by and take over when it is gone."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


@contextlib.asynccontextmanager
async def leading(
    engine: AsyncEngine, lock: int, poll_seconds: float, standing_by: Callable[[], Awaitable[None]] | None = None
) -> AsyncIterator[AsyncConnection]:
    """Wait for an advisory lock, and lend the connection that holds it; where that breaks, leadership is over."""
    async with engine.connect() as plain:
        connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
        while not (await connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": lock})).scalar():
            if standing_by is not None:
                await standing_by()
            await asyncio.sleep(poll_seconds)
        try:
            yield connection
        finally:
            # The connection goes back to a pool, and the lock belongs to the connection.
            with contextlib.suppress(Exception):
                await connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": lock})
