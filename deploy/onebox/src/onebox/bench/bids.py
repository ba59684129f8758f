"""`coxswain bench bids`: sealed bids over HTTP, as many as come, beside a bare loop that inserts the same rows."""

import asyncio
import base64
from typing import Any

import asyncpg
import httpx
from rich.console import Console

from onebox.bench.alone import Alone, standing_alone
from onebox.bench.report import Figure, percentile, show
from onebox.bench.sustained import Act, sustain
from onebox.bench.tenders import open_tender
from shared.kernel.ids import opaque_id
from tender.db import store
from tender.domain.tender import Tender

RATE_AIM = 100
_ENVELOPE = base64.b64encode(b"x" * 4_096).decode()
_BARE_SECONDS = 5
_WARM_UP_SECONDS = 2.0


def body() -> dict[str, str]:
    """Write a bid: what is in the envelope, the service cannot know."""
    return {"lot": "lot-1", "scheme": "access/v1", "financial": _ENVELOPE}


def bench(console: Console, *, bidders: int, seconds: int, processes: int, as_json: bool) -> None:
    """Measure, and print what was measured."""
    with standing_alone("tender", processes=processes) as alone:
        figures = asyncio.run(_figures(alone, bidders, seconds))
    title = f"Sealed bids of {bidders} bidders at a time for {seconds} s, {processes} processes"
    show(console, title, figures, as_json=as_json)


async def _figures(alone: Alone, bidders: int, seconds: int) -> list[Figure]:
    tender = open_tender()
    async with alone.stage.engine("tender") as engine, engine.begin() as connection:
        await store.add_tender(connection, tender)
    names = [f"bidder-{number:03}" for number in range(bidders)]
    await _verify(alone, names)
    limits = httpx.Limits(max_connections=bidders)
    async with httpx.AsyncClient(base_url=alone.url, timeout=60, limits=limits) as client:
        submitting = [_submitting(client, tender, alone.bidder(name)) for name in names]
        await sustain(submitting, _WARM_UP_SECONDS)
        taken = await sustain(submitting, seconds)
    bare = await _bare(alone, bidders)
    return [
        Figure(
            "bids received",
            len(taken) / seconds,
            "bids/s",
            RATE_AIM,
            "bare insert loop",
            len(bare) / min(seconds, _BARE_SECONDS),
        ),
        *(
            Figure(
                f"one bid, p{of}", 1000 * percentile(taken, of), "ms", None, "one insert", 1000 * percentile(bare, of)
            )
            for of in (50, 99)
        ),
    ]


async def _verify(alone: Alone, names: list[str]) -> None:
    connection = await asyncpg.connect(alone.database_url)
    try:
        await connection.executemany(
            "INSERT INTO bidders (organisation, name, verified_at, valid_until) VALUES ($1, $1, now(), 'infinity')",
            [(name,) for name in names],
        )
    finally:
        await connection.close()


def _submitting(client: httpx.AsyncClient, tender: Tender, token: str) -> Act:
    path = f"/v1/tenders/{tender.id}/bids"

    async def submit() -> None:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(opaque_id())}
        (await client.post(path, json=body(), headers=headers)).raise_for_status()

    return submit


async def _bare(alone: Alone, clients: int) -> list[float]:
    """Insert the rows that were received into a table like theirs, one in a transaction, with as many connections."""
    pool = await asyncpg.create_pool(alone.database_url, min_size=clients, max_size=clients)
    async with pool:
        await pool.execute("CREATE TABLE bare_bids (LIKE bids INCLUDING INDEXES)")
        rows: list[Any] = await pool.fetch("SELECT * FROM bids LIMIT 20000")
        places = ", ".join(f"${number}" for number in range(1, len(rows[0]) + 1))
        left = iter(rows * 20)
        statement = f"INSERT INTO bare_bids VALUES ({places}) ON CONFLICT DO NOTHING"

        async def insert() -> None:
            row = next(left, rows[0])
            await pool.execute(statement, opaque_id(), *tuple(row.values())[1:])

        return await sustain([insert] * clients, _BARE_SECONDS)
