"""`coxswain bench ledger`: reservations of one hot line, beside the bare SQL of the same statements."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import httpx
from rich.console import Console
from sqlalchemy.dialects.postgresql import asyncpg as driver
from sqlalchemy.ext.asyncio import AsyncEngine

from budget.db import ledger, reservations
from budget.db.arrays import Bound
from budget.domain.ledger import Transfer, changes
from budget.domain.line import new_line
from budget.domain.reservation import ReservationRequest, reserve
from budget.messaging.publish import published
from budget.usecases.reservations import Asking
from budget.usecases.reservations import reserve as reserve_all
from onebox.bench.alone import Alone, standing_alone
from onebox.bench.report import Figure, percentile, show
from onebox.bench.sustained import Act, sustain
from shared.kernel.ids import opaque_id
from shared.kernel.money import Money
from shared.platform.gathering import Gathering
from shared.platform.work import Work

SINGLE_AIM, BATCHED_AIM, HTTP_AIM, P99_AIM = 1_000, 20_000, 300, 200
GROUP = 1_000
_WRITERS = 2  # of groups: more gain nothing where all of them wait for the same balance
_WARM_UP_SECONDS = 1.0
_AT = datetime(2026, 3, 2, tzinfo=UTC)
_LINE = new_line(code="hot", title="A hot line", fiscal_year=2026, currency="EUR")
_EACH = Money(100, "EUR")
_PERSON = "bench"


def bench(console: Console, *, clients: int, seconds: int, as_json: bool) -> None:
    """Measure, and print what was measured."""
    with standing_alone("budget", processes=1) as alone:
        figures = asyncio.run(_figures(alone, clients, seconds))
    show(console, f"Reservations of one line, {clients} clients for {seconds} s each", figures, as_json=as_json)


async def _figures(alone: Alone, clients: int, seconds: int) -> list[Figure]:
    token = alone.person("finance-officer")
    limits = httpx.Limits(max_connections=clients)
    async with (
        httpx.AsyncClient(base_url=alone.url, timeout=60, limits=limits) as client,
        alone.stage.engine("budget") as engine,
        asyncpg.create_pool(alone.database_url, min_size=clients, max_size=max(clients, _WRITERS)) as pool,
    ):
        await _appropriate(client, token)
        answered = await _sustained([_asking(client, token)] * clients, seconds)
        lane = Lane(engine)
        gathered = await _sustained([lane.ask] * clients, seconds)
        alone_each = await _sustained([_entering(engine, 1)] * clients, seconds)
        groups = await _sustained([_entering(engine, GROUP)] * _WRITERS, seconds)
        bare = await _sustained([_sending(pool, 1) for _ in range(clients)], seconds)
        bare_groups = await _sustained([_sending(pool, GROUP) for _ in range(_WRITERS)], seconds)
    beside, rate = "bare SQL, one a transaction", len(bare) / seconds
    return [
        Figure(
            f"use case, each asks for one; {clients} ask, {lane.shared:.0f} share a transaction",
            len(gathered) / seconds,
            "a second",
            SINGLE_AIM,
            beside,
            rate,
        ),
        Figure("repository, one a transaction", len(alone_each) / seconds, "a second", None, beside, rate),
        Figure(
            f"repository, {GROUP:,} a transaction",
            GROUP * len(groups) / seconds,
            "a second",
            BATCHED_AIM,
            f"bare SQL, {GROUP:,} a transaction",
            GROUP * len(bare_groups) / seconds,
        ),
        Figure("PUT over HTTP, one process", len(answered) / seconds, "a second", HTTP_AIM, beside, rate),
        *(
            Figure(f"one PUT, p{of}", 1000 * percentile(answered, of), "ms", aim, beside, 1000 * percentile(bare, of))
            for of, aim in ((50, None), (99, P99_AIM))
        ),
    ]


async def _sustained(acts: Sequence[Act], seconds: int) -> list[float]:
    await sustain(acts, _WARM_UP_SECONDS)
    return await sustain(acts, seconds)


async def _appropriate(client: httpx.AsyncClient, token: str) -> None:
    body = {
        "code": _LINE.code,
        "title": _LINE.title,
        "fiscal_year": _LINE.fiscal_year,
        "amount": {"amount": f"{10**15}.00", "currency": _LINE.currency},
    }
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(opaque_id())}
    (await client.post("/v1/appropriations", json=body, headers=headers)).raise_for_status()


def _asking(client: httpx.AsyncClient, token: str) -> Act:
    headers = {"Authorization": f"Bearer {token}"}
    body = {"line": str(_LINE.id), "amount": {"amount": "1.00", "currency": "EUR"}, "purpose": "Rent"}

    async def ask() -> None:
        (await client.put(f"/v1/reservations/{opaque_id()}", json=body, headers=headers)).raise_for_status()

    return ask


class Lane:
    """The service's own way to one line, with nothing of HTTP: who asks for one shares a transaction with who waits."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine, self._gathering = engine, Gathering(self._transaction, reserve_all)
        self._asked = self._transactions = 0

    @property
    def shared(self) -> float:
        """How many shared a transaction on average."""
        return self._asked / self._transactions

    async def ask(self) -> None:
        """Ask for one reservation, and wait until it is committed."""
        (asked,), _ = _wanted(1)
        outcome = await self._gathering.ask(_LINE.id, Asking(asked, _PERSON))
        if not outcome.created:
            raise RuntimeError("The line has nothing left.")
        self._asked += 1

    @contextlib.asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Work]:
        async with self._engine.begin() as connection:
            yield Work(connection, _AT, sandbox=False, publish=published)
        self._transactions += 1


def _entering(engine: AsyncEngine, number: int) -> Act:
    """Take ids, write their transfers and post them, so many in a transaction."""

    async def enter() -> None:
        asked, entries = _wanted(number)
        async with engine.begin() as connection:
            await reservations.claim(connection, [(one, _PERSON) for one in asked], _AT)
            await ledger.post(connection, entries)

    return enter


def _sending(pool: Any, number: int) -> Act:
    """Send the same statements with the driver alone; nothing but the ids differs from one transaction to the next."""
    asked, entries = _wanted(number)
    claim, claimed = _as_driven(reservations.claiming([(one, _PERSON) for one in asked], _AT))
    post, posted = _as_driven(ledger.posting(entries, changes(entries)))
    claimed_at, posted_at = _ids_among(claimed), _ids_among(posted)

    async def send() -> None:
        claimed[claimed_at] = [opaque_id() for _ in range(number)]
        posted[posted_at] = [opaque_id() for _ in range(number)]
        async with pool.acquire() as connection, connection.transaction():
            await connection.fetch(claim, *claimed)
            await connection.fetch(post, *posted)

    return send


def _wanted(number: int) -> tuple[list[ReservationRequest], list[Transfer]]:
    asked = [ReservationRequest(id=opaque_id(), line=_LINE.id, amount=_EACH, purpose="Rent") for _ in range(number)]
    return asked, [entry for one in asked for entry in reserve(one, _LINE, _AT)[1]]


def _as_driven(statement: Bound) -> tuple[str, list[Any]]:
    """Write a statement as the driver takes it, with its values in their order."""
    compiled = statement[0].compile(dialect=driver.dialect())  # type: ignore[no-untyped-call]
    return str(compiled), [statement[1][name] for name in compiled.positiontup or ()]


def _ids_among(values: list[Any]) -> int:
    """Find the ids of the rows: the first of the columns that holds any."""
    return next(place for place, value in enumerate(values) if isinstance(value, list) and isinstance(value[0], UUID))
