"""Runs `coxswain cluster` as its users do: installed, and in a process of its own."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy.engine import URL

from shared.testing.onebox import COMMAND, HOST, OneBox, data_folder

READY_WITHIN = 240.0  # seconds; many processes on a busy machine
_LAST_LINES = 15


@dataclass
class Cluster(OneBox):
    """A cluster on a folder; with `environment` it uses a Kafka that is there already."""

    environment: Mapping[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()

    def spawn(self) -> None:
        """Start it, and do not wait."""
        command: list[str | Path] = [COMMAND, "cluster", "--data", self.data, "--port", str(self.port), *self.options]
        with (self.folder / "stdout").open("wb") as said, (self.folder / "stderr").open("wb") as complaints:
            self.process = subprocess.Popen(  # noqa: S603 - our own command
                command,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=complaints,
                env=os.environ | {"COLUMNS": "400", "NO_COLOR": "1"} | dict(self.environment),
            )

    def start(self) -> None:
        """Start it, and wait until every process is ready."""
        self.spawn()
        deadline = time.monotonic() + READY_WITHIN
        while "Coxswain is up" not in self.said:
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise AssertionError(f"not ready within {READY_WITHIN:.0f} s: {self.said}{self.complaints}{self.logs}")
            time.sleep(0.1)

    def is_ready(self) -> bool:
        """Tell whether every process is."""
        return self._is_ready()

    @property
    def bootstrap_servers(self) -> str:
        """Where its Kafka is."""
        return str(self._record()["bootstrap_servers"])

    @property
    def administrator_url(self) -> str:
        """The URL of its PostgreSQL, as whoever may do everything there."""
        url = URL.create("postgresql+asyncpg", "postgres", self.passwords()["postgres"], HOST, self.postgres_port)
        return url.set(database="postgres").render_as_string(hide_password=False)

    @property
    def logs(self) -> str:
        """The end of each of its logs."""
        files = sorted((self.data / "logs").glob("*.log"))
        told = {file.name: file.read_text("utf-8", "replace").splitlines() for file in files}
        # Who asks whether everything is ready asks often.
        kept = {name: [line for line in lines if "/health/ready" not in line] for name, lines in told.items()}
        return "".join(f"\n--- {name}\n" + "\n".join(lines[-_LAST_LINES:]) for name, lines in kept.items())

    def pids(self, service: str | None = None, role: str | None = None) -> list[int]:
        """Return the processes that run, of one service or role or of all."""
        return [
            one["pid"]
            for one in self._record()["processes"]
            if service in {None, one["service"]} and role in {None, one["role"]} and _runs(one["pid"], one["started"])
        ]

    def kill(self, service: str, role: str) -> int:
        """Kill one process of a role as a crash does, once one runs; return which it was."""
        deadline = time.monotonic() + READY_WITHIN
        while not (running := self.pids(service, role)):
            if time.monotonic() > deadline:
                raise AssertionError(f"no {role} of {service} runs: {self.logs}")
            time.sleep(0.05)
        os.kill(running[0], signal.SIGKILL)
        return running[0]

    def _record(self) -> dict[str, Any]:
        file = self.data / "processes.json"
        record: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {"processes": []}
        return record


def _runs(pid: int, started: float) -> bool:
    try:
        # A number may be given again, but not within the same second.
        return abs(psutil.Process(pid).create_time() - started) < 1
    except psutil.NoSuchProcess:
        return False


@contextmanager
def running_cluster(environment: Mapping[str, str], *options: str) -> Iterator[Cluster]:
    """Start a cluster on a folder of its own, and leave nothing of it."""
    with data_folder() as folder:
        cluster = Cluster(folder, environment=environment, options=options)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()
            # Only where a test has failed in the middle is anything left.
            for pid in cluster.pids():
                os.kill(pid, signal.SIGKILL)
