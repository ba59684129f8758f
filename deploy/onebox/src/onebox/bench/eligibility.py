"""`coxswain bench eligibility`: answers at a steady rate over HTTP, beside the bare statement at the same rate."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
from rich.console import Console

from onebox.bench.alone import Alone, standing_alone
from onebox.bench.lines import Line, line_to
from onebox.bench.providers import known_states, name_of
from onebox.bench.report import Figure, percentile, show
from shared.kernel.clock import SystemClock

RATE_AIM, P99_AIM = 200, 50
_BATCH = 5_000
_STRIDE = 7_919  # a prime: one asks for another provider each time
_WARM_UP = 100
_LINES = 16
_COLUMNS = ("kind", "aggregate", "organisation", "version", "recorded_at", "document")
_KNOWN = """
    SELECT DISTINCT ON (aggregate) kind, document FROM states
    WHERE organisation = $1 AND recorded_at <= $2 ORDER BY aggregate, version DESC
"""
Ask = Callable[[int], Awaitable[object]]


def bench(console: Console, *, providers: int, rate: int, seconds: int, as_json: bool) -> None:
    """Measure, and print what was measured."""
    with standing_alone("provider_registry", processes=1) as alone:
        figures = asyncio.run(_figures(alone, providers, rate, seconds))
    show(console, f"Eligibility of {providers:,} providers, {rate} a second for {seconds} s", figures, as_json=as_json)


async def _figures(alone: Alone, providers: int, rate: int, seconds: int) -> list[Figure]:
    async with asyncpg.create_pool(alone.database_url, min_size=8, max_size=8) as pool:
        await _fill(pool, providers)
        async with contextlib.AsyncExitStack() as stack:
            lines = [await stack.enter_async_context(line_to(alone.url)) for _ in range(_LINES)]
            ours = await _measured(_asking(lines, providers), rate, seconds)
        theirs = await _measured(_bare(pool, providers), rate, seconds)
    return [
        Figure("answers over HTTP", ours[1], "a second", min(RATE_AIM, rate) * 0.99, "bare SQL", theirs[1]),
        *(
            Figure(
                f"one answer, p{of}",
                1000 * percentile(ours[0], of),
                "ms",
                aim,
                "bare SQL",
                1000 * percentile(theirs[0], of),
            )
            for of, aim in ((50, None), (99, P99_AIM))
        ),
    ]


async def _fill(pool: Any, providers: int) -> None:
    rows = known_states(providers)
    async with pool.acquire() as connection:
        while batch := [row for row, _ in zip(rows, range(_BATCH), strict=False)]:
            await connection.copy_records_to_table("states", records=batch, columns=_COLUMNS)
        await connection.execute("VACUUM ANALYZE states")


def _asking(lines: list[Line], providers: int) -> Ask:
    # In turn, so that none is idle until the service closes it.
    free: asyncio.Queue[Line] = asyncio.Queue()
    for line in lines:
        free.put_nowait(line)

    async def ask(number: int) -> object:
        line = await free.get()
        try:
            answer = await line.get(f"/v1/providers/{name_of(number * _STRIDE % providers)}/eligibility")
        finally:
            free.put_nowait(line)
        if b'"provider-verified"' not in answer:
            raise RuntimeError("The answer is not of a provider that was filled in, so the figures say nothing.")
        return answer

    return ask


def _bare(pool: Any, providers: int) -> Ask:
    clock = SystemClock()

    async def ask(number: int) -> object:
        async with pool.acquire() as connection:
            return await connection.fetch(_KNOWN, name_of(number * _STRIDE % providers), clock.now())

    return ask


async def _measured(ask: Ask, rate: int, seconds: int) -> tuple[list[float], float]:
    """Ask at a steady rate, whether or not answers come; return how long each took since it was due, and the rate."""
    for number in range(_WARM_UP):
        await ask(number)
    taken: list[float] = []
    began = time.perf_counter()

    async def one(number: int) -> None:
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        await ask(number)
        taken.append(time.perf_counter() - due)

    await asyncio.gather(*(one(number) for number in range(rate * seconds)))
    return taken, len(taken) / (time.perf_counter() - began)
