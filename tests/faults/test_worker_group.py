"""Three workers share the partitions and one is killed: every event has its effect once."""

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import httpx
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

import evaluation.main
import evaluation.settings
from onebox.bench.procedures import append, procedures
from shared.kernel.clock import SystemClock
from shared.platform.auth import DEMO_ISSUER
from shared.platform.database import create_engine, migrate
from shared.platform.embedded_postgres import execute
from shared.platform.event_log import events_after
from shared.platform.kafka.relay import Relay
from shared.platform.kafka.settings import KafkaSettings
from shared.platform.sequencer import Sequencer
from shared.platform.service import Surroundings
from shared.platform.settings import Role
from shared.testing.kafka import KafkaForTests
from shared.testing.onebox import free_port
from shared.testing.postgres import PostgresForTests
from shared.testing.services import PERSONS_KEY, ScriptedSource

pytestmark = pytest.mark.xdist_group("kafka")
SERVICES = Path(__file__).parents[2] / "services"
PROCEDURES = 250
EVENTS = 4 * PROCEDURES
WITHIN = 120.0  # seconds; a busy machine is slow
CONSUMERS = ("contracts:tender", "tender")


@pytest.fixture
def databases(postgres: PostgresForTests) -> Iterator[Mapping[str, str]]:
    """A tender's and an evaluation's, and another evaluation's to compare with."""
    template = {
        name: postgres.template(name, lambda url, name=name: migrate(SERVICES / name / "migrations", url))  # type: ignore[misc]
        for name in ("tender", "evaluation")
    }
    urls = {
        "tender": postgres.new_database(template["tender"]),
        "evaluation": postgres.new_database(template["evaluation"]),
        "by itself": postgres.new_database(template["evaluation"]),
    }
    yield urls
    for url in urls.values():
        postgres.drop(url)


@contextlib.contextmanager
def worker(database: str, kafka: KafkaSettings, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    values = {
        "DATABASE_URL": database,
        "ISSUER": DEMO_ISSUER,
        "ONE_BOX": "true",
        "PERSONS_KEY": PERSONS_KEY,
        "ROLE": Role.WORKER.value,
        "KAFKA__BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
        "KAFKA__TOPIC_PREFIX": kafka.topic_prefix,
    }
    command = [sys.executable, "-m", "uvicorn", "--factory", "evaluation.main:from_environment"]
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*command, "--port", str(free_port()), "--no-access-log"],
            env=os.environ | {f"EVALUATION_{name}": value for name, value in values.items()},
            stdout=output,
            stderr=output,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextlib.asynccontextmanager
async def relaying(database: str, kafka: KafkaSettings) -> AsyncIterator[None]:
    engine = create_engine(database)
    sequencer = Sequencer(engine, poll_seconds=0.02)
    running = [asyncio.create_task(one) for one in (sequencer.run(), Relay(engine, "tender", sequencer, kafka).run())]
    try:
        yield
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await engine.dispose()


async def told(database: str) -> None:
    """Tell procedures one after the other, faster than one worker keeps up with."""
    engine = create_engine(database)
    for course in procedures(PROCEDURES):
        await append(engine, SystemClock(), course)
    await engine.dispose()


async def consumed_by_itself(tender: str, database: str) -> None:
    """Let one evaluation consume the same log in its order, without Kafka."""
    engine = create_engine(tender)
    async with engine.connect() as connection:
        events = list(await events_after(connection, "tender", 0, EVENTS))
    await engine.dispose()
    source = ScriptedSource("tender", events)
    surroundings = Surroundings(
        clock=SystemClock(),
        source=lambda name, _: source if name == "tender" else ScriptedSource(name),
        keys=httpx.AsyncClient().aclose,  # type: ignore[arg-type]  # nobody asks for keys
    )
    settings = evaluation.settings.Settings(
        database_url=database,  # type: ignore[arg-type]
        issuer=DEMO_ISSUER,
        one_box=True,
        persons_key=PERSONS_KEY,  # type: ignore[arg-type]
    )
    runtime = evaluation.main.create(settings, surroundings).state.runtime
    for consumer in runtime.consumers:
        while await consumer.step():
            continue
    await runtime.engine.dispose()


async def until(database: str, statement: str, expected: str) -> None:
    async with asyncio.timeout(WITHIN):
        while (await asyncio.to_thread(execute, database, statement)).strip() != expected:  # noqa: ASYNC110 - only the database knows
            await asyncio.sleep(0.1)


async def until_members(kafka: KafkaSettings, group: str, number: int) -> None:
    admin = AIOKafkaAdminClient(**kafka.client_options())
    await admin.start()
    try:
        async with asyncio.timeout(WITHIN):
            while True:
                # Before the first group there is no coordinator.
                with contextlib.suppress(GroupCoordinatorNotAvailableError):
                    (described,) = await admin.describe_consumer_groups([group])
                    (found,) = described.to_object()["groups"]
                    if found["state"] == "Stable" and len(found["members"]) == number:
                        return
                await asyncio.sleep(0.1)
    finally:
        await admin.close()


async def test_every_event_has_its_effect_once_when_one_of_three_workers_is_killed(
    databases: Mapping[str, str], kafka: KafkaForTests, tmp_path: Path
) -> None:
    prefix = kafka.new_prefix()
    await kafka.create_topics(prefix)
    settings, database = kafka.settings(prefix), databases["evaluation"]
    with contextlib.ExitStack() as stack:
        workers = [stack.enter_context(worker(database, settings, tmp_path / f"{number}.log")) for number in range(3)]
        await until_members(settings, f"{prefix}coxswain.evaluation.contracts.tender", 3)
        async with relaying(databases["tender"], settings):
            telling = asyncio.create_task(told(databases["tender"]))
            # One dies in the middle of its share.
            await until(database, "SELECT count(*) >= 100 FROM contract_facts", "t")
            workers[0].kill()
            workers[0].wait()
            killed_at = int(execute(database, "SELECT count(*) FROM contract_facts"))
            await telling
            for consumer in CONSUMERS:
                taken = f"SELECT sum(position) FROM cursors WHERE consumer = '{consumer}'"
                await until(database, taken, str(EVENTS))
    assert killed_at < EVENTS
    assert execute(database, "SELECT count(*), count(DISTINCT event_id) FROM contract_facts").strip() == (
        f"{EVENTS}|{EVENTS}"
    )
    assert execute(database, "SELECT count(*), count(DISTINCT ocid) FROM supervision_files").strip() == (
        f"{PROCEDURES}|{PROCEDURES}"
    )
    assert execute(database, "SELECT count(*) FROM parked").strip() == "0"
    last = "SELECT key, max(position) FROM events GROUP BY key ORDER BY key"
    expected = execute(databases["tender"], last)
    for consumer in CONSUMERS:
        known = f"SELECT key, position FROM key_positions WHERE consumer = '{consumer}' ORDER BY key"
        assert execute(database, known) == expected
    await consumed_by_itself(databases["tender"], databases["by itself"])
    for rows in (
        "SELECT row_to_json(c)::text FROM contracts c ORDER BY id",
        "SELECT row_to_json(f)::text FROM contract_facts f ORDER BY event_id",
        "SELECT ocid, state, version FROM supervision_files ORDER BY ocid",
    ):
        assert execute(database, rows) == execute(databases["by itself"], rows)
