"""Waits until every process of a cluster answers that it is ready."""

import asyncio
import time
from collections.abc import Callable, Sequence

import httpx

from onebox.cluster.door import Behind, health_of

_ASK_EVERY = 0.25
_TELL_EVERY = 5.0
_FEW = 4


async def until_ready(
    behind: Callable[[], Sequence[Behind]], count: int, client: httpx.AsyncClient, say: Callable[[str], None]
) -> None:
    """Ask those that are not ready yet, over and over, and tell from time to time which these are."""
    ready: set[str] = set()
    telling = time.monotonic() + _TELL_EVERY
    while len(ready) < count:
        asked = [one for one in behind() if one.name not in ready]
        answers = await asyncio.gather(*(health_of(one, client) for one in asked))
        ready |= {one.name for one, health in zip(asked, answers, strict=True) if health and health.get("ready")}
        if time.monotonic() > telling and len(ready) < count:
            say(f"Waiting for {_told([one.name for one in behind() if one.name not in ready])} …")
            telling = time.monotonic() + _TELL_EVERY
        await asyncio.sleep(_ASK_EVERY)


def _told(names: Sequence[str]) -> str:
    others = len(names) - _FEW
    return ", ".join(names[:_FEW]) + (f" and {others} more" if others > 0 else "")
