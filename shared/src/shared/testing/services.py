"""Runs one service in a test: its real application on a real database, called over ASGI."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from shared.contracts.event import Event, EventData
from shared.kernel.clock import Clock
from shared.kernel.ids import new_id, opaque_id
from shared.platform.event_log import events_after
from shared.platform.runtime import Runtime
from shared.platform.sequencer import assign_positions
from shared.platform.service import Surroundings
from shared.platform.settings import ServiceSettings
from shared.platform.sources import FEED, Batch, Delivered, EventSource
from shared.testing.clock import ManualClock
from shared.testing.postgres import as_owner
from shared.testing.tokens import Tokens

PERSONS_KEY = "known to the services of the tests alone"


@dataclass
class ScriptedSource:
    """Delivers the events a test has put in, as a feed would; a fake of the outside world."""

    name: str
    events: list[Event] = field(default_factory=list)

    async def read(self, positions: Mapping[str, int], limit: int, wait: float) -> Batch | None:
        after = positions.get(FEED, 0)
        found = [Delivered(FEED, event.position, event) for event in self.events if event.position > after][:limit]
        if not found and wait:
            await asyncio.sleep(min(wait, 0.05))
        return Batch({FEED: after}, found) if found else None

    async def applied(self, batch: Batch) -> None:
        """Do nothing, as a feed."""

    async def close(self) -> None:
        """Do nothing, as a feed."""

    def add(self, data: EventData, *, at: Clock, sandbox: bool = False) -> Event:
        """Publish data as the next event of this source."""
        event = Event(
            id=new_id(),
            source=f"/{self.name}",
            type=data.TYPE,
            subject=str(opaque_id()),
            time=at.now(),
            dataschema=f"urn:coxswain:event:{data.TYPE}",
            partitionkey=data.key(),
            sequence="0000000001",
            position=len(self.events) + 1,
            predecessor=max((known.position for known in self.events if known.partitionkey == data.key()), default=0),
            sandbox=sandbox,
            data=data.model_dump(mode="json"),
        )
        self.events.append(event)
        return event


@dataclass
class RunningService:
    """A service under test."""

    app: FastAPI
    client: httpx.AsyncClient
    clock: ManualClock
    tokens: Tokens
    sources: dict[str, ScriptedSource]

    @property
    def runtime(self) -> Runtime:
        """The service's runtime."""
        runtime: Runtime = self.app.state.runtime
        return runtime

    def headers(self, person: str, organisation: str, *roles: str, **claims: Any) -> dict[str, str]:
        """Return the headers of a request by a party, with a fresh Idempotency-Key."""
        token = self.tokens.mint(person, organisation, *roles, audience=self.runtime.name, **claims)
        return {"Authorization": f"Bearer {token}", "Idempotency-Key": str(opaque_id())}

    async def deliver(self, source: str, *data: EventData, sandbox: bool = False) -> None:
        """Let another service publish, and this one consume."""
        for item in data:
            self.sources[source].add(item, at=self.clock, sandbox=sandbox)
        for consumer in self.runtime.consumers:
            while consumer.source.name == source and await consumer.step():
                continue

    async def published(self, after: int = 0) -> Sequence[Event]:
        """Sequence what has committed, and return it."""
        async with self.runtime.engine.connect() as connection:
            autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
            while await assign_positions(autocommit):
                continue
        async with self.runtime.engine.connect() as connection:
            return await events_after(connection, self.runtime.name, after, 1000)

    async def let_time_act(self) -> int:
        """Let the clock do all that has come due; return on how many objects it acted."""
        timekeeper, acted = self.runtime.timekeeper, 0
        if timekeeper is None:
            raise LookupError("The service has nothing that time acts on.")
        async with self.runtime.engine.connect() as connection:
            autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
            while step := await timekeeper.step(autocommit):
                acted += step
        return acted

    async def execute(self, statement: str) -> Any:
        """Run SQL on the service's database."""
        async with self.runtime.engine.begin() as connection:
            return await connection.execute(text(statement))

    async def execute_as_owner(self, *statements: str) -> None:
        """Run SQL that the service itself may not run: what a migration could do, or a mistake of an operator."""
        url = as_owner(self.runtime.engine.url.render_as_string(hide_password=False))
        engine = create_async_engine(url, poolclass=pool.NullPool)
        async with engine.begin() as connection:
            for statement in statements:
                await connection.execute(text(statement))


@contextlib.asynccontextmanager
async def running(
    create: Callable[[Any, Surroundings], FastAPI],
    settings: type[ServiceSettings],
    database_url: str,
    *,
    background: bool = False,
    **values: Any,
) -> AsyncIterator[RunningService]:
    """Run a service; without background, the test itself sequences and consumes, step by step."""
    clock, tokens, sources = ManualClock(), Tokens(), dict[str, ScriptedSource]()

    def source(name: str, _: str) -> EventSource:
        return sources.setdefault(name, ScriptedSource(name))

    configured: Mapping[str, Any] = {
        "database_url": database_url,
        "issuer": tokens.issuer,
        "pool_size": 4,
        "persons_key": PERSONS_KEY,
        **values,
    }
    app = create(settings(**configured), Surroundings(clock=clock, source=source, keys=tokens.keys))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with contextlib.AsyncExitStack() as stack:
        if background:
            await stack.enter_async_context(app.router.lifespan_context(app))
        else:
            stack.push_async_callback(app.state.runtime.engine.dispose)
        client = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://service.test"))
        yield RunningService(app, client, clock, tokens, sources)
