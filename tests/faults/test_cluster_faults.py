"""The life of a service on a cluster whose processes, broker and databases go away.

Nothing is lost, nothing happens twice, and every key keeps its order: as read from the topics and the databases.
"""

import asyncio
import contextlib
import json
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import httpx
import pytest
from sqlalchemy.engine import make_url

from shared.contracts.catalogue import TOPICS
from shared.kernel.ids import opaque_id
from shared.platform.embedded_kafka import KafkaUnavailable, RunningKafka, cache_folder, prepare, start
from shared.platform.embedded_postgres import execute
from shared.platform.kafka.creation import connected as connected_to_kafka
from shared.testing import evidence
from shared.testing.cluster import Cluster, running_cluster
from shared.testing.kafka import KafkaForTests
from shared.testing.onebox import coxswain, data_folder

pytestmark = pytest.mark.xdist_group("cluster")  # one at a time: it takes both cores

SERVICES = ("tender", "budget", "evaluation", "provider-registry", "portal")
PUBLISHING = SERVICES[:-1]
CONSUMERS = {
    "tender": {"budget": "budget", "provider-registry": "provider-registry"},
    "budget": {"tender": "tender", "evaluation": "evaluation"},
    "evaluation": {"tender": "tender", "contracts:tender": "tender", "contracts:budget": "budget"},
    "provider-registry": {"tender": "tender", "evaluation": "evaluation"},
    "portal": {f"procedures:{source}": source for source in PUBLISHING},
}
PATIENCE = "150"  # seconds that the journey waits for what is promised
SETTLED_WITHIN = 90.0
OUTAGE = 60.0
SLOWLY = """
    CREATE FUNCTION take_a_while() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_sleep(0.25); RETURN NEW; END $$;
    CREATE TRIGGER slowly BEFORE UPDATE ON relayed FOR EACH ROW EXECUTE FUNCTION take_a_while();
    CREATE TRIGGER slowly BEFORE UPDATE ON cursors FOR EACH STATEMENT EXECUTE FUNCTION take_a_while();
"""
QUICKLY = "DROP TRIGGER slowly ON relayed; DROP TRIGGER slowly ON cursors; DROP FUNCTION take_a_while;"
UNDER_WAY = "SELECT pid, datname, query FROM pg_stat_activity WHERE wait_event = 'PgSleep'"


@dataclass
class Ground:
    """A cluster, the broker that it shares with nobody, and what has been found out about it."""

    cluster: Cluster
    broker: RunningKafka
    jars: Path

    async def sql(self, service: str, statement: str) -> list[str]:
        """Run SQL on a service's database as that service's own role; a row is a line."""
        said = await asyncio.to_thread(execute, self.cluster.database_url(service), statement)
        return said.splitlines()

    async def everywhere(self, statement: str) -> None:
        for service in SERVICES:
            await self.sql(service, statement)

    async def walk(self) -> None:
        """Walk the journey, which must be green."""
        url = self.cluster.url
        done = await asyncio.to_thread(coxswain, "journey", "--json", "--url", url, "--patience", PATIENCE)
        document = json.loads(done.stdout)
        assert document["failure"] is None, f"{document['failure']}: {self.cluster.logs}"
        assert document["ok"]

    async def walk_amid(self, trouble: Callable[[asyncio.Task[None]], Awaitable[None]]) -> None:
        """Walk the journey; once the award is confirmed, since deadlines wait for nobody, there is trouble."""
        confirmed = "SELECT count(*) FROM events WHERE type = 'award.confirmed.v1';"
        before = await self.sql("tender", confirmed)
        walking = asyncio.create_task(self.walk())
        while not walking.done() and await self.sql("tender", confirmed) == before:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        try:
            await trouble(walking)
        finally:
            await walking

    async def settled(self) -> evidence.Logs:
        """Wait until everything has been numbered, relayed and taken in."""
        until = time.monotonic() + SETTLED_WITHIN
        while True:
            logs, left = await asyncio.to_thread(self._looked)
            if not left and self.cluster.is_ready():
                return logs
            assert time.monotonic() < until, (left, self.cluster.logs)
            await asyncio.sleep(0.5)

    def _looked(self) -> tuple[evidence.Logs, list[str]]:
        urls = {service: self.cluster.database_url(service) for service in SERVICES}
        logs = {service: evidence.log_of(url) for service, url in urls.items()}
        return logs, list(evidence.behind(logs, urls, CONSUMERS))

    async def sent(self) -> list[evidence.Sent]:
        return list(await evidence.messages(self.broker.bootstrap_servers, list(TOPICS)))

    async def assert_agreed_once(self) -> None:
        """See that all logs are on their topics in order, and that every event had its effect once."""
        logs, sent = await self.settled(), await self.sent()
        assert list(evidence.lost_or_doubled(logs, sent, "")) == []
        assert list(evidence.disordered(sent)) == []
        for service in SERVICES:
            assert await self.sql(service, "SELECT consumer, type, problem FROM parked;") == []
        for statement in evidence.LEDGER_VIOLATIONS:
            assert await self.sql("budget", statement) == []
        assert_effects_are_single(logs)


