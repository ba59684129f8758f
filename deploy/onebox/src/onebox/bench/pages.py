"""`coxswain bench list`: pages of a long list of tenders over HTTP, beside the bare statement for the same page."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import httpx
from rich.console import Console

from onebox.bench.alone import Alone, standing_alone
from onebox.bench.report import Figure, percentile, show
from onebox.bench.tenders import rows

P99_AIM = 100
_PAGE = 50
_BATCH = 5_000
_WARM_UP = 5
_COLUMNS = ("id", "version", "state", "document", "waiting_for", "due_at", "buyer")


@dataclass(frozen=True, slots=True)
class Case:
    """One way of asking, and the condition that says the same of the documents."""

    what: str
    params: dict[str, str]
    condition: str


CASES = (
    Case("all", {}, "true"),
    Case("one state in ten", {"status": "evaluation"}, "state = 'evaluation'"),
    Case("a buyer", {"buyer": "office-007"}, "buyer = 'office-007'"),
    Case("a service", {"service": "service-03"}, "service = 'service-03'"),
    Case("method and pack of all", {"method": "open", "pack": "model"}, "method = 'open' AND pack = 'model'"),
    Case(
        "values, one in a thousand",
        {"currency": "EUR", "value_from": "2000000.00", "value_to": "2004000.00"},
        "currency = 'EUR' AND value_minor BETWEEN 200000000 AND 200400000",
    ),
    Case(
        "a month long ago",
        {"closes_from": "2020-03-01T00:00:00Z", "closes_before": "2020-04-01T00:00:00Z"},
        "closes_at >= '2020-03-01T00:00:00Z' AND closes_at < '2020-04-01T00:00:00Z'",
    ),
    Case(
        "all at once, none",
        {
            "status": "complete",
            "buyer": "office-007",
            "service": "service-03",
            "currency": "EUR",
            "value_from": "1.00",
            "value_to": "2.00",
            "closes_from": "2020-03-01T00:00:00Z",
        },
        "state = 'complete' AND buyer = 'office-007' AND service = 'service-03' AND currency = 'EUR'"
        " AND value_minor BETWEEN 100 AND 200 AND closes_at >= '2020-03-01T00:00:00Z'",
    ),
)


def bench(console: Console, *, tenders: int, pages: int, as_json: bool) -> None:
    """Measure, and print what was measured."""
    with standing_alone("tender", processes=1) as alone:
        figures = asyncio.run(_figures(alone, tenders, pages))
    show(console, f"List of {tenders:,} tenders, pages of {_PAGE}", figures, as_json=as_json)


async def _figures(alone: Alone, tenders: int, pages: int) -> list[Figure]:
    connection = await asyncpg.connect(alone.database_url)
    try:
        await _fill(connection, tenders)
        async with httpx.AsyncClient(base_url=alone.url, timeout=60) as client:
            await _warm_up(client)
            return [figure for case in CASES for figure in await _case(client, connection, case, pages)]
    finally:
        await connection.close()


async def _fill(connection: Any, tenders: int) -> None:
    made = rows(tenders)
    while batch := [row for row, _ in zip(made, range(_BATCH), strict=False)]:
        await connection.copy_records_to_table("tenders", records=batch, columns=_COLUMNS)
    await connection.execute("VACUUM ANALYZE tenders")


async def _warm_up(client: httpx.AsyncClient) -> None:
    """Let the service and each of its connections meet every statement once."""
    for case in CASES:
        for _ in range(_WARM_UP):
            (await client.get("/v1/tenders", params=case.params)).raise_for_status()


async def _case(client: httpx.AsyncClient, connection: Any, case: Case, pages: int) -> list[Figure]:
    taken: list[float] = []
    bare: list[float] = []
    statement = await connection.prepare(
        f"SELECT document FROM tenders WHERE {case.condition} AND state <> 'draft' AND id < $1 ORDER BY id DESC"
        f" LIMIT {_PAGE + 1}"
    )
    while len(taken) < pages:
        cursor, last = None, UUID(int=2**128 - 1)
        while len(taken) < pages:
            began = time.perf_counter()
            response = await client.get(
                "/v1/tenders", params={"limit": str(_PAGE), **case.params, **({"cursor": cursor} if cursor else {})}
            )
            page = response.raise_for_status().json()
            taken.append(time.perf_counter() - began)
            began = time.perf_counter()
            found = await statement.fetch(last)
            bare.append(time.perf_counter() - began)
            if len(page["items"]) != min(len(found), _PAGE):
                raise RuntimeError("The page and the statement differ, so the figures say nothing.")
            if not page["next"]:
                break
            cursor, last = page["next"], UUID(page["items"][-1]["id"])
    return [
        Figure(f"{case.what}, p{percent}", 1000 * ours, "ms", P99_AIM, "bare SQL", 1000 * theirs)
        for percent in (50, 99)
        for ours, theirs in ((percentile(taken, percent), percentile(bare, percent)),)
    ]
