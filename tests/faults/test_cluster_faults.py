"""The life of a service on a cluster whose processes, broker and databases go away.

Nothing is lost, nothing happens twice, and every key keeps its order: as read from the topics and the databases.
"""

import asyncio
import itertools
import json
import os
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import evidence
import httpx
import moments
import pytest

from shared.contracts.catalogue import TOPICS
from shared.kernel.ids import opaque_id
from shared.platform.embedded_kafka import KafkaUnavailable, RunningKafka, cache_folder, prepare, start
from shared.platform.embedded_postgres import execute
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
    for effect in ("accrued", "held", "payment-due", "payment-approved", "paid"):
        assert keys("budget", f"budget.{effect}") == graded
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


async def test_journey_is_green_when_nothing_is_wrong(ground: Ground) -> None:
    await asyncio.gather(ground.walk(), ground.walk())
    await ground.assert_agreed_once()
    assert evidence.repeated(await ground.sent()) == 0


@dataclass
class Kills:
    """Kills of a cluster's processes while a journey is walked, counted by what they came in the middle of."""

    ground: Ground
    walking: asyncio.Task[None]
    counted: Counter[str]

    async def in_the_middle(self) -> None:
        """Kill each relay and each worker, but for the portal's, as it notes what it has sent or taken in."""
        cluster = self.ground.cluster
        urls = [cluster.owner_url(service) for service in SERVICES]
        async with moments.slow(cluster.administrator_url, urls) as watch:
            watch.chosen.add(("portal", "worker"))
            while change := await watch.next(self.walking.done):
                async with moments.connected(cluster.database_url(change.service)) as connection:
                    before = await moments.read_so_far(connection)
                    cluster.kill(change.service, change.role)
                    if change.role == "relay":
                        self.counted["after sending"] += await watch.end(change)
                    else:
                        # The statement that is under way comes to its end, and its transaction to none.
                        await watch.ended(change)
                        self.counted["before commit"] += before == await moments.read_so_far(connection)

    async def after_commit(self) -> None:
        """Kill the portal's worker, which reads everybody, when its database knows more than Kafka."""
        cluster, broker = self.ground.cluster, self.ground.broker
        async with moments.connected(cluster.database_url("portal")) as connection:
            while self.wanted and await moments.second_commit_soon_after(connection, self.walking.done):
                cluster.kill("portal", "worker")
                read = await moments.read_so_far(connection)
                told = await moments.told_kafka(broker.bootstrap_servers, "portal", CONSUMERS["portal"])
                behind = any(position > told.get(place, 0) for place, position in read.items())
                self.counted["after commit"] += behind

    async def bursts(self) -> None:
        """Give the portal's worker something to commit shortly after it has committed."""
        for number in itertools.count():
            if self.walking.done() or not self.wanted:
                return
            await appropriate(self.ground, f"burst-{number}")
            await asyncio.sleep(2 if number % 3 == 2 else 0.3)

    @property
    def wanted(self) -> bool:
        return self.counted["after commit"] < 2


async def test_events_have_one_effect_when_relays_and_workers_are_killed_over_and_over(ground: Ground) -> None:
    """Kills come where they are worst.

    Relays: after Kafka has an event, before the database knows. Workers: before the database has committed, and after
    it has, before Kafka knows.
    """
    counted = Counter[str]()

    async def kill_over_and_over(walking: asyncio.Task[None]) -> None:
        kills = Kills(ground, walking, counted)
        async with asyncio.TaskGroup() as group:
            for trouble in (kills.in_the_middle, kills.after_commit, kills.bursts):
                group.create_task(trouble())

    before = evidence.repeated(await ground.sent())
    await ground.walk_amid(kill_over_and_over)
    await ground.assert_agreed_once()
    assert counted["after sending"] >= 2
    # How many ended between the commit and the offset is chance; test_kafka_consumer.py has that moment for certain.
    assert counted["before commit"] >= 2
    # A relay whose connection ended a moment too late had marked what it sent; most had not.
    assert evidence.repeated(await ground.sent()) > before


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
            await asyncio.to_thread(ground.broker.kill)
            folder, port = ground.broker.folder, ground.broker.port
            ground.broker = await asyncio.to_thread(start, folder, ground.jars, port)
        for service in ("tender", "budget", "evaluation", "budget"):
            await asyncio.sleep(1.5)
            await away_for_a_second(ground, service)

    await ground.walk_amid(be_away)
    await ground.assert_agreed_once()


async def assert_accepted(ground: Ground, code: str) -> None:
    """Command something, and read over HTTP that it has happened."""
    line = await appropriate(ground, code)
    async with httpx.AsyncClient(base_url=ground.cluster.url, timeout=30) as http:
        (event,) = (await http.get("/budget/v1/events", params={"wait": 20, "key": line})).json()
    assert event["data"]["code"] == code


async def appropriate(ground: Ground, code: str) -> str:
    """Grant money to a new line, which the budget tells everybody."""
    amount = {"amount": "1000.00", "currency": "EUR"}
    body = {"code": code, "title": "Care", "fiscal_year": 2026, "amount": amount}
    form = {"grant_type": "client_credentials", "client_id": "finance-officer", "client_secret": "demo"}
    async with httpx.AsyncClient(base_url=ground.cluster.url, timeout=30) as http:
        token = (await http.post("/identity/token", data={**form, "audience": "budget"})).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(opaque_id())}
        accepted = await http.post("/budget/v1/appropriations", json=body, headers=headers)
        assert accepted.status_code == 201
        return str(accepted.json()["id"])


async def away_for_a_second(ground: Ground, database: str) -> None:
    """Let nobody into a database, and put everybody out."""
    shut = f"ALTER DATABASE {database} ALLOW_CONNECTIONS {{}}"
    put_out = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = $1"
    async with moments.connected(ground.cluster.administrator_url) as administrator:
        await administrator.execute(shut.format("false"))
        try:
            assert await administrator.fetchval(put_out, database) >= 1
            await asyncio.sleep(1)
        finally:
            await administrator.execute(shut.format("true"))
