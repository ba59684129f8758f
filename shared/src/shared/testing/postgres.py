"""One PostgreSQL for a whole test run, whatever the number of workers.

Each worker holds a shared lock on one file. The keeper, a process of its own, starts the server and waits until nobody
holds that lock; the kernel lets go for a worker that is killed, so a run that crashes leaves no server behind.
"""

import fcntl
import itertools
import json
import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlalchemy.engine import make_url

from shared.platform.embedded_postgres import execute, quoted_identifier, quoted_literal, start

if TYPE_CHECKING:
    import pytest

EXISTING_SERVER = "COXSWAIN_TEST_DATABASE_URL"  # its administrator's URL
# Nothing here outlives the run, so nothing needs to reach the disk.
SETTINGS = MappingProxyType(
    {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "300"}
)
STARTED_WITHIN = 60.0  # seconds
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class PostgresForTests:
    """The run's server as one worker sees it; every database is named after the run, which clears them away."""

    administrator_url: str
    run: str
    worker: str
    folder: Path

    def new_database(self, template: str | None = None) -> str:
        """Make a database, empty or a copy of a template, and return its URL."""
        name = f"{self.run}_{self.worker}_{next(_numbers)}"
        copied = f" TEMPLATE {quoted_identifier(template)}" if template else ""
        execute(self.administrator_url, f"CREATE DATABASE {quoted_identifier(name)}{copied};")
        return self._url(name)

    def drop(self, url: str) -> None:
        name = quoted_identifier(make_url(url).database or "")
        execute(self.administrator_url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE);")

    def template(self, name: str, migrate: Callable[[str], None]) -> str:
        """Migrate a database once in the run and return its name, for `new_database` to copy."""
        template = f"{self.run}_template_{name}"
        made = self.folder / f"{template}.made"
        with _locked(self.folder / f"{template}.lock", fcntl.LOCK_EX):
            if not made.exists():
                url = self._url(template)
                self.drop(url)  # what a worker left that was killed while migrating
                execute(self.administrator_url, f"CREATE DATABASE {quoted_identifier(template)};")
                migrate(url)
                made.touch()
        return template

    def _url(self, database: str) -> str:
        return make_url(self.administrator_url).set(database=database).render_as_string(hide_password=False)


def postgres_server(tmp_path_factory: "pytest.TempPathFactory") -> Iterator[PostgresForTests]:
    """Be the body of a session fixture."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if worker else own) / "postgres"
    folder.mkdir(exist_ok=True)
    with _locked(folder / "users", fcntl.LOCK_SH):
        with _locked(folder / "starting", fcntl.LOCK_EX):
            server = folder / "server.json"
            if not server.exists():
                _start_keeper(folder, server)
            known = json.loads(server.read_text())
        yield PostgresForTests(known["administrator_url"], known["run"], worker or "main", folder)


@contextmanager
def _locked(path: Path, kind: int) -> Iterator[None]:
    with path.open("a") as file:
        fcntl.flock(file, kind)
        yield


def _start_keeper(folder: Path, server: Path) -> None:
    log = folder / "keeper.log"
    keeper = os.posix_spawn(
        sys.executable,
        [sys.executable, "-P", "-m", "shared.testing.postgres", str(folder)],
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,  # Ctrl-C ends the workers, and the keeper after them
    )
    deadline = time.monotonic() + STARTED_WITHIN
    while not server.exists():
        ended, _ = os.waitpid(keeper, os.WNOHANG)
        if ended or time.monotonic() > deadline:
            raise RuntimeError(f"The PostgreSQL of the tests did not start:\n{log.read_text()}")
        time.sleep(0.02)


def _keep(folder: Path) -> None:
    run = f"test_{secrets.token_hex(4)}"
    server = folder / "server.json"
    with (folder / "users").open("a") as users, ExitStack() as at_the_end:
        url = _existing_server(run, at_the_end) or _own_server(at_the_end)
        written = folder / "server.json.new"
        written.touch(mode=0o600)
        written.write_text(json.dumps({"administrator_url": url, "run": run}))
        written.replace(server)
        fcntl.flock(users, fcntl.LOCK_EX)
        server.unlink(missing_ok=True)


def _existing_server(run: str, at_the_end: ExitStack) -> str | None:
    url = os.environ.get(EXISTING_SERVER)
    if not url:
        return None
    url = make_url(url).set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)
    ours = f"pg_database WHERE starts_with(datname, {quoted_literal(run)})"
    drop_ours = rf"SELECT format('DROP DATABASE %I WITH (FORCE)', datname) FROM {ours} \gexec"
    at_the_end.callback(execute, url, drop_ours)
    return url


def _own_server(at_the_end: ExitStack) -> str:
    # Not in pytest's own folder: that is the user's alone, and as root PostgreSQL runs as another account.
    folder = Path(tempfile.mkdtemp(prefix="coxswain-test-", dir=_memory()))
    at_the_end.callback(shutil.rmtree, folder)
    folder.chmod(0o711)
    return at_the_end.enter_context(start(folder / "postgres", settings=SETTINGS)).administrator_url()


def _memory() -> str | None:
    """Return a folder in memory where there is room: a database a test is mostly the making of small files."""
    folder = Path("/dev/shm")  # noqa: S108 - only the tests' own server, in a folder of its own
    room = shutil.disk_usage(folder).free if os.access(folder, os.W_OK | os.X_OK) else 0
    return str(folder) if room > 4 * 1024**3 else None


if __name__ == "__main__":
    _keep(Path(sys.argv[1]))
