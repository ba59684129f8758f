"""What a partner begins with: the example programs print every event, over Kafka and over HTTP."""

import asyncio
import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI

import tender.main
import tender.settings
from onebox.bench.procedures import append, procedures
from onebox.receipt_key import receipt_key
from shared.contracts import catalogue
from shared.kernel.clock import SystemClock
from shared.platform.auth import DEMO_ISSUER
from shared.platform.database import create_engine, migrate
from shared.platform.event_log import events_after
from shared.platform.kafka.relay import Relay
from shared.platform.sequencer import Sequencer
from shared.platform.service import Surroundings
from shared.testing.kafka import KafkaForTests
from shared.testing.postgres import PostgresForTests
from shared.testing.services import PERSONS_KEY, ScriptedSource

pytestmark = pytest.mark.xdist_group("kafka")
ROOT = Path(__file__).parents[2]
PARTNER = ROOT / "examples" / "partner"
PROCEDURES = 6
WITHIN = 60.0


@pytest.fixture
def database(postgres: PostgresForTests) -> Iterator[str]:
    template = postgres.template("tender", lambda url: migrate(ROOT / "services" / "tender" / "migrations", url))
    url = postgres.new_database(template)
    yield url
    postgres.drop(url)


@contextlib.contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(WITHIN)


@pytest.fixture
def schemas() -> Iterator[str]:
    app = FastAPI()
    app.get("/schemas/{event_type}.json")(catalogue.schema)
    with serving(app) as url:
        yield f"{url}/schemas"


@pytest.fixture
async def lines(database: str) -> list[str]:
    """Append procedures to the log, and say what a partner should see of them."""
    engine = create_engine(database)
    for course in procedures(PROCEDURES):
        await append(engine, SystemClock(), course)
    sequencer = Sequencer(engine)
    running = asyncio.create_task(sequencer.run())
    async with engine.connect() as connection, asyncio.timeout(WITHIN):
        while len(events := await events_after(connection, "tender", 0, 1000)) < 4 * PROCEDURES:  # noqa: ASYNC110 - its log
            await asyncio.sleep(0.02)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await engine.dispose()
    return [
        " ".join([event.source, str(event.position), event.type, event.partitionkey, json.dumps(event.data)])
        for event in events
    ]


async def printed(program: str, *arguments: str) -> list[str]:
    command = [sys.executable, "-I", PARTNER / program, *arguments, "--until-idle"]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=WITHIN, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


async def test_every_event_is_printed_when_a_partner_reads_over_http(
    database: str, lines: list[str], schemas: str, tmp_path: Path
) -> None:
    async def no_keys() -> dict[str, object]:
        return {"keys": []}

    settings = tender.settings.Settings(
        database_url=database,  # type: ignore[arg-type]
        issuer=DEMO_ISSUER,
        one_box=True,
        persons_key=PERSONS_KEY,  # type: ignore[arg-type]
        receipt_key=receipt_key(tmp_path / "key.pem"),  # type: ignore[arg-type]
    )
    around = Surroundings(clock=SystemClock(), source=lambda name, _: ScriptedSource(name), keys=no_keys)
    with serving(tender.main.create(settings, around)) as url:
        assert await printed("over_http.py", url, schemas) == lines


@pytest.fixture
async def prefix(database: str, lines: list[str], kafka: KafkaForTests) -> AsyncIterator[str]:
    """Relay the log."""
    prefix = kafka.new_prefix()
    await kafka.create_topics(prefix, partitions=3)
    engine = create_engine(database)
    running = asyncio.create_task(Relay(engine, "tender", Sequencer(engine), kafka.settings(prefix)).run())
    yield prefix
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await engine.dispose()


async def test_every_event_is_printed_in_order_when_a_partner_reads_over_kafka(
    prefix: str, lines: list[str], schemas: str, kafka: KafkaForTests
) -> None:
    topics = [f"{prefix}{topic}" for topic in ("tender", "award", "contract")]
    told = await printed("over_kafka.py", kafka.bootstrap_servers, schemas, *topics)
    assert sorted(told) == sorted(lines)
    for topic in ("tender", "award", "contract"):
        for key in {line.split(" ")[3] for line in lines}:
            of_key = [line for line in lines if line.split(" ")[3] == key and line.split(" ")[2].startswith(topic)]
            assert [line for line in told if line in of_key] == of_key


@pytest.mark.parametrize("program", ["over_kafka.py", "over_http.py"])
def test_program_uses_nothing_of_ours_and_stays_short(program: str) -> None:
    text = (PARTNER / program).read_text("utf-8")
    assert "shared" not in text
    assert "onebox" not in text
    assert len(text.splitlines()) <= 45
