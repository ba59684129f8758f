"""Lines to a service that ask with less work than it takes to answer: on the same cores, the asking is not measured."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"content-length: ([0-9]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """One connection that is kept, for one request at a time."""

    host: str
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def get(self, path: str) -> bytes:
        """Return the body of an answer whose length is stated.

        Raises:
            RuntimeError: if it is not answered with 200.
        """
        self.writer.write(f"GET {path} HTTP/1.1\r\nHost: {self.host}\r\n\r\n".encode())
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not head.startswith(b"HTTP/1.1 200 ") or length is None:
            raise RuntimeError("The service did not answer.")
        return await self.reader.readexactly(int(length[1]))


@contextlib.asynccontextmanager
async def line_to(url: str) -> AsyncIterator[Line]:
    """Open a line to a service on this machine."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        yield Line(parts.netloc, reader, writer)
    finally:
        writer.close()
        await writer.wait_closed()
