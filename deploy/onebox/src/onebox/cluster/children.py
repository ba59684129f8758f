"""The processes of a cluster at work: started, started again when they end by themselves, and stopped in order."""

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from onebox.cluster.door import Behind
from onebox.cluster.ports import free_ports
from onebox.cluster.processes import SERVICES, Process, prefix
from onebox.cluster.record import RECORD, Running, remember
from onebox.listening import HOST
from shared.platform.settings import Role

# Who takes from others goes first, and who others ask goes last.
_STOPPING_ORDER = (Role.WORKER, Role.RELAY, Role.API)
_STOPPED_WITHIN = 15.0
_STEADY_AFTER = 5.0
_BACKOFF_SECONDS = (0.1, 1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Child:
    """One process, from a start to its end."""

    process: Process
    port: int
    handle: asyncio.subprocess.Process
    started: float

    @property
    def behind(self) -> Behind:
        """What the door knows of it."""
        return Behind(self.process.name, self.process.service, self.process.role, f"http://{HOST}:{self.port}")

    @property
    def running(self) -> Running:
        """What is remembered of it."""
        one = self.process
        return Running(one.name, one.service, one.role.value, self.port, self.handle.pid, self.started)


class Children:
    """All processes of one cluster; what runs of them stands in a file beside their logs."""

    def __init__(self, data: Path, bootstrap_servers: str, say: Callable[[str], None]) -> None:
        self._file, self._logs = data / RECORD, data / "logs"
        self._bootstrap_servers, self._say = bootstrap_servers, say
        self._children: dict[str, Child] = {}

    def behind(self) -> Sequence[Behind]:
        """Return where each of them listens."""
        return [child.behind for child in self._children.values()]

    def log_of(self, name: str) -> Path:
        """Return the file in which a process says what it does."""
        return self._logs / f"{name}.log"

    async def keep(self, processes: Sequence[Process]) -> None:
        """Start them all and keep them running; stop them in order once cancelled."""
        try:
            for process, port in zip(processes, free_ports(len(processes)), strict=True):
                await self._start(process, port)
            async with asyncio.TaskGroup() as group:
                for process in processes:
                    group.create_task(self._keep(process))
        finally:
            await self._stop()

    async def _keep(self, process: Process) -> None:
        failures = 0
        while True:
            began = time.monotonic()
            code = await self._children[process.name].handle.wait()
            failures = 1 if time.monotonic() - began > _STEADY_AFTER else failures + 1
            if failures == 1:
                how = f"by signal {-code}" if code < 0 else f"with code {code}"
                self._say(f"{process.name} has ended {how} and is started again; see {self.log_of(process.name)}.")
            await asyncio.sleep(_BACKOFF_SECONDS[min(failures, len(_BACKOFF_SECONDS)) - 1])
            await self._start(process, *free_ports(1))

    async def _start(self, process: Process, port: int) -> None:
        with self.log_of(process.name).open("ab") as log:
            handle = await asyncio.create_subprocess_exec(
                *process.command(port),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**_environment(), **process.environment},
                start_new_session=True,  # Ctrl-C in the terminal is for us, who then stop them in order
            )
        self._children[process.name] = Child(process, port, handle, _started(handle.pid))
        self._remember()

    async def _stop(self) -> None:
        for role in _STOPPING_ORDER:
            stopping = [child.handle for child in self._children.values() if child.process.role is role]
            await asyncio.gather(*(_end(handle) for handle in stopping))
        self._children.clear()
        self._remember()

    def _remember(self) -> None:
        remember(self._file, self._bootstrap_servers, [child.running for child in self._children.values()])


def _started(pid: int) -> float:
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:  # ended already, and collected
        return 0.0


async def _end(handle: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        handle.terminate()
    try:
        async with asyncio.timeout(_STOPPED_WITHIN):
            await handle.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            handle.kill()
        await handle.wait()


def _environment() -> Mapping[str, str]:
    """Return our own environment, without what would set up a service otherwise."""
    ours = tuple(prefix(service) for service in SERVICES)
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}
