"""Starts Java on a data folder, and waits until the broker answers."""

import base64
import os
import secrets
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.platform.embedded_kafka import configuration, guard
from shared.platform.embedded_kafka.configuration import HOST
from shared.platform.embedded_kafka.problems import KafkaNotStarted

READY_WITHIN, POLL_EVERY = 60.0, 0.02  # seconds
PORT_IN_USE = "Address already in use"

Process = subprocess.Popen[bytes]


@dataclass(frozen=True, slots=True)
class Place:
    """The Java, the jars and the data folder that belong together."""

    java: str
    jars: Path
    folder: Path

    @property
    def log(self) -> Path:
        return self.folder / "kafka.log"

    def said_since(self, length: int) -> str:
        with self.log.open("rb") as log:
            log.seek(length)
            return log.read().decode(errors="replace")


def launch(place: Place, port: int | None) -> tuple[int, Process, Process]:
    """Return the port, the broker and its guard once the broker answers.

    Raises: KafkaNotStarted.
    """
    (place.folder / "log4j2.properties").write_text(configuration.LOGGING)
    place.log.touch(mode=0o600)
    deadline = time.monotonic() + READY_WITHIN
    while True:
        ports = port or _free_port(), _free_port()
        (place.folder / "server.properties").write_text(configuration.server_properties(*ports))
        _format(place)
        before = place.log.stat().st_size
        started = _started(place, before, deadline)
        if started:
            return ports[0], *started
        said = place.said_since(before)
        if PORT_IN_USE not in said or time.monotonic() > deadline:
            raise _not_started(place, said)
        if port and f"{HOST}:{port}" in said:
            raise KafkaNotStarted(f"Port {port} of this machine is taken; choose another.")


def _format(place: Place) -> None:
    if (place.folder / configuration.LOG_FOLDER / "meta.properties").exists():  # the file that is written last
        return
    before = place.log.stat().st_size
    cluster = base64.urlsafe_b64encode(secrets.token_bytes(16)).rstrip(b"=").decode()
    tool = ("kafka.tools.StorageTool", "format", "--config=server.properties", f"--cluster-id={cluster}")
    with _spawned(place, *tool) as formatting:
        code = formatting.wait()
    if code:
        raise _not_started(place, place.said_since(before))


def _started(place: Place, before: int, deadline: float) -> tuple[Process, Process] | None:
    with ExitStack() as unless_ready:
        watching = unless_ready.enter_context(_guarding())
        broker = unless_ready.enter_context(_spawned(place, "kafka.Kafka", "server.properties"))
        unless_ready.callback(broker.kill)
        if watching.stdin:
            watching.stdin.write(f"{broker.pid}\n".encode())
        while broker.poll() is None and time.monotonic() < deadline:
            if configuration.READY in place.said_since(before):
                unless_ready.pop_all()
                return broker, watching
            time.sleep(POLL_EVERY)
    return None


def _spawned(place: Place, main: str, *arguments: str) -> Process:
    with place.log.open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own program and settings
            [place.java, *configuration.JAVA_OPTIONS, "-cp", f"{place.jars.resolve()}/*", main, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=place.folder,
            env=os.environ | {"LC_ALL": "C.UTF-8"},
            start_new_session=True,  # Ctrl-C in the terminal is for us, who then stop it in order
        )


def _guarding() -> Process:
    silent: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-I", guard.__file__],
        stdin=subprocess.PIPE,
        bufsize=0,
        start_new_session=True,
        **silent,
    )


def _not_started(place: Place, said: str) -> KafkaNotStarted:
    told = [line for line in said.splitlines() if not line.startswith("\t")]  # without the stack
    return KafkaNotStarted("\n".join([f"Kafka does not start on {place.folder}:", *told[-5:]]))


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as probe:
        return int(probe.getsockname()[1])
