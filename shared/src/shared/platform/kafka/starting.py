"""Starts a client of aiokafka so that it can be stopped at any moment."""

import asyncio
from collections.abc import Awaitable
from typing import Protocol

STARTED_WITHIN = 5.0  # seconds; longer than any answer takes, and short enough for somebody who is being stopped


class Client(Protocol):
    """A producer, consumer or administrator."""

    def start(self) -> Awaitable[None]: ...


async def started(client: Client) -> None:
    """Start the client; when cancelled meanwhile, first let it come to an end.

    While it asks its first question, nobody but `start` knows the connection, and aiokafka does not close it when it is
    cancelled there: stopping the client afterwards would leave it open.
    """
    starting = asyncio.ensure_future(client.start())
    try:
        await asyncio.shield(starting)
    except asyncio.CancelledError:
        await asyncio.wait({starting}, timeout=STARTED_WITHIN)
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        raise
