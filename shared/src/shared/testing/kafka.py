"""One Kafka broker for a whole test run."""

import asyncio
import itertools
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from shared.platform.embedded_kafka import KafkaUnavailable, cache_folder, prepare, start
from shared.platform.kafka.creation import connected
from shared.platform.kafka.settings import KafkaSettings
from shared.platform.kafka.topics import create, declared
from shared.testing.keeper import Known, keep, kept, memory, worker_name

EXISTING_BROKER = "KAFKA_BOOTSTRAP_SERVERS"
TOPICS = Path(__file__).parents[4] / "deploy" / "kafka" / "topics.yaml"
STARTED_WITHIN = 90.0  # seconds
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class KafkaForTests:
    """The run's broker as one worker sees it; every topic is named after the run, which clears them away."""

    bootstrap_servers: str
    run: str

    def new_prefix(self) -> str:
        """Return a prefix for topics, and for consumer groups, that nobody else has."""
        return f"{self.run}-{next(_numbers)}-"

    async def create_topics(self, prefix: str, partitions: int | None = None) -> None:
        """Create the declared topics, on the one broker that there is."""
        topics = declared(TOPICS)
        if partitions is not None:
            topics = tuple(replace(topic, partitions=partitions) for topic in topics)
        await create(self.settings(prefix).client_options(), topics, prefix, single_broker=True)

    def settings(self, prefix: str) -> KafkaSettings:
        return KafkaSettings(bootstrap_servers=self.bootstrap_servers, topic_prefix=prefix)


def kafka_jars() -> Path:
    """Return the jars for a broker of one's own; without what Kafka needs the test is skipped, in CI it fails."""
    try:
        return prepare(cache_folder())
    except KafkaUnavailable as unavailable:
        if os.environ.get("CI"):
            pytest.fail(str(unavailable), pytrace=False)
        pytest.skip(str(unavailable))


def kafka_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaForTests]:
    """Be the body of a session fixture."""
    if not os.environ.get(EXISTING_BROKER):
        kafka_jars()
    with kept(tmp_path_factory, "shared.testing.kafka", STARTED_WITHIN) as (_, known):
        yield KafkaForTests(known["bootstrap_servers"], f"{known['run']}-{worker_name()}")


def _server(at_the_end: ExitStack) -> Known:
    run = f"test-{secrets.token_hex(4)}"
    servers = os.environ.get(EXISTING_BROKER)
    if servers:
        at_the_end.callback(lambda: asyncio.run(_delete_topics(servers, run)))
    return {"bootstrap_servers": servers or _own_broker(at_the_end), "run": run}


async def _delete_topics(servers: str, run: str) -> None:
    async with connected({"bootstrap_servers": servers}) as admin:
        ours = [name for name in await admin.list_topics() if name.startswith(f"{run}-")]
        await admin.delete_topics(ours)


def _own_broker(at_the_end: ExitStack) -> str:
    folder = Path(tempfile.mkdtemp(prefix="coxswain-test-", dir=memory()))
    at_the_end.callback(shutil.rmtree, folder)
    return at_the_end.enter_context(start(folder / "kafka", prepare(cache_folder()))).bootstrap_servers


if __name__ == "__main__":
    keep(Path(sys.argv[1]), _server)
