"""What a query gets: a connection for reading, and the instant."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.platform.runtime import runtime_of


async def reading(request: Request) -> AsyncIterator[AsyncConnection]:
    """Lend a connection whose transaction is rolled back: a query changes nothing."""
    async with runtime_of(request).engine.connect() as connection:
        yield connection


async def now(request: Request) -> datetime:
    """Return the instant of the request."""
    return runtime_of(request).clock.now()


Reading = Annotated[AsyncConnection, Depends(reading, scope="function")]
Now = Annotated[datetime, Depends(now)]
