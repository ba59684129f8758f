"""The broker of the tests: one for a run, and nothing of it stays."""

import asyncio
import socket
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from shared.contracts.catalogue import TOPICS as CATALOGUE
from shared.platform.kafka.creation import connected, create
from shared.platform.kafka.topics import declared
from shared.testing.kafka import EXISTING_BROKER, TOPICS, KafkaForTests, kafka_server

pytestmark = pytest.mark.xdist_group("kafka")

WITHIN = 30  # seconds; a busy machine is slow


@dataclass(frozen=True)
class Folders:
    """Poses as the temporary folders of one worker of a run."""

    worker: Path

    def getbasetemp(self) -> Path:
        self.worker.mkdir(exist_ok=True)
        return self.worker


def worker_of_a_run(
    run: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> tuple[Generator[KafkaForTests, None, None], KafkaForTests]:
    """Return a worker to be closed, and what it is given."""
    monkeypatch.setenv("PYTEST_XDIST_WORKER", name)
    worker = cast("Generator[KafkaForTests, None, None]", kafka_server(cast("Any", Folders(run / name))))
    return worker, next(worker)


async def topics_of(kafka: KafkaForTests) -> set[str]:
    async with connected(kafka.settings("").client_options()) as admin:
        return {name for name in await admin.list_topics() if name.startswith(kafka.run)}


async def test_one_broker_serves_the_workers_until_the_last_is_done_when_they_share_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(EXISTING_BROKER, raising=False)
    first_worker, first = worker_of_a_run(tmp_path, "gw0", monkeypatch)
    second_worker, second = worker_of_a_run(tmp_path, "gw1", monkeypatch)
    assert first.bootstrap_servers == second.bootstrap_servers
    assert first.run != second.run
    assert first.new_prefix() != first.new_prefix()

    first_worker.close()
    await second.create_topics(second.new_prefix(), partitions=1)
    assert len(await topics_of(second)) == len(CATALOGUE)
    second_worker.close()
    assert await asyncio.to_thread(is_closed_soon, second.bootstrap_servers)


async def test_only_the_runs_topics_go_when_the_broker_was_there_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kafka: KafkaForTests
) -> None:
    monkeypatch.setenv(EXISTING_BROKER, kafka.bootstrap_servers)
    others = kafka.new_prefix()
    await create(kafka.settings(others).client_options(), declared(TOPICS)[:1], others, single_broker=True)
    worker, run = worker_of_a_run(tmp_path, "gw0", monkeypatch)
    assert run.bootstrap_servers == kafka.bootstrap_servers
    await run.create_topics(run.new_prefix(), partitions=1)
    assert len(await topics_of(run)) == len(CATALOGUE)
    worker.close()
    async with asyncio.timeout(WITHIN):
        while await topics_of(run):
            pass
    assert f"{others}tender" in await topics_of(kafka)


def is_closed_soon(address: str) -> bool:
    host, _, port = address.rpartition(":")
    deadline = time.monotonic() + WITHIN
    while time.monotonic() < deadline:
        try:
            socket.create_connection((host, int(port))).close()
        except ConnectionRefusedError:
            return True
        time.sleep(0.05)
    return False
