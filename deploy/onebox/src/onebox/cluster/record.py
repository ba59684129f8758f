"""Keeps in a file which processes run, so that those of a launcher that was killed are found again."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

RECORD = "processes.json"
_ENDED_WITHIN = 10.0
_SAME_START = 2.0  # seconds; a process's start is told in ticks since the machine's, and that is told in whole seconds


@dataclass(frozen=True, slots=True)
class Running:
    """A process as it is remembered: a number is given again, a number with a start is not."""

    name: str
    service: str
    role: str
    port: int
    pid: int
    started: float


def remember(file: Path, bootstrap_servers: str, running: Iterable[Running]) -> None:
    """Write down what runs."""
    document = {"bootstrap_servers": bootstrap_servers, "processes": [asdict(one) for one in running]}
    written = file.with_suffix(".new")
    written.write_text(json.dumps(document, indent=2), "utf-8")
    written.replace(file)


def remembered(file: Path) -> tuple[Running, ...]:
    """Read what ran when it was written last."""
    try:
        document = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return ()
    return tuple(Running(**item) for item in document["processes"])


def end_leftovers(file: Path) -> int:
    """End what still runs of a cluster whose launcher is gone; return how many there were."""
    left = [process for one in remembered(file) if (process := _still(one))]
    for process in left:
        process.terminate()
    _, staying = psutil.wait_procs(left, timeout=_ENDED_WITHIN)
    for process in staying:
        process.kill()
    psutil.wait_procs(staying, timeout=_ENDED_WITHIN)
    return len(left)


def _still(one: Running) -> psutil.Process | None:
    try:
        process = psutil.Process(one.pid)
        same = abs(process.create_time() - one.started) < _SAME_START and "uvicorn" in process.cmdline()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None
    return process if same and process.status() != psutil.STATUS_ZOMBIE else None
