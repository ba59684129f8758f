"""Runs the coxswain command as its users do: installed, and in a process of its own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from sqlalchemy.engine import URL

from shared.platform.roles import owner_of

COMMAND = Path(sys.executable).with_name("coxswain")
HOST = "127.0.0.1"
READY_WITHIN, STOPPED_WITHIN, ANSWERED_WITHIN = 120.0, 60.0, 180.0  # seconds; a busy machine is slow
_WIDE = {"COLUMNS": "400", "NO_COLOR": "1"}


def coxswain(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(  # noqa: S603 - our own command
        [COMMAND, *arguments],
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=ANSWERED_WITHIN,
        env=os.environ | _WIDE,
    )


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.create_server((HOST, 0)) as probe:
        return int(probe.getsockname()[1])


def is_listened_to(port: int) -> bool:
    """Tell whether anybody answers on a port."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


@contextmanager
def data_folder() -> Iterator[Path]:
    """Lend a folder that the account which PostgreSQL runs as for root can pass through too."""
    folder = Path(tempfile.mkdtemp(prefix="coxswain-box-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class OneBox:
    """`coxswain up` on a folder; it can be stopped and started again."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def data(self) -> Path:
        """Where it keeps everything."""
        return self.folder / "data"

    @property
    def url(self) -> str:
        """The address of its front door."""
        return f"http://{HOST}:{self.port}"

    @property
    def said(self) -> str:
        """What it has printed since it was started last."""
        return (self.folder / "stdout").read_text("utf-8")

    @property
    def complaints(self) -> str:
        """What it has printed to standard error since it was started last."""
        return (self.folder / "stderr").read_text("utf-8")

    @property
    def log(self) -> str:
        """Its structured log, of all its starts."""
        return (self.data / "logs" / "coxswain.log").read_text("utf-8")

    def spawn(self) -> None:
        """Start it, and do not wait."""
        with (self.folder / "stdout").open("wb") as said, (self.folder / "stderr").open("wb") as complaints:
            self.process = subprocess.Popen(  # noqa: S603 - our own command
                [COMMAND, "up", "--empty", "--data", self.data, "--port", str(self.port)],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=complaints,
                env=os.environ | _WIDE,
            )

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        self.spawn()
        deadline = time.monotonic() + READY_WITHIN
        while not self._is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop(signal.SIGKILL)
                raise AssertionError(f"not ready within {READY_WITHIN:.0f} s: {self.said}{self.complaints}")
            time.sleep(0.05)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, and return the exit code; one that has ended already is left in peace."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(STOPPED_WITHIN)

    @property
    def postgres_port(self) -> int:
        """The port of its PostgreSQL, while that runs."""
        # What PostgreSQL writes of itself: line 4 is its port.
        return int((self.data / "cluster" / "postmaster.pid").read_text("utf-8").splitlines()[3])

    def database_url(self, service: str) -> str:
        """Return the URL of a service's database, as that service is told it."""
        name = service.replace("-", "_")
        return self._database_url(name, name)

    def owner_url(self, service: str) -> str:
        """Return the URL of a service's database, as its owner."""
        name = service.replace("-", "_")
        return self._database_url(owner_of(name), name)

    def _database_url(self, role: str, database: str) -> str:
        url = URL.create("postgresql+asyncpg", role, self.passwords()[role], HOST, self.postgres_port, database)
        return url.render_as_string(hide_password=False)

    def passwords(self) -> Mapping[str, str]:
        """Return the passwords of its databases, by role."""
        passwords: dict[str, str] = json.loads((self.data / "credentials.json").read_text("utf-8"))
        return passwords

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/ready", timeout=10).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False
