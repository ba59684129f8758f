"""PostgreSQL and Kafka under a cluster's data folder; a Kafka that is there already is used instead."""

import asyncio
import contextlib
import io
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from onebox.cluster.processes import SERVICES, package
from onebox.cluster.record import RECORD, end_leftovers
from onebox.listening import CannotStart
from shared.platform import embedded_kafka, embedded_postgres
from shared.platform.database import migrate
from shared.platform.embedded_kafka import KafkaNotStarted, KafkaUnavailable, RunningKafka
from shared.platform.embedded_postgres import DataFolderProblem, RunningPostgres
from shared.platform.kafka import topics
from shared.platform.kafka.settings import KafkaSettings

REPOSITORY = Path(__file__).parents[5]
TOPICS = REPOSITORY / "deploy" / "kafka" / "topics.yaml"
_LOOK_EVERY = 1.0
_AGAIN_AFTER = 5.0

Say = Callable[[str], None]


class Servers:
    """What the processes stand on; whoever enters it leaves nothing running."""

    def __init__(self, data: Path, connections: int, say: Say) -> None:
        self._data, self._say = data, say
        self._settings = {"max_connections": str(connections)}
        self._jars = Path()
        self.postgres: RunningPostgres | None = None
        self.kafka: RunningKafka | None = None

    def url(self, service: str) -> str:
        """Address the database of a service, as its application."""
        assert self.postgres is not None  # noqa: S101 - asked only while it runs
        return self.postgres.url(package(service))

    @contextlib.contextmanager
    def running(self, *, own_kafka: bool) -> Iterator[None]:
        """Start both; stop Kafka before PostgreSQL."""
        with ThreadPoolExecutor(1) as beside, ExitStack() as stack:
            if own_kafka:
                self._jars = embedded_kafka.prepare(embedded_kafka.cache_folder())
            # First, since it sees to it that nobody else runs on the folder.
            stack.callback(self._stop_postgres)
            self._start_postgres()
            starting = beside.submit(self._start_kafka) if own_kafka else None
            stack.callback(self._stop_kafka, starting)
            end_leftovers(self._data / RECORD)
            self._migrate()
            if starting is not None:
                starting.result()
            yield

    async def keep(self) -> None:
        """Start again what ends by itself, until cancelled."""
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            if self.postgres is not None and self.postgres.process.poll() is not None:
                await self._again("PostgreSQL", self._start_postgres)
            if self.kafka is not None and self.kafka.process.poll() is not None:
                await self._again("Kafka", self._start_kafka)

    async def _again(self, name: str, start: Callable[[], None]) -> None:
        self._say(f"{name} has ended by itself and is started again; see {self._data}.")
        starting = asyncio.create_task(asyncio.to_thread(start))
        try:
            await asyncio.shield(starting)
        except asyncio.CancelledError:
            # What a thread has begun it ends; only then can it be stopped.
            await asyncio.wait([starting])
            raise
        except (DataFolderProblem, KafkaNotStarted, KafkaUnavailable) as problem:
            self._say(str(problem))
            await asyncio.sleep(_AGAIN_AFTER)

    def _start_postgres(self) -> None:
        port = self.postgres.port if self.postgres else 0
        self._stop_postgres()
        self.postgres = embedded_postgres.start(self._data, port=port, settings=self._settings)

    def _start_kafka(self) -> None:
        port = self.kafka.port if self.kafka else None
        if self.kafka is not None:
            self.kafka.stop()
        self.kafka = embedded_kafka.start(self._data / "kafka", self._jars, port=port)

    def _migrate(self) -> None:
        assert self.postgres is not None  # noqa: S101 - it has just been started
        embedded_postgres.provision(self.postgres, SERVICES)
        self._say("Migrating …")
        for service in SERVICES:
            migrate(REPOSITORY / "services" / service / "migrations", self.postgres.owner_url(service))

    def _stop_postgres(self) -> None:
        if self.postgres is not None:
            self.postgres.stop()

    def _stop_kafka(self, starting: Future[None] | None) -> None:
        if starting is not None and not starting.cancel():
            starting.exception()
        if self.kafka is not None:
            self.kafka.stop()


def kafka_elsewhere(environment: Mapping[str, str]) -> dict[str, str]:
    """Return how to reach a Kafka that is there already, by the names of KafkaSettings in capitals."""
    names = [name.upper() for name in KafkaSettings.model_fields]
    return {name: environment[f"KAFKA_{name}"] for name in names if environment.get(f"KAFKA_{name}")}


def create_topics(kafka: Mapping[str, str], arguments: Sequence[str] = (str(TOPICS),)) -> None:
    """Run the job that creates the declared topics.

    Raises:
        CannotStart: with what the job says.
    """
    # On one machine every event is kept once.
    environment = {"KAFKA_SINGLE_BROKER": os.environ.get("KAFKA_SINGLE_BROKER", "true")}
    environment |= {f"KAFKA_{name}": value for name, value in kafka.items()}
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        code = topics.main(arguments, environment)
    if code:
        raise CannotStart(said.getvalue().strip())
