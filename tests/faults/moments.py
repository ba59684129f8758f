"""Finds the moments at which it does most harm when a process of a service is killed."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

import asyncpg
from sqlalchemy.engine import make_url

from shared.platform.embedded_postgres import execute
from shared.platform.kafka.creation import connected as connected_to_kafka

Over = Callable[[], bool]
Places = Mapping[tuple[str, str], int]
"""By consumer and partition: how far it has been read."""

_LOOK_EVERY = 0.01  # seconds
_SOON = 4.0  # seconds; a worker tells Kafka every five seconds how far it is
_SLOWLY = """
    CREATE FUNCTION take_a_while() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_sleep(0.25); RETURN NEW; END $$;
    CREATE TRIGGER slowly BEFORE UPDATE ON relayed FOR EACH ROW EXECUTE FUNCTION take_a_while();
    CREATE TRIGGER slowly BEFORE UPDATE ON cursors FOR EACH STATEMENT EXECUTE FUNCTION take_a_while();
"""
_QUICKLY = "DROP TRIGGER slowly ON relayed; DROP TRIGGER slowly ON cursors; DROP FUNCTION take_a_while;"
_UNDER_WAY = "SELECT pid, datname, query FROM pg_stat_activity WHERE wait_event = 'PgSleep'"


@dataclass(frozen=True, slots=True)
class Change:
    """A service in the middle of noting what it has sent, or taken in."""

    service: str
    role: str
    connection: int


@dataclass
class Watch:
    """Sees who is in the middle of it."""

    administrator: asyncpg.Connection
    chosen: set[tuple[str, str]] = field(default_factory=set)

    async def next(self, over: Over) -> Change | None:
        """Wait for a change by a process that was not chosen before; None once all is over."""
        # Who is killed whenever it does something never gets anything done.
        while not over():
            for change in await self._under_way():
                if (change.service, change.role) not in self.chosen:
                    self.chosen.add((change.service, change.role))
                    return change
            await asyncio.sleep(_LOOK_EVERY)
        return None

    async def end(self, change: Change) -> bool:
        """End a change: the database would finish it, although nobody is there any more to be told."""
        return bool(await self.administrator.fetchval("SELECT pg_terminate_backend($1)", change.connection))

    async def ended(self, change: Change) -> None:
        """Wait until a change has come to its end."""
        while change in await self._under_way():  # noqa: ASYNC110 - only the database knows
            await asyncio.sleep(_LOOK_EVERY)

    async def _under_way(self) -> list[Change]:
        return [
            Change(row["datname"].replace("_", "-"), "relay" if "relayed" in row["query"] else "worker", row["pid"])
            for row in await self.administrator.fetch(_UNDER_WAY)
        ]


@contextlib.asynccontextmanager
async def slow(administrator_url: str, urls: Collection[str]) -> AsyncIterator[Watch]:
    """Let it take a while to note what was sent, and what was taken in."""
    for url in urls:
        await asyncio.to_thread(execute, url, _SLOWLY)
    try:
        async with connected(administrator_url) as administrator:
            yield Watch(administrator)
    finally:
        for url in urls:
            await asyncio.to_thread(execute, url, _QUICKLY)


@contextlib.asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Connect to a database without any of our own engines."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain)
    try:
        yield connection
    finally:
        await connection.close()


async def read_so_far(connection: asyncpg.Connection) -> Places:
    """Return how far each partition has been taken in, as a service's database knows it."""
    rows = await connection.fetch("SELECT consumer, lane, position FROM cursors")
    return {(row["consumer"], row["lane"]): row["position"] for row in rows}


async def told_kafka(bootstrap_servers: str, service: str, consumers: Iterable[str]) -> Places:
    """Return how far each partition has been taken in, as Kafka knows it."""
    found = {}
    async with connected_to_kafka({"bootstrap_servers": bootstrap_servers}) as admin:
        for consumer in consumers:
            group = f"coxswain.{service}.{consumer.replace(':', '.')}"
            for partition, offset in (await admin.list_consumer_group_offsets(group)).items():
                found[consumer, f"{partition.topic}/{partition.partition}"] = offset.offset
    return found


async def second_commit_soon_after(connection: asyncpg.Connection, over: Over) -> bool:
    """Wait for one consumer to commit twice within a few seconds, in which Kafka is told only of the first."""
    committed_at: dict[str, float] = {}
    before = await read_so_far(connection)
    while not over():
        now = await read_so_far(connection)
        for consumer in {consumer for (consumer, _), _ in now.items() ^ before.items()}:
            if time.monotonic() - committed_at.get(consumer, 0) < _SOON:
                return True
            committed_at[consumer] = time.monotonic()
        before = now
        await asyncio.sleep(_LOOK_EVERY / 2)
    return False
