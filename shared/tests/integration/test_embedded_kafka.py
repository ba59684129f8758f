"""The broker of tests and of a cluster on one machine: a real one, whatever happens to it."""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import NewTopic

from shared.platform.embedded_kafka import KafkaNotStarted, RunningKafka, launch, start
from shared.platform.kafka.creation import connected
from shared.testing.kafka import kafka_jars

pytestmark = pytest.mark.xdist_group("kafka")

WITHIN = 30  # seconds; a busy machine is slow
TOPIC = "notes"
START_AND_WAIT = """
import sys, time
from pathlib import Path
from shared.platform.embedded_kafka import start
broker = start(Path(sys.argv[1]), Path(sys.argv[2]))
print(broker.process.pid, broker.guard.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def jars() -> Path:
    return kafka_jars()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder, of a name that no properties file would hold, for tests that start their own broker."""
    return tmp_path_factory.mktemp("kafka") / "Behörde, 1\\2"


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory, jars: Path) -> Iterator[RunningKafka]:
    with start(tmp_path_factory.mktemp("kafka"), jars) as broker:
        yield broker


async def create_topic(broker: RunningKafka, name: str) -> None:
    async with connected({"bootstrap_servers": broker.bootstrap_servers}) as admin:
        await admin.create_topics([NewTopic(name, 2, 1)])


async def send(broker: RunningKafka, *contents: str, topic: str = TOPIC) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=broker.bootstrap_servers, acks="all", enable_idempotence=True, request_timeout_ms=5_000
    )
    async with asyncio.timeout(WITHIN), producer:
        for content in contents:
            await producer.send_and_wait(topic, content.encode(), key=content.encode())


async def take(broker: RunningKafka, count: int, *, topic: str = TOPIC, group: str = "readers") -> set[str]:
    """Read so many messages as the only member of a group, and say that they are done."""
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=broker.bootstrap_servers,
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    taken: list[str] = []
    async with asyncio.timeout(WITHIN), consumer:
        while len(taken) < count:
            message = await consumer.getone()
            taken.append((message.value or b"").decode())
            await consumer.commit({TopicPartition(message.topic, message.partition): message.offset + 1})
    return set(taken)


def is_gone(process: psutil.Process) -> bool:
    # Its new parent may be one that collects no dead children.
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def is_gone_soon(process: psutil.Process) -> bool:
    deadline = time.monotonic() + WITHIN
    while not is_gone(process) and time.monotonic() < deadline:
        time.sleep(0.02)
    return is_gone(process)


def started_elsewhere(folder: Path, jars: Path) -> tuple[subprocess.Popen[str], psutil.Process, psutil.Process]:
    command = [sys.executable, "-c", START_AND_WAIT, str(folder), str(jars)]
    starter = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    broker, guard = map(int, starter.stdout.readline().split())
    return starter, psutil.Process(broker), psutil.Process(guard)


def problem_of(folder: Path, jars: Path, port: int | None = None) -> str:
    with pytest.raises(KafkaNotStarted) as raised:
        start(folder, jars, port)
    return str(raised.value)


async def test_every_acknowledged_message_is_there_when_the_broker_was_killed(folder: Path, jars: Path) -> None:
    with start(folder, jars) as broker:
        await create_topic(broker, TOPIC)
        await send(broker, "a", "b", "c", "d")
        first = await take(broker, 2)
        await send(broker, "e")
        broker.kill()
    with start(folder, jars, broker.port) as again:
        assert again.bootstrap_servers == broker.bootstrap_servers
        await send(again, "f")
        rest = await take(again, 4)
    assert first | rest == {"a", "b", "c", "d", "e", "f"}


async def test_every_message_is_there_when_the_broker_was_stopped_though_it_was_paused(
    folder: Path, jars: Path
) -> None:
    with start(folder, jars) as broker:
        await create_topic(broker, "stopped")
        await send(broker, "a", "b", topic="stopped")
        broker.pause()
        broker.stop()
        assert broker.process.returncode == 143  # as Java ends after SIGTERM
    assert broker.guard.returncode == 0
    with start(folder, jars) as again:
        assert await take(again, 2, topic="stopped") == {"a", "b"}


async def test_a_client_is_answered_late_when_the_broker_is_paused_for_a_while(broker: RunningKafka) -> None:
    await create_topic(broker, "paused")
    await send(broker, "before", topic="paused")
    broker.pause()
    sending = asyncio.create_task(send(broker, "meanwhile", topic="paused"))
    _, unanswered = await asyncio.wait([sending], timeout=1)
    broker.resume()
    await sending
    assert unanswered == {sending}
    assert await take(broker, 2, topic="paused", group="after-the-pause") == {"before", "meanwhile"}


async def test_no_topic_comes_into_being_when_it_is_only_named(broker: RunningKafka) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await send(broker, "lost", topic="misspelt")
    async with connected({"bootstrap_servers": broker.bootstrap_servers}) as admin:
        assert "misspelt" not in await admin.list_topics()


def test_no_java_stays_when_the_starter_is_killed(folder: Path, jars: Path) -> None:
    starter, broker, guard = started_elsewhere(folder, jars)
    assert broker.status() != psutil.STATUS_ZOMBIE
    with starter:
        starter.kill()
    assert is_gone_soon(broker)
    assert is_gone_soon(guard)


def test_the_orphan_is_ended_at_the_next_start_when_its_guard_was_killed_too(folder: Path, jars: Path) -> None:
    starter, orphan, guard = started_elsewhere(folder, jars)
    with starter:
        guard.kill()
        assert is_gone_soon(guard)
        starter.kill()
    assert not is_gone(orphan)
    with start(folder, jars):
        assert is_gone(orphan)


def test_a_second_broker_is_refused_when_one_runs_on_the_folder(broker: RunningKafka, jars: Path) -> None:
    assert problem_of(broker.folder, jars) == f"Another process already runs Kafka on {broker.folder}."
    assert broker.process.poll() is None


def test_it_is_refused_when_the_wanted_port_is_taken(folder: Path, jars: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert problem_of(folder, jars, port) == f"Port {port} of this machine is taken; choose another."


def test_another_port_is_taken_when_the_free_one_is_lost_to_somebody(
    folder: Path, jars: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free_port = launch._free_port
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        lost = somebody.getsockname()[1]
        offered = iter([lost])
        monkeypatch.setattr(launch, "_free_port", lambda: next(offered, None) or free_port())
        with start(folder, jars) as broker:
            assert broker.port != lost
            assert str(lost) in (folder / "kafka.log").read_text()


def test_it_is_refused_when_the_folder_cannot_be_written(jars: Path) -> None:
    # Nobody, not even root, makes a folder there.
    assert problem_of(Path("/proc/kafka"), jars).startswith("/proc/kafka cannot hold Kafka (")


def test_what_kafka_says_is_told_when_it_does_not_start(tmp_path: Path, jars: Path) -> None:
    log = tmp_path / "log"
    log.mkdir()
    (log / "meta.properties").write_text("version=1\nnode.id=2\ncluster.id=another\n")
    problem = problem_of(tmp_path, jars)
    assert problem.startswith(f"Kafka does not start on {tmp_path}:\n")
    assert "node id" in problem
    assert "\tat " not in problem
