"""Real services on real databases that read each other's feeds; each can be killed and started again."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fastapi import FastAPI

import budget.main
import budget.settings
import tender.main
import tender.settings
from shared.kernel.clock import SystemClock
from shared.kernel.ids import opaque_id
from shared.platform.database import migrate
from shared.platform.embedded_postgres import execute
from shared.platform.runtime import Runtime
from shared.platform.service import Surroundings
from shared.platform.sources import FeedSource
from shared.testing.postgres import PostgresForTests, as_owner
from shared.testing.services import PERSONS_KEY
from shared.testing.tokens import Tokens

sys.path.insert(0, str(Path(__file__).parent))  # for what only these tests look with
from moments import connected

# Journeys amid kills want both cores for minutes: `make faults` runs them, by themselves.
collect_ignore = [] if os.environ.get("CLUSTER_FAULTS") else ["test_cluster_faults.py"]
SERVICES = Path(__file__).parents[2] / "services"
CREATE: Mapping[str, Callable[..., FastAPI]] = {"tender": tender.main.create, "budget": budget.main.create}
SETTINGS: Mapping[str, Any] = {"tender": tender.settings.Settings, "budget": budget.settings.Settings}
TENDERS, EACH = 10, 1_000
CONVERGED_WITHIN = 90.0  # seconds; a busy machine is slow
Party = tuple[str, str, str]
OFFICER: Party = ("olga", "county", "procurement-officer")
HEAD: Party = ("hugo", "county", "procurement-head")
FINANCE: Party = ("fred", "county", "finance-officer")


@dataclass
class Life:
    """A service from one start to its end."""

    app: FastAPI
    stack: contextlib.AsyncExitStack
    ended: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Town:
    """Services beside each other."""

    urls: dict[str, str]
    owner_urls: dict[str, str]
    receipt_key: str
    tokens: Tokens = field(default_factory=Tokens)
    lives: dict[str, Life] = field(default_factory=dict)

    async def start(self, name: str) -> None:
        values: dict[str, Any] = {
            "database_url": self.urls[name],
            "issuer": self.tokens.issuer,
            "pool_size": 4,
            "sandbox": True,
            "persons_key": PERSONS_KEY,
        }
        if name == "tender":
            values["receipt_key"] = self.receipt_key
        surroundings = Surroundings(clock=SystemClock(), source=self.source, keys=self.tokens.keys)
        app = CREATE[name](SETTINGS[name](**values), surroundings)
        stack = contextlib.AsyncExitStack()
        await stack.enter_async_context(app.router.lifespan_context(app))
        self.lives[name] = Life(app, stack)

    async def kill(self, name: str) -> None:
        """End a service in the middle of whatever it does; whoever waits for its answer loses the connection."""
        life = self.lives.pop(name)
        life.ended.set()
        await life.stack.aclose()

    async def restart(self, name: str) -> None:
        await self.kill(name)
        await self.start(name)

    async def midway(self, name: str, *, seconds: float) -> None:
        """Wait until a service is held up at the end of a batch, or for as long as that."""
        held_up = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds), connected(self.urls[name]) as connection:
                while not await connection.fetch(held_up):  # noqa: ASYNC110 - only the database knows
                    await asyncio.sleep(0.005)

    async def kill_all(self) -> None:
        for name in list(self.lives):
            await self.kill(name)

    def source(self, name: str, _: str = "") -> FeedSource:
        return FeedSource(name, self.client(name))

    def client(self, name: str) -> httpx.AsyncClient:
        async def call(scope: Any, receive: Any, send: Any) -> None:
            life = self.lives.get(name)
            if life is None:
                raise httpx.ConnectError(f"{name} is not running")
            answering = asyncio.create_task(life.app(scope, receive, send))
            ending = asyncio.create_task(life.ended.wait())
            try:
                await asyncio.wait({answering, ending}, return_when=asyncio.FIRST_COMPLETED)
                if not answering.done():
                    raise httpx.RemoteProtocolError(f"{name} was killed")
                answering.result()
            finally:
                answering.cancel()
                ending.cancel()
                await asyncio.gather(answering, ending, return_exceptions=True)

        transport = httpx.ASGITransport(call, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=f"http://{name}.test", timeout=60)

    def headers(self, name: str, party: Party) -> dict[str, str]:
        token = self.tokens.mint(*party, audience=name)
        return {"Authorization": f"Bearer {token}", "Idempotency-Key": str(opaque_id())}

    async def post(self, name: str, path: str, party: Party, body: Any = None) -> Any:
        """Send a request until it is answered, as a client does that has no answer: with the same Idempotency-Key."""
        headers = self.headers(name, party)
        async with asyncio.timeout(CONVERGED_WITHIN), self.client(name) as client:
            while True:
                with contextlib.suppress(httpx.TransportError):
                    response = await client.post(path, json=body, headers=headers)
                    if response.status_code < 500 and "Retry-After" not in response.headers:
                        assert response.is_success, response.text
                        return response.json()
                await asyncio.sleep(0.02)

    def sql(self, name: str, statement: str) -> list[str]:
        """Ask a service's database; a row is a line."""
        return execute(self.urls[name], statement).splitlines()

    async def alter(self, name: str, statement: str) -> None:
        """Change a service's database: in a thread, since who holds a lock on it may be a task of this one."""
        await asyncio.to_thread(execute, self.owner_urls[name], statement)

    def dump(self, name: str) -> dict[str, list[str]]:
        """Return every row of every table, but for how far the service has read and numbered."""
        tables = self.sql(name, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1;")
        return {
            table: self.sql(name, f"SELECT row_to_json(t)::text FROM {table} t ORDER BY 1;")
            for table in tables
            if table not in {"cursors", "alembic_version"}
        }

    async def converged(self) -> None:
        """Wait until everything published has been numbered and read by everybody."""
        async with asyncio.timeout(CONVERGED_WITHIN):
            while not await asyncio.to_thread(self._has_converged):  # noqa: ASYNC110 - only the databases know
                await asyncio.sleep(0.1)

    def _has_converged(self) -> bool:
        # First how far each has read, then how much there is: what is equal then was so at one instant in between.
        read = {name: set(self.sql(name, "SELECT consumer, position FROM cursors;")) for name in self.urls}
        written = {name: self.sql(name, "SELECT count(*) FROM events;")[0] for name in self.urls}
        return all(
            f"{other}|{written[other]}" in read[name] or written[other] == "0"
            for name in self.urls
            for other in self.urls
            if other != name
        )

    async def funded_line(self, units: int) -> str:
        body = {
            "code": "care",
            "title": "Care",
            "fiscal_year": 2026,
            "amount": {"amount": f"{units}.00", "currency": "EUR"},
        }
        return str((await self.post("budget", "/v1/appropriations", FINANCE, body))["id"])

    async def drafted(self, line: str, units: int, acceleration: int = 1) -> dict[str, Any]:
        """Plan and draft a tender for an amount."""
        amount = {"amount": f"{units}.00", "currency": "EUR"}
        plan = {
            "title": "Meals",
            "buyer_name": "County",
            "service": "meals.delivered",
            "estimate": amount,
            "budget_line": line,
        }
        planned = await self.post("tender", "/v1/plans", OFFICER, plan)
        draft = {
            "plan": planned["id"],
            "title": "Meals",
            "description": "Meals at home.",
            "value": amount,
            "lots": [{"id": "lot-1", "title": "Meals", "value": amount}],
            "criteria": [
                {"id": "price", "title": "Price", "kind": "price", "weight": "30"},
                {"id": "quality", "title": "Quality", "kind": "quality", "weight": "70"},
            ],
            "delivery": {"start": "2027-01-01", "end": "2027-12-31", "periods": 12},
            "acceleration": acceleration,
        }
        return dict(await self.post("tender", "/v1/tenders", OFFICER, draft))

    async def ask_to_publish(self, tender: Mapping[str, Any]) -> None:
        await self.post("tender", f"/v1/tenders/{tender['id']}/publication", HEAD)

    def runtime(self, name: str) -> Runtime:
        runtime: Runtime = self.lives[name].app.state.runtime
        return runtime

    async def numbered_again(self) -> None:
        """Wait until every service gives its events their positions again."""
        async with asyncio.timeout(CONVERGED_WITHIN):
            while not all(self.runtime(name).sequencer.leading for name in self.lives):  # noqa: ASYNC110 - a flag only
                await asyncio.sleep(0.1)

    def counts(self, name: str, event_type: str) -> list[str]:
        """Return how often each key has an event of a type."""
        return self.sql(name, f"SELECT count(*) FROM events WHERE type = '{event_type}' GROUP BY key;")

    async def published_amid(self, trouble: Callable[[], Awaitable[None]]) -> str:
        """Ask for all tenders to be published while there is trouble; return the line they are paid from."""
        line = await self.funded_line(TENDERS * EACH)  # exactly enough: a double reservation would show
        drafts = [await self.drafted(line, EACH) for _ in range(TENDERS)]

        async def ask() -> None:
            for draft in drafts:
                await self.ask_to_publish(draft)
                await asyncio.sleep(0.05)

        async def happen() -> None:
            await trouble()

        async with asyncio.timeout(2 * CONVERGED_WITHIN), asyncio.TaskGroup() as group:
            group.create_task(ask())
            group.create_task(happen())
        await self.converged()
        return line

    def assert_agreed_once(self, line: str) -> None:
        """See that every tender was funded once and published once, and that the line is spent to the cent."""
        for service, event_type in (
            ("tender", "tender.funding-requested.v1"),
            ("budget", "budget.reserved.v1"),
            ("tender", "tender.published.v1"),
        ):
            assert self.counts(service, event_type) == ["1"] * TENDERS, event_type
        assert self.counts("budget", "budget.refused.v1") == []
        assert self.sql("tender", "SELECT DISTINCT state FROM tenders;") == ["active"]
        balances = f"SELECT stage, amount FROM balances WHERE line_id = '{line}' AND amount <> 0 ORDER BY stage;"
        total = TENDERS * EACH * 100
        assert self.sql("budget", balances) == [f"appropriated|{total}", f"reserved|{total}"]
        reservations = "SELECT count(*), sum(amount) FROM transfers WHERE to_stage = 'reserved';"
        assert self.sql("budget", reservations) == [f"{TENDERS}|{total}"]
        for name in self.urls:
            assert self.sql(name, "SELECT count(*) FROM parked;") == ["0"]
            count, last = self.sql(name, "SELECT count(*), max(position) FROM events;")[0].split("|")
            assert count == last


@pytest.fixture(scope="session")
def town_templates(postgres: PostgresForTests) -> Mapping[str, str]:
    def template(name: str) -> str:
        return postgres.template(name, lambda url: migrate(SERVICES / name / "migrations", url))

    return {name: template(name) for name in CREATE}


@pytest.fixture(scope="session")
def town_receipt_key() -> str:
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
async def town(
    postgres: PostgresForTests, town_templates: Mapping[str, str], town_receipt_key: str
) -> AsyncIterator[Town]:
    urls = {name: postgres.new_database(template) for name, template in town_templates.items()}
    made = Town(dict(urls), {name: as_owner(url) for name, url in urls.items()}, town_receipt_key)
    for name in CREATE:
        await made.start(name)
    yield made
    await made.kill_all()
    for url in urls.values():
        postgres.drop(url)
