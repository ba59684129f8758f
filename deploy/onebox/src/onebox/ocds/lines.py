"""The lines of a stream, numbered, with room to step back."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

# The largest JSON value that is held in memory as a whole, in bytes.
DOCUMENT_LIMIT = 32 * 2**20

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_OPENING = (b"{", b"[")


@dataclass(frozen=True, slots=True)
class Line:
    """A line, or a piece of one that is longer than the limit.

    Units: number counts from 1.
    """

    number: int
    content: bytes
    starts: bool
    ends: bool

    @property
    def is_blank(self) -> bool:
        return not self.content.strip()


class Lines:
    """Reads lines one at a time; lines that were read too far are put back."""

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self._ahead: deque[Line] = deque()
        self._number = 0
        self._starts = True

    def next(self) -> Line | None:
        if self._ahead:
            return self._ahead.popleft()
        content = self._stream.readline(self._limit + 1)
        if not content:
            return None
        starts = self._starts
        self._number += starts
        self._starts = content.endswith(b"\n")
        ends = self._starts or len(content) <= self._limit
        return Line(self._number, content.removeprefix(_BYTE_ORDER_MARK) if starts else content, starts, ends)

    def put_back(self, lines: Sequence[Line]) -> None:
        self._ahead.extendleft(reversed(lines))

    def skip_to_opening(self) -> None:
        """Go on to the next line that opens an object or a list in its first column: a new value starts there."""
        while (line := self.next()) is not None:
            if line.starts and line.content.startswith(_OPENING):
                self.put_back([line])
                return
