"""Listens on a port of this machine, and stops when it is told to."""

import contextlib
import signal
import socket
from collections.abc import Iterator

import uvicorn

HOST = "127.0.0.1"
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, a request to stop, a terminal that is closed."""


class CannotStart(Exception):  # noqa: N818 - said to the person at the terminal as it stands
    """One clear sentence on why nothing is started."""


class Server(uvicorn.Server):
    """Leaves signals to us: what stands behind it is stopped after it, not beside it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def stop(self) -> None:
        """Finish what is under way, then return from serve()."""
        self.should_exit = True


def listen(port: int) -> socket.socket:
    """Take a port.

    Raises:
        CannotStart: if another has it.
    """
    # With the protocol named, asyncio switches off the delay of small packets; otherwise every answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(256)
    except OSError as error:
        listener.close()
        raise CannotStart(f"Port {port} on {HOST} is taken; choose another with --port.") from error
    return listener
