"""Starts the one-box: PostgreSQL, migrations, services, the sample; and stops what it started."""

import asyncio
import contextlib
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn

from onebox.box import PARTS, Box, assemble
from onebox.listening import HOST, STOPPING, CannotStart, Server, listen
from shared.platform import embedded_postgres, logging, telemetry
from shared.platform.database import migrate
from shared.platform.embedded_postgres import DataFolderProblem, RunningPostgres

_READY_WITHIN = 30.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a one-box lives."""

    data: Path
    port: int

    @property
    def url(self) -> str:
        """The address of its front door."""
        return f"http://{HOST}:{self.port}"


def serve(place: Place, once_ready: Callable[[Place], Awaitable[None]], say: Callable[[str], None]) -> None:
    """Run until interrupted.

    Raises:
        CannotStart: with a sentence for the person at the terminal.
    """
    # While it starts, too, a request to stop ends what has been started.
    for number in STOPPING:
        signal.signal(number, signal.default_int_handler)
    try:
        with _database(place, say) as server:
            listener = listen(place.port)
            with contextlib.closing(listener):
                (place.data / "logs").mkdir(exist_ok=True)
                with contextlib.closing(logging.configure(place.data / "logs" / "coxswain.log")):
                    telemetry.configure("coxswain-onebox")
                    databases = {part.name: server.url(part.database) for part in PARTS}
                    asyncio.run(_serve(assemble(databases, place.data), place, listener, once_ready))
            say("Stopping.")
    except DataFolderProblem as problem:
        raise CannotStart(str(problem)) from problem


@contextlib.contextmanager
def _database(place: Place, say: Callable[[str], None]) -> Iterator[RunningPostgres]:
    # Ask for the port before anything is started, and take it once the databases are up.
    listen(place.port).close()
    say("Starting PostgreSQL …")
    with embedded_postgres.start(place.data) as server:
        embedded_postgres.provision(server, [part.database for part in PARTS])
        say("Migrating …")
        for part in PARTS:
            migrate(part.migrations, server.owner_url(part.database))
        yield server


async def _serve(
    box: Box, place: Place, listener: socket.socket, once_ready: Callable[[Place], Awaitable[None]]
) -> None:
    config = uvicorn.Config(
        box.app,
        # Our own log tells of what goes wrong; uvicorn's would quote requests, and streams cut off by Ctrl-C, here.
        log_config=None,
        log_level="critical",
        access_log=False,
        timeout_graceful_shutdown=3,
        lifespan="on",
    )
    server = Server(config)
    loop = asyncio.get_running_loop()
    for number in STOPPING:
        loop.add_signal_handler(number, server.stop)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    following = asyncio.create_task(_once_ready(place, once_ready))
    await running
    following.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await following


async def _once_ready(place: Place, once_ready: Callable[[Place], Awaitable[None]]) -> None:
    if await is_ready(place.url, _READY_WITHIN):
        await once_ready(place)


async def is_ready(url: str, within: float) -> bool:
    """Wait until everything is up."""
    until = time.monotonic() + within
    async with httpx.AsyncClient(base_url=url) as client:
        while time.monotonic() < until:
            with contextlib.suppress(httpx.HTTPError):
                if (await client.get("/health/ready")).status_code == httpx.codes.OK:
                    return True
            await asyncio.sleep(0.1)
    return False
