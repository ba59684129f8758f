"""Databases that cut connections, go away or refuse to commit: nothing is lost, and nothing is half done."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared.platform.database import migrate
from shared.platform.embedded_postgres import RunningPostgres, provision, start
from shared.testing.onebox import data_folder, free_port
from shared.testing.postgres import SETTINGS

pytestmark = pytest.mark.xdist_group("faults")

ROOT = Path(__file__).parents[2]
FINANCE = ("fred", "county", "finance-officer")
APPROPRIATION = {
    "code": "care",
    "title": "Care",
    "fiscal_year": 2026,
    "amount": {"amount": "1000.00", "currency": "EUR"},
}
CUT = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid();
"""
# Deferred, so that it comes with the COMMIT, when everything has been said and the answer is ready.
AT_COMMIT = """
    CREATE FUNCTION refuse_to_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {what}; RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON events DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION refuse_to_commit();
"""
AGAIN = "DROP TRIGGER at_commit ON events;"


async def test_nothing_is_lost_when_connections_are_cut_over_and_over(town: Any) -> None:
    cut = []

    async def cut_over_and_over() -> None:
        for number in range(12):
            await asyncio.sleep(number * 37 % 100 / 300)
            name = ("tender", "budget")[number % 2]
            cut.append(int((await asyncio.to_thread(town.sql, name, CUT))[0]))

    line = await town.published_amid(cut_over_and_over)
    town.assert_agreed_once(line)
    assert sum(cut) > 12
    await town.numbered_again()


@pytest.fixture
def own_server() -> Iterator[tuple[Path, int]]:
    """A folder and a port for a PostgreSQL of this test alone."""
    with data_folder() as folder:
        yield folder / "postgres", free_port()


async def test_service_recovers_when_its_database_is_started_again(town: Any, own_server: tuple[Path, int]) -> None:
    folder, port = own_server
    with contextlib.ExitStack() as servers:

        def come_up() -> RunningPostgres:
            return servers.enter_context(start(folder, port=port, settings=SETTINGS))

        server = await asyncio.to_thread(come_up)
        provision(server, ["budget"])
        await asyncio.to_thread(migrate, ROOT / "services" / "budget" / "migrations", server.owner_url("budget"))
        await town.kill("budget")
        town.urls["budget"] = server.url("budget")
        await town.start("budget")

        async def go_away_twice() -> None:
            running = server
            for _ in range(2):
                await asyncio.sleep(0.3)
                await asyncio.to_thread(running.stop)
                async with town.client("budget") as client:
                    answer = await client.get("/health/ready")
                    assert (answer.status_code, answer.json()["database"]) == (503, False)
                    assert (await client.get("/v1/lines")).status_code == 503
                running = await asyncio.to_thread(come_up)

        line = await town.published_amid(go_away_twice)
        town.assert_agreed_once(line)
        await town.numbered_again()
        async with town.client("budget") as client:
            lines = (await client.get("/v1/lines")).json()["items"]
            assert [item["id"] for item in lines] == [line]
        await town.kill_all()


@pytest.mark.parametrize(
    "what",
    [
        "RAISE EXCEPTION 'not today'",
        "RAISE EXCEPTION USING ERRCODE = 'disk_full'",
        "PERFORM pg_terminate_backend(pg_backend_pid())",
    ],
)
async def test_nothing_is_half_done_when_the_commit_fails(town: Any, what: str) -> None:
    await town.alter("budget", AT_COMMIT.format(what=what))
    headers = town.headers("budget", FINANCE)
    client: httpx.AsyncClient
    async with town.client("budget") as client:

        async def ask() -> httpx.Response:
            return await client.post("/v1/appropriations", json=APPROPRIATION, headers=headers)

        refused = await ask()
        assert refused.status_code >= 500
        assert refused.headers["content-type"] == "application/problem+json"
        assert "not today" not in refused.text
        for table in ("budget_lines", "balances", "transfers", "events", "idempotency"):
            assert town.sql("budget", f"SELECT count(*) FROM {table};") == ["0"], table
        await town.alter("budget", AGAIN)
        granted = await ask()
        assert granted.status_code == 201
        assert "Idempotency-Hit" not in granted.headers
        again = await ask()
        assert (again.json(), again.headers["Idempotency-Hit"]) == (granted.json(), "true")
    assert town.sql("budget", "SELECT count(*) FROM events;") == ["1"]


async def test_nothing_is_half_done_when_a_consumer_cannot_commit(town: Any) -> None:
    line = await town.funded_line(1_000)
    draft = await town.drafted(line, 1_000)
    await town.converged()
    before = town.dump("budget")
    await town.alter("budget", AT_COMMIT.format(what="PERFORM pg_terminate_backend(pg_backend_pid())"))
    await town.ask_to_publish(draft)
    await asyncio.sleep(1)
    assert town.dump("budget") == before
    await town.alter("budget", AGAIN)
    await town.converged()
    assert town.sql("tender", "SELECT state FROM tenders;") == ["active"]
    assert town.counts("budget", "budget.reserved.v1") == ["1"]
