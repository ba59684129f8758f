"""PostgreSQL from the wheel, run under the data folder.

<data folder>
├── lock               held while the server runs; names the process that holds it
├── credentials.json   password of each role, readable by its owner only
├── postgres.log
└── cluster/           PostgreSQL's own
"""

import fcntl
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from types import MappingProxyType
from typing import IO, Self, TypedDict

import psutil
from sqlalchemy.engine import URL

from shared.platform.embedded_postgres import credentials, programs
from shared.platform.embedded_postgres.programs import DataFolderProblem
from shared.platform.roles import owner_of

ADMINISTRATOR = "postgres"
HOST = "127.0.0.1"
DEFAULTS = MappingProxyType({"max_connections": "200", "timezone": "UTC", "log_timezone": "UTC"})
NO_SETTINGS: Mapping[str, str] = MappingProxyType({})
READY_WITHIN, STOPPED_WITHIN, POLL_EVERY = 30.0, 20.0, 0.02  # seconds
# What PostgreSQL says while the last children of a killed server go, and when its port is taken.
BLOCK_IN_USE, PORT_IN_USE = "pre-existing shared memory block", "Address already in use"
DISK_FULL = ("No space left on device", "Check free disk space")


class _Account(TypedDict, total=False):  # empty for our own; PostgreSQL refuses to run as root
    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class RunningPostgres:
    """A server of ours; whoever started it stops it."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    lock: IO[str]

    def url(self, database: str) -> str:
        """Address a provisioned database as its application."""
        role = credentials.role_of(database)
        return self._url(role, role)

    def owner_url(self, database: str) -> str:
        """Address a provisioned database as its owner, who migrates it."""
        role = credentials.role_of(database)
        return self._url(owner_of(role), role)

    def administrator_url(self, database: str = "postgres") -> str:
        return self._url(ADMINISTRATOR, database)

    def _url(self, role: str, database: str) -> str:
        return _url(self.folder, self.port, role, database)

    def stop(self) -> None:
        """End every session, write everything down and let go of the folder; a second call does nothing."""
        _end(self.process)
        self.lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start(folder: Path, *, port: int = 0, settings: Mapping[str, str] = NO_SETTINGS) -> RunningPostgres:
    """Start the server of a data folder, making the cluster the first time; port 0 is any free one.

    Raises: DataFolderProblem.
    """
    try:
        folder = folder.resolve()
        _make_folder(folder)
        with ExitStack() as unless_started:
            lock = unless_started.enter_context(_locked(folder))
            cluster = folder / "cluster"
            account = _account(cluster)
            if cluster.exists():
                _check_cluster(cluster)
                _stop_orphan(cluster)
            else:
                _create_cluster(cluster, account, durable=settings.get("fsync") != "off")
            process, chosen_port = _launch(folder, port, {**DEFAULTS, **settings}, account)
            unless_started.pop_all()
            return RunningPostgres(folder, chosen_port, process, lock)
    except OSError as error:
        raise _unusable(folder, error.strerror or str(error)) from error


def running_url(folder: Path, database: str) -> str:
    """Address a provisioned database of a server that somebody else has started on a data folder, as its own role.

    Raises: DataFolderProblem.
    """
    lines = _recorded(folder / "cluster")
    if not _says_ready(lines):
        raise DataFolderProblem(f"No Coxswain runs on {folder}.")
    role = credentials.role_of(database)
    return _url(folder, int(lines[3]), role, role)


def _url(folder: Path, port: int, role: str, database: str) -> str:
    password = credentials.passwords(folder)[role]
    url = URL.create("postgresql+asyncpg", role, password, HOST, port, database)
    return url.render_as_string(hide_password=False)


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    if folder.exists():
        raise DataFolderProblem(f"{folder} is not a folder; choose another with --data.")
    folder.mkdir(parents=True)
    # Ours alone; as root, the account that PostgreSQL runs as must be able to pass through.
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)


def _locked(folder: Path) -> IO[str]:
    lock = (folder / "lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        with lock:
            lock.seek(0)
            problem = f"Another Coxswain already runs on {folder} (process {lock.read()})."
        raise DataFolderProblem(problem) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _unusable(folder: Path, cause: str) -> DataFolderProblem:
    if any(sign in cause for sign in DISK_FULL):
        return DataFolderProblem(f"The disk of {folder} is full; free some space or choose another folder with --data.")
    return DataFolderProblem(f"{folder} cannot hold PostgreSQL ({cause}); choose another folder with --data.")


def _account(cluster: Path) -> _Account:
    """Choose the account to run as; a cluster keeps the owner it has."""
    folder = cluster.parent
    owner = cluster.stat().st_uid if cluster.exists() else None
    if os.geteuid() != 0:
        if owner not in {None, os.geteuid()}:
            raise DataFolderProblem(f"{cluster} is another account's; choose another folder with --data.")
        return {}
    if owner == 0:
        raise DataFolderProblem(f"PostgreSQL does not run as root, to whom {cluster} belongs; chown -R it to nobody.")
    try:
        entry = pwd.getpwnam("nobody") if owner is None else pwd.getpwuid(owner)
    except KeyError:
        raise DataFolderProblem("PostgreSQL does not run as root; start Coxswain as an ordinary user.") from None
    account: _Account = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    _check_way(folder, account, "choose another folder with --data")
    _check_way(programs.program("postgres"), account, "install Coxswain elsewhere")
    return account


def _check_way(path: Path, account: _Account, remedy: str) -> None:
    # Asked of the system as that account, since permission bits are not all there is to it.
    blocked = list(
        takewhile(lambda step: programs.run("test", "-x", step, **account).returncode, (path, *path.parents))
    )
    if blocked:
        raise DataFolderProblem(
            f"PostgreSQL does not run as root, and its account (number {account['user']}) cannot enter {blocked[-1]}; "
            f"{remedy} or start Coxswain as an ordinary user."
        )


def _create_cluster(cluster: Path, account: _Account, *, durable: bool) -> None:
    """Make the cluster aside and move it in place when it is whole, so that a kill leaves no half of one."""
    password = credentials.passwords(cluster.parent, [ADMINISTRATOR])[ADMINISTRATOR]
    aside = cluster.with_name("cluster.new")
    if aside.exists():
        shutil.rmtree(aside)
    aside.mkdir(mode=0o700)
    try:
        password_file = aside / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(password)
        if account:
            for path in (password_file, aside):  # the folder last: what it holds is then already settled
                os.chown(path, account["user"], account["group"])
        options = ["-D", str(aside / "data"), "-U", ADMINISTRATOR, "-A", "scram-sha-256", f"--pwfile={password_file}"]
        options += ["-E", "UTF8", "--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options += [] if durable else ["--no-sync"]
        made = programs.run(programs.program("initdb"), *options, env=programs.environment(), cwd=aside, **account)
        if made.returncode:
            raise _unusable(cluster.parent, " ".join(made.stderr.split()))
        (aside / "data").rename(cluster)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _check_cluster(cluster: Path) -> None:
    version_file = cluster / "PG_VERSION"
    version = version_file.read_text().strip() if version_file.exists() else None
    if version != programs.MAJOR_VERSION:
        kind = f"a cluster of PostgreSQL {version}" if version else "not a PostgreSQL cluster"
        raise DataFolderProblem(
            f"{cluster} is {kind} and this Coxswain runs PostgreSQL {programs.MAJOR_VERSION}; "
            "choose another folder with --data."
        )
    try:
        credentials.passwords(cluster.parent)[ADMINISTRATOR]
    except (KeyError, ValueError):
        raise DataFolderProblem(
            f"{cluster.parent / 'credentials.json'} is missing or damaged; "
            "put it back from a backup or choose another folder with --data."
        ) from None


def _stop_orphan(cluster: Path) -> None:
    """Stop the server whose Coxswain was killed: the lock is ours, so nobody else uses it."""
    lines = _recorded(cluster)
    if not lines:
        return
    try:
        process = psutil.Process(int(lines[0]))
        command = process.cmdline()
    except psutil.ZombieProcess:
        command = []
    except (psutil.NoSuchProcess, ValueError):
        return
    if command[1:3] == ["-D", str(cluster)] and Path(command[0]).name == "postgres":
        if not (_ends(process, signal.SIGINT) or _ends(process, signal.SIGQUIT)):
            raise DataFolderProblem(f"PostgreSQL still runs on {cluster.parent} and does not stop; kill {lines[0]}.")
    else:
        # The number is now another process's, or one's that is dead but not collected. PostgreSQL would take that for a
        # running server; its parent's number it knows to be stale, and it still checks the shared memory.
        # The folder is not root's, so root follows no link in it.
        with os.fdopen(os.open(cluster / "postmaster.pid", os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW), "w") as file:
            file.writelines(f"{line}\n" for line in (os.getpid(), *lines[1:]))


def _recorded(cluster: Path) -> list[str]:
    try:
        return (cluster / "postmaster.pid").read_text().splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []


def _ends(process: psutil.Process, stop: signal.Signals) -> bool:
    deadline = time.monotonic() + STOPPED_WITHIN
    with suppress(psutil.NoSuchProcess):
        process.send_signal(stop)
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_EVERY)
    return True


def _launch(
    folder: Path, port: int, settings: Mapping[str, str], account: _Account
) -> tuple[subprocess.Popen[bytes], int]:
    log = folder / "postgres.log"
    log.touch(mode=0o600)
    passing = (BLOCK_IN_USE,) if port else (BLOCK_IN_USE, PORT_IN_USE)
    deadline = time.monotonic() + READY_WITHIN
    while True:
        length = log.stat().st_size
        chosen_port = port or _free_port()
        process = _spawn(folder, chosen_port, settings, account)
        with ExitStack() as unless_ready:
            unless_ready.callback(_end, process)
            while process.poll() is None and time.monotonic() < deadline:
                if _is_ready(process, folder / "cluster"):
                    unless_ready.pop_all()
                    return process, chosen_port
                time.sleep(POLL_EVERY)
        said = log.read_bytes()[length:].decode(errors="replace")
        if time.monotonic() > deadline or not any(sign in said for sign in passing):
            raise _not_started(folder, chosen_port, said)
        time.sleep(POLL_EVERY)


def _spawn(folder: Path, port: int, settings: Mapping[str, str], account: _Account) -> subprocess.Popen[bytes]:
    cluster = folder / "cluster"
    options = ["-D", str(cluster), "-h", HOST, "-p", str(port), "-k", ""]
    options += [f"--{name}={value}" for name, value in settings.items()]
    with (folder / "postgres.log").open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own program and settings
            [programs.program("postgres"), *options],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=cluster,
            env=programs.environment(),
            start_new_session=True,  # Ctrl-C in the terminal is for us, who then stop it in order
            **account,
        )


def _is_ready(process: subprocess.Popen[bytes], cluster: Path) -> bool:
    # What pg_ctl looks at: an answer on the port could be another server's.
    lines = _recorded(cluster)
    return _says_ready(lines) and lines[0] == str(process.pid)


def _says_ready(lines: list[str]) -> bool:
    # Line 1 is the process, line 4 the port, line 8 the state.
    return len(lines) > 7 and lines[7].strip() == "ready"


def _not_started(folder: Path, port: int, said: str) -> DataFolderProblem:
    if any(sign in said for sign in DISK_FULL):
        return _unusable(folder, said)
    if PORT_IN_USE in said:
        return DataFolderProblem(f"Port {port} of this machine is taken; choose another.")
    return DataFolderProblem("\n".join([f"PostgreSQL does not start on {folder}:", *said.splitlines()[-5:]]))


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait()


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as probe:
        return int(probe.getsockname()[1])
