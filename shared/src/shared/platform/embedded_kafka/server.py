"""One Kafka broker, its own controller, run under a data folder.

<data folder>
├── lock                held while the broker runs
├── server.properties   written at every start
├── log4j2.properties
├── kafka.log           what the broker says
└── log/                Kafka's own: the events
"""

import fcntl
import signal
import subprocess
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

import psutil

from shared.platform.embedded_kafka.configuration import HOST
from shared.platform.embedded_kafka.jars import OLDEST_JAVA, java
from shared.platform.embedded_kafka.launch import POLL_EVERY, Place, launch
from shared.platform.embedded_kafka.problems import KafkaNotStarted, KafkaUnavailable

STOPPED_WITHIN = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class RunningKafka:
    """A broker of ours; whoever started it ends it, and may start it again on the same folder and port."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    guard: subprocess.Popen[bytes]
    lock: IO[str]

    @property
    def bootstrap_servers(self) -> str:
        return f"{HOST}:{self.port}"

    def stop(self) -> None:
        """Write everything down and let go of the folder; a second call does nothing."""
        self.resume()
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a crash does."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Freeze it: connections stay, and nobody answers."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def _end(self, how: signal.Signals) -> None:
        self.process.send_signal(how)
        try:
            self.process.wait(STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.guard.communicate()
        self.lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start(data: Path, jars: Path, port: int | None = None) -> RunningKafka:
    """Start the broker of a data folder, which is made the first time; without a port it takes a free one.

    Raises: KafkaUnavailable, KafkaNotStarted.
    """
    program = java()
    if program is None:
        raise KafkaUnavailable(f"Install Java {OLDEST_JAVA} or newer to run Kafka here.")
    try:
        folder = data.resolve()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with ExitStack() as unless_started:
            lock = unless_started.enter_context(_locked(folder))
            _stop_orphan(folder)
            chosen, broker, guard = launch(Place(program, jars, folder), port)
            unless_started.pop_all()
            return RunningKafka(folder, chosen, broker, guard, lock)
    except OSError as error:
        raise KafkaNotStarted(f"{data} cannot hold Kafka ({error.strerror}).") from error


def _locked(folder: Path) -> IO[str]:
    lock = (folder / "lock").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise KafkaNotStarted(f"Another process already runs Kafka on {folder}.") from None
    return lock


def _stop_orphan(folder: Path) -> None:
    """End a broker whose starter and guard were both killed: the lock is ours, so nobody else uses it."""
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            if "kafka.Kafka" in process.cmdline() and Path(process.cwd()) == folder:
                process.kill()
                while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                    time.sleep(POLL_EVERY)
