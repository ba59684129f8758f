"""What a measurement stands on: servers and databases of its own, which are gone afterwards."""

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from onebox.box import REPOSITORY
from onebox.cluster.ports import free_ports
from onebox.cluster.servers import TOPICS
from onebox.persons_key import persons_key
from onebox.receipt_key import receipt_key
from shared.platform import embedded_kafka, embedded_postgres
from shared.platform.auth import DEMO_ISSUER
from shared.platform.database import create_engine, migrate
from shared.platform.embedded_postgres import RunningPostgres
from shared.platform.kafka.settings import KafkaSettings
from shared.platform.kafka.topics import create, declared
from shared.platform.settings import Role

SERVICES = ("tender", "evaluation")
# The instant of every commit tells when an effect was there. Otherwise as in earnest: every commit reaches the disk.
_SETTINGS = {"track_commit_timestamp": "on", "max_connections": "100", "shared_buffers": "256MB"}


@dataclass(frozen=True, slots=True)
class Stage:
    """Two services' databases, and Kafka where it is measured."""

    postgres: RunningPostgres
    kafka: KafkaSettings | None
    folder: Path

    @contextlib.asynccontextmanager
    async def engine(self, service: str) -> AsyncIterator[AsyncEngine]:
        """Lend an engine on a service's database."""
        engine = create_engine(self.postgres.url(service), pool_size=32)
        try:
            yield engine
        finally:
            await engine.dispose()

    @contextlib.contextmanager
    def process(
        self, service: str, role: Role, *, port: int | None = None, workers: int = 1, **settings: str
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Run a process of a service, as a cluster does, or several behind one port."""
        values = {
            "DATABASE_URL": self.postgres.url(service),
            "ISSUER": DEMO_ISSUER,
            "ONE_BOX": "true",
            "ROLE": role.value,
            "RECEIPT_KEY": receipt_key(self.folder / "receipt-key.pem"),
            "PERSONS_KEY": persons_key(self.folder / "persons-key"),
            **({"KAFKA__BOOTSTRAP_SERVERS": self.kafka.bootstrap_servers} if self.kafka is not None else {}),
            **settings,
        }
        command = (sys.executable, "-m", "uvicorn", "--factory", f"{service}.main:from_environment", "--no-access-log")
        with (self.folder / f"{service}-{role}.log").open("ab") as log:
            running = subprocess.Popen(  # noqa: S603 - our own command
                [*command, "--port", str(port or free_ports(1)[0]), "--workers", str(workers)],
                env=os.environ | {f"{service.upper()}_{name}": value for name, value in values.items()},
                stdout=log,
                stderr=log,
            )
        try:
            yield running
        finally:
            running.terminate()
            running.wait()


@contextlib.contextmanager
def staged(*, kafka: bool, services: Sequence[str] = SERVICES) -> Iterator[Stage]:
    """Start everything on a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="coxswain-bench-"))
    folder.chmod(0o711)
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        jars = embedded_kafka.prepare(embedded_kafka.cache_folder()) if kafka else None
        postgres = stack.enter_context(embedded_postgres.start(folder / "postgres", settings=_SETTINGS))
        embedded_postgres.provision(postgres, tuple(services))
        for service in services:
            migrate(REPOSITORY / "services" / service.replace("_", "-") / "migrations", postgres.owner_url(service))
        settings = None
        if jars is not None:
            broker = stack.enter_context(embedded_kafka.start(folder / "kafka", jars))
            settings = KafkaSettings(bootstrap_servers=broker.bootstrap_servers)
            asyncio.run(create(settings.client_options(), declared(TOPICS), single_broker=True))
        yield Stage(postgres, settings, folder)
