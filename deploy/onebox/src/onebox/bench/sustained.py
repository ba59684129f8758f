"""Keeps something up for a while."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

Act = Callable[[], Awaitable[None]]


async def sustain(acts: Sequence[Act], seconds: float) -> list[float]:
    """Repeat every act one after the other, all of them beside each other; return the seconds that each took."""
    taken: list[float] = []
    until = time.perf_counter() + seconds

    async def repeat(act: Act) -> None:
        while (began := time.perf_counter()) < until:
            await act()
            taken.append(time.perf_counter() - began)

    await asyncio.gather(*(repeat(act) for act in acts))
    return taken
