"""The budget's process and PostgreSQL's, killed while clients reserve: what was acknowledged is there, and once."""

import asyncio
import contextlib
import math
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Collection, Generator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from moments import connected

from budget.usecases.verification import verify
from onebox.bench.alone import Alone, prepared
from shared.kernel.ids import opaque_id

pytestmark = pytest.mark.xdist_group("faults")

# `make faults` kills fifty times; a run of all tests, often enough to see each kind.
KILLS = 50 if os.environ.get("CLUSTER_FAULTS") else 5
CLIENTS = 8
RECOVERED_WITHIN = 90.0  # seconds; a busy machine is slow
# Every third transaction is held up at its end, so that kills come when everything is done and nothing is committed.
SLOWLY = """
    CREATE FUNCTION take_a_while() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_sleep(0.02); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER slowly AFTER INSERT ON transfers DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW WHEN (NEW.number % 3 = 0) EXECUTE FUNCTION take_a_while();
"""
BACKENDS = """
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
    ORDER BY state = 'active' DESC, query_start DESC
"""


@dataclass
class Killing:
    """A budget whose clients ask until they are answered, whoever is killed meanwhile."""

    alone: Alone
    life: ExitStack = field(default_factory=ExitStack)
    answered: Counter[UUID] = field(default_factory=Counter)
    repeated: int = 0
    over: bool = False

    async def start(self) -> subprocess.Popen[bytes]:
        return await asyncio.to_thread(self.life.enter_context, self.alone.running())

    async def kill_over_and_over(self) -> None:
        """Kill a backend and the service in turn, each time at another moment of their work."""
        for number in range(KILLS):
            process = await self.start()
            await self.at_work()
            await asyncio.sleep(number * 37 % 100 / 500)
            if number % 2:
                await self.kill_a_backend()
                await self.at_work()
            process.kill()
            await asyncio.to_thread(self.life.close)
        await self.start()
        await self.at_work()
        self.over = True

    async def at_work(self) -> None:
        """Wait until every client has been answered about once more."""
        enough = self.answered.total() + CLIENTS
        async with asyncio.timeout(RECOVERED_WITHIN):
            while self.answered.total() < enough:  # noqa: ASYNC110 - the clients are at work by themselves
                await asyncio.sleep(0.01)

    async def kill_a_backend(self) -> None:
        """Kill the one that works, as the kernel does when memory runs out; PostgreSQL ends the others and recovers."""
        with contextlib.suppress(asyncpg.PostgresError, OSError):
            # Others' work is shown to the administrator alone.
            async with connected(self.alone.stage.postgres.administrator_url("budget")) as connection:
                while not (rows := await connection.fetch(BACKENDS)):
                    continue
                os.kill(rows[0]["pid"], signal.SIGKILL)

    async def reserve_over_and_over(self, client: httpx.AsyncClient, body: Mapping[str, Any]) -> None:
        while not self.over:
            identifier = opaque_id()
            while not await is_answered(client, identifier, body):
                self.repeated += 1
                await asyncio.sleep(0.05)
            self.answered[identifier] += 1


class Renewed(httpx.Auth):
    """A finance officer whose token is renewed before it ends: many kills take longer than it lives."""

    def __init__(self, alone: Alone) -> None:
        self.alone, self.token, self.since = alone, "", -math.inf

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if time.monotonic() > self.since + 60:
            self.token, self.since = self.alone.person("finance-officer"), time.monotonic()
        request.headers["Authorization"] = f"Bearer {self.token}"
        yield request


async def is_answered(client: httpx.AsyncClient, identifier: UUID, body: Mapping[str, Any]) -> bool:
    """Ask once; without an answer, or with one that says it may be asked again, it is to be asked again."""
    try:
        answer = await client.put(f"/v1/reservations/{identifier}", json=body)
    except httpx.TransportError:
        return False
    if answer.status_code in {httpx.codes.CREATED, httpx.codes.OK}:
        return True
    assert "retry-after" in answer.headers, answer.text
    return False


def wrong(acknowledged: Collection[UUID], entered: Mapping[UUID, int]) -> tuple[int, int]:
    """Count what was acknowledged and is lost, and what is there more than once or was never acknowledged."""
    lost = sum(identifier not in entered for identifier in acknowledged)
    double = sum(number > 1 or identifier not in acknowledged for identifier, number in entered.items())
    return lost, double


async def appropriated(client: httpx.AsyncClient) -> str:
    body = {
        "code": "hot",
        "title": "A hot line",
        "fiscal_year": 2026,
        "amount": {"amount": "1000000.00", "currency": "EUR"},
    }
    answer = await client.post("/v1/appropriations", json=body, headers={"Idempotency-Key": str(opaque_id())})
    return str(answer.raise_for_status().json()["id"])


async def test_what_was_acknowledged_is_there_once_when_processes_are_killed_over_and_over() -> None:
    with ExitStack() as stack:
        alone = await asyncio.to_thread(stack.enter_context, prepared("budget"))
        killing = Killing(alone)
        stack.callback(killing.life.close)
        async with (
            httpx.AsyncClient(base_url=alone.url, timeout=10, auth=Renewed(alone)) as client,
            connected(alone.database_url) as connection,
        ):
            await connection.execute(SLOWLY)
            with alone.running():
                line = await appropriated(client)
            body = {"line": line, "amount": {"amount": "1.00", "currency": "EUR"}, "purpose": "Rent"}
            async with asyncio.TaskGroup() as everybody:
                for _ in range(CLIENTS):
                    everybody.create_task(killing.reserve_over_and_over(client, body))
                everybody.create_task(killing.kill_over_and_over())
        async with connected(alone.database_url) as connection:
            rows = await connection.fetch(
                "SELECT cause_event, count(*) FROM transfers WHERE cause_event IS NOT NULL GROUP BY 1"
            )
            told = await connection.fetchval("SELECT count(*) FROM events WHERE type = 'budget.reservation-made.v1'")
        async with alone.stage.engine("budget") as engine, engine.connect() as connection:
            snapshot = await connection.execution_options(isolation_level="REPEATABLE READ")
            assert (await verify(snapshot)).differences == ()
        entered = {row["cause_event"]: row["count"] for row in rows}
        assert wrong(killing.answered, entered) == (0, 0)
        assert told == len(entered) == len(killing.answered)
        assert killing.repeated > KILLS


def test_what_is_lost_or_double_is_counted_when_it_was_planted() -> None:
    first, second, third = (opaque_id() for _ in range(3))
    assert wrong({first, second}, {first: 1, second: 1}) == (0, 0)
    assert wrong({first, second}, {first: 1}) == (1, 0)
    assert wrong({first, second}, {first: 2, second: 1, third: 1}) == (0, 2)
