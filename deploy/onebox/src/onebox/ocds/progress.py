"""How far an import has come, for a person at a terminal."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

# A bar that is drawn for every document would slow the reading down.
_EVERY = 50


class ImportProgress:
    """Two bars: bytes that were read, and processes that were sent."""

    def __init__(self, console: Console, *, quiet: bool) -> None:
        columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[told]}"), TimeElapsedColumn()
        self._progress = Progress(*columns, console=console, disable=quiet, transient=True)
        self._reading = self._progress.add_task("Reading", total=None, told="")
        self._sending = self._progress.add_task("Importing", total=None, told="", visible=False)
        self._bytes = self._size = self._documents = self._refused = self._sent = 0

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, place: TracebackType | None
    ) -> None:
        self._progress.stop()

    def found(self, size: int) -> None:
        """Say how many bytes there are to be read."""
        self._size = size

    def item_read(self, *, refused: bool, at: int) -> None:
        """Say that a document or a refusal was read, and how many bytes of its file."""
        self._documents += not refused
        self._refused += refused
        if (self._documents + self._refused) % _EVERY == 0:
            self._draw(at)

    def file_read(self, size: int) -> None:
        """Say that a file of so many bytes has been read to its end."""
        self._bytes += size
        self._draw(0)

    def to_send(self, processes: int) -> None:
        """Say how many processes there are to be sent."""
        self._progress.update(self._sending, total=processes, visible=True)

    def sent(self, processes: int, refused: int) -> None:
        """Say how many more processes were sent, and how many of them were refused."""
        self._sent += processes
        self._refused += refused
        told = f"{self._sent:,} processes, {self._refused:,} refused"
        self._progress.update(self._sending, completed=self._sent, told=told)

    def _draw(self, at: int) -> None:
        done = self._bytes + at
        told = f"{decimal(done)} of {decimal(self._size)}, {self._documents:,} documents, {self._refused:,} refused"
        self._progress.update(self._reading, total=self._size, completed=done, told=told)