def assert_effects_are_single(logs: evidence.Logs) -> None:
    """Count what the journey makes happen: each cause has one effect in the other service, and has it once."""

    def keys(service: str, *types: str) -> list[str]:
        return sorted(event.key for event in logs[service] if event.type.removesuffix(".v1") in types)

    assert keys("budget", "budget.reserved", "budget.refused") == keys("tender", "tender.funding-requested")
    assert keys("tender", "tender.published") == keys("budget", "budget.reserved")
    signed, graded = keys("tender", "contract.signed"), keys("evaluation", "inspection.period-graded")
    assert len(signed) == len(set(signed)) > 0
    assert keys("budget", "budget.committed") == signed
    assert graded == signed
    assert keys("budget", "budget.accrued") == keys("budget", "budget.paid") == keys("budget", "budget.held") == graded
    # A provider's record tells of the contract, and then of its first period.
    assert len(keys("provider-registry", "provider.record-updated")) == len(signed) + len(graded)


@pytest.fixture(scope="module")
def ground(kafka: KafkaForTests) -> Iterator[Ground]:
    """Start a cluster on a broker that one of these tests may stop; the run's own tells that there can be one."""
    try:
        jars = prepare(cache_folder())
    except KafkaUnavailable as unavailable:
        sentence = f"A broker that was given is not stopped by a test, and there is no other: {unavailable}"
        pytest.fail(sentence, pytrace=False) if os.environ.get("CI") else pytest.skip(sentence)
    with data_folder() as folder, start(folder / "kafka", jars) as broker:
        with running_cluster({"KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap_servers}) as cluster:
            ground = Ground(cluster, broker, jars)
            yield ground
        ground.broker.stop()  # it may be another by now


@contextlib.asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain)
    try:
        yield connection
    finally:
        await connection.close()


@dataclass(frozen=True, slots=True)
class Change:
    """A service in the middle of changing a table that says how far it is."""

    service: str
    role: str
    connection: int


@dataclass
class Watch:
    """Sees who is in the middle of changing these tables; every change is made to take a while."""

    administrator: asyncpg.Connection
    chosen: set[tuple[str, str]] = field(default_factory=set)

    async def next(self, walking: asyncio.Task[None]) -> Change | None:
        """Wait for a change by a process that was not chosen before; None once the journey is over."""
        # Who is killed whenever it does something never gets anything done.
        while not walking.done():
            for change in await self._under_way():
                if (change.service, change.role) not in self.chosen:
                    self.chosen.add((change.service, change.role))
                    return change
            await asyncio.sleep(0.01)
        return None

    async def end(self, change: Change) -> bool:
        """End a change: the database would finish it, although nobody is there any more to be told."""
        return bool(await self.administrator.fetchval("SELECT pg_terminate_backend($1)", change.connection))

    async def over(self, change: Change) -> None:
        """Wait until a change has come to its end."""
        while change in await self._under_way():  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    async def _under_way(self) -> list[Change]:
        return [
            Change(row["datname"].replace("_", "-"), "relay" if "relayed" in row["query"] else "worker", row["pid"])
            for row in await self.administrator.fetch(UNDER_WAY)
        ]


@contextlib.asynccontextmanager
async def slow(ground: Ground) -> AsyncIterator[Watch]:
    """Let it take a while to note what was sent, and what was taken in."""
    await ground.everywhere(SLOWLY)
    try:
        async with connected(ground.cluster.administrator_url) as administrator:
            yield Watch(administrator)
    finally:
        await ground.everywhere(QUICKLY)


async def read_so_far(connection: asyncpg.Connection) -> dict[tuple[str, str], int]:
    """Return how far each partition has been taken in, as the database knows it."""
    rows = await connection.fetch("SELECT consumer, lane, position FROM cursors")
    return {(row["consumer"], row["lane"]): row["position"] for row in rows}


async def test_journey_is_green_when_nothing_is_wrong(ground: Ground) -> None:
    await asyncio.gather(ground.walk(), ground.walk())
    await ground.assert_agreed_once()
    assert evidence.repeated(await ground.sent()) == 0


async def test_events_have_one_effect_when_relays_and_workers_are_killed_over_and_over(ground: Ground) -> None:
    """Kills come where it is worst.

    Relays: after Kafka has an event, before the database knows. Workers: before the database has committed; and later,
    after it has, before Kafka knows.
    """
    killed = Counter[str]()

    async def kill_in_the_middle(walking: asyncio.Task[None]) -> None:
        async with slow(ground) as watch:
            watch.chosen.add(("portal", "worker"))
            while change := await watch.next(walking):
                async with connected(ground.cluster.database_url(change.service)) as connection:
                    before = await read_so_far(connection)
                    ground.cluster.kill(change.service, change.role)
                    if change.role == "relay":
                        killed["after sending"] += await watch.end(change)
                    else:
                        # The statement that is under way comes to its end, and its transaction to none.
                        await watch.over(change)
                        killed["before commit"] += before == await read_so_far(connection)

    async def kill_after_commit(walking: asyncio.Task[None]) -> None:
        async with connected(ground.cluster.database_url("portal")) as connection:
            while killed["after commit"] < 2 and await second_commit_soon_after(connection, walking):
                ground.cluster.kill("portal", "worker")
                read, told = await read_so_far(connection), await told_kafka(ground, "portal")
                killed["after commit"] += any(position > told.get(place, 0) for place, position in read.items())

    async def kill_over_and_over(walking: asyncio.Task[None]) -> None:
        await asyncio.gather(kill_in_the_middle(walking), kill_after_commit(walking))

    before = evidence.repeated(await ground.sent())
    await ground.walk_amid(kill_over_and_over)
    await ground.assert_agreed_once()
    assert killed["after sending"] >= 2
    assert killed["before commit"] >= 2
    assert killed["after commit"] >= 1
    assert evidence.repeated(await ground.sent()) - before >= killed["after sending"]


async def second_commit_soon_after(connection: asyncpg.Connection, walking: asyncio.Task[None]) -> bool:
    """Wait for one consumer to commit twice within a second, in which Kafka is told only of the first."""
    committed_at: dict[str, float] = {}
    before = await read_so_far(connection)
    while not walking.done():
        now = await read_so_far(connection)
        for consumer in {consumer for (consumer, _), _ in now.items() ^ before.items()}:
            if time.monotonic() - committed_at.get(consumer, 0) < 0.8:
                return True
            committed_at[consumer] = time.monotonic()
        before = now
        await asyncio.sleep(0.005)
    return False


async def told_kafka(ground: Ground, service: str) -> dict[tuple[str, str], int]:
    """Return the offsets that a service's consumer groups have committed."""
    found = {}
    async with connected_to_kafka({"bootstrap_servers": ground.broker.bootstrap_servers}) as admin:
        for consumer in CONSUMERS[service]:
            group = f"coxswain.{service}.{consumer.replace(':', '.')}"
            for partition, offset in (await admin.list_consumer_group_offsets(group)).items():
                found[consumer, f"{partition.topic}/{partition.partition}"] = offset.offset
    return found


async def test_services_go_on_and_events_come_in_order_afterwards_when_broker_and_databases_are_away(
    ground: Ground,
) -> None:
    """The broker hangs, then it is dead, and after a minute it is back; databases go away before and after that."""

    async def be_away(_: asyncio.Task[None]) -> None:
        back_at = time.monotonic() + OUTAGE
        try:
            ground.broker.pause()
            await assert_accepted(ground, "while-it-hangs")
            await asyncio.sleep(OUTAGE / 3)
            await asyncio.to_thread(ground.broker.kill)
            await assert_accepted(ground, "while-it-is-dead")
            for service in ("budget", "tender"):
                await away_for_a_second(ground, service)
            await asyncio.sleep(back_at - time.monotonic())
            await assert_accepted(ground, "before-it-is-back")
            relayed, written = await ground.sql("budget", "SELECT position FROM relayed; SELECT count(*) FROM events;")
            assert int(written) - int(relayed) >= 3
        finally:
            folder, port = ground.broker.folder, ground.broker.port
            ground.broker = await asyncio.to_thread(start, folder, ground.jars, port)
        for service in ("tender", "budget", "evaluation", "budget"):
            await asyncio.sleep(1.5)
            await away_for_a_second(ground, service)

    await ground.walk_amid(be_away)
    await ground.assert_agreed_once()


async def assert_accepted(ground: Ground, code: str) -> None:
    """Command something, and read over HTTP that it has happened."""
    amount = {"amount": "1000.00", "currency": "EUR"}
    body = {"code": code, "title": "Care", "fiscal_year": 2026, "amount": amount}
    form = {"grant_type": "client_credentials", "client_id": "finance-officer", "client_secret": "demo"}
    async with httpx.AsyncClient(base_url=ground.cluster.url, timeout=30) as http:
        token = (await http.post("/identity/token", data={**form, "audience": "budget"})).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(opaque_id())}
        accepted = await http.post("/budget/v1/appropriations", json=body, headers=headers)
        assert accepted.status_code == 201
        parameters = {"wait": 20, "key": accepted.json()["id"]}
        (event,) = (await http.get("/budget/v1/events", params=parameters)).json()
        assert event["data"]["code"] == code


async def away_for_a_second(ground: Ground, database: str) -> None:
    """Let nobody into a database, and put everybody out."""
    shut = f"ALTER DATABASE {database} ALLOW_CONNECTIONS {{}}"
    put_out = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = $1"
    async with connected(ground.cluster.administrator_url) as administrator:
        await administrator.execute(shut.format("false"))
        assert await administrator.fetchval(put_out, database) >= 1
        await asyncio.sleep(1)
        await administrator.execute(shut.format("true"))
