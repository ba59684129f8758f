"""Ports for processes that listen on one of their own."""

import socket
from contextlib import ExitStack

from onebox.listening import HOST


def free_ports(count: int) -> list[int]:
    """Find ports that nobody listens on, each another."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.create_server((HOST, 0))) for _ in range(count)]
        return [int(probe.getsockname()[1]) for probe in probes]
