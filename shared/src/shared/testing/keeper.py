"""One server for a whole test run, whatever the number of workers.

Each worker holds a shared lock on one file. The keeper, a process of its own, starts the server and waits until nobody
holds that lock; the kernel lets go for a worker that is killed, so a run that crashes leaves no server behind.
"""

import fcntl
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

Known = Mapping[str, str]  # what a worker must know of the server


def worker_name() -> str:
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@contextmanager
def kept(tmp_path_factory: "pytest.TempPathFactory", module: str, within: float) -> Iterator[tuple[Path, Known]]:
    """Have the server that a module keeps, and the folder that the workers share, for as long as this worker needs it.

    The module is run as `python -m MODULE FOLDER` and calls `keep`.
    """
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder = shared / module.rpartition(".")[2]
    folder.mkdir(exist_ok=True)
    with locked(folder / "users", fcntl.LOCK_SH):
        with locked(folder / "starting", fcntl.LOCK_EX):
            server = folder / "server.json"
            if not server.exists():
                _start_keeper(module, folder, server, within)
            known = json.loads(server.read_text())
        yield folder, known


def keep(folder: Path, start: Callable[[ExitStack], Known]) -> None:
    """Start a server, tell the workers of it, and undo everything when none of them is left."""
    server = folder / "server.json"
    with (folder / "users").open("a") as users, ExitStack() as at_the_end:
        known = start(at_the_end)
        written = folder / "server.json.new"
        written.touch(mode=0o600)
        written.write_text(json.dumps(known))
        written.replace(server)
        fcntl.flock(users, fcntl.LOCK_EX)
        server.unlink(missing_ok=True)


@contextmanager
def locked(path: Path, kind: int) -> Iterator[None]:
    with path.open("a") as file:
        fcntl.flock(file, kind)
        yield


def memory() -> str | None:
    """Return a folder in memory where there is room: a server's data of a test is mostly the making of small files."""
    folder = Path("/dev/shm")  # noqa: S108 - only the tests' own server, in a folder of its own
    room = shutil.disk_usage(folder).free if os.access(folder, os.W_OK | os.X_OK) else 0
    return str(folder) if room > 4 * 1024**3 else None


def _start_keeper(module: str, folder: Path, server: Path, within: float) -> None:
    log = folder / "keeper.log"
    keeper = os.posix_spawn(
        sys.executable,
        [sys.executable, "-P", "-m", module, str(folder)],
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,  # Ctrl-C ends the workers, and the keeper after them
    )
    deadline = time.monotonic() + within
    while not server.exists():
        ended, _ = os.waitpid(keeper, os.WNOHANG)
        if ended or time.monotonic() > deadline:
            raise RuntimeError(f"The server of the tests did not start ({module}):\n{log.read_text()}")
        time.sleep(0.02)
