"""Files and folders of OCDS, as they come: JSON, JSON Lines, concatenated JSON, any of these compressed with gzip."""

import contextlib
import errno
import gzip
import hashlib
import io
import os
import re
import stat
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from onebox.ocds.document import Document, Position, Problem, Refusal, documents
from onebox.ocds.lines import DOCUMENT_LIMIT
from onebox.ocds.values import Fault, values

if TYPE_CHECKING:
    from typing_extensions import Buffer

_HEAD = 2**16
_GZIP = b"\x1f\x8b"

# The opening of an object or a list of objects on some line.
_OPENING = re.compile(rb"(?m)^(?:\xef\xbb\xbf)?[ \t]*[{\[]\s*[\"{}\[\]]")


@dataclass(frozen=True, slots=True)
class Original:
    """The bytes of a file as it lies there, compressed or not."""

    sha256: str
    size: int


class OcdsFile:
    """One file, read by iterating over it; never raises for what is in it.

    original is there once the file has been read to its end, and stays None where it could not be.
    """

    def __init__(self, path: Path, problem: Problem | None = None, limit: int = DOCUMENT_LIMIT) -> None:
        self.path = path
        # A name that is not UTF-8 must not make the report of it unprintable.
        self.name = os.fsencode(path).decode(errors="replace")
        self.original: Original | None = None
        self._problem = problem
        self._limit = limit
        self._counted: _Counted | None = None

    @property
    def bytes_read(self) -> int:
        """How much of the file has been read so far, as it lies there."""
        return self._counted.size if self._counted else 0

    def __iter__(self) -> Iterator[Document | Refusal]:
        if self._problem is not None:
            yield self._refusal(self._problem)
            return
        try:
            # A device or a pipe might never end: O_NONBLOCK lets it open, and be told from a file.
            opened = os.fdopen(os.open(self.path, os.O_RDONLY | os.O_NONBLOCK), "rb", buffering=0)
        except OSError as error:
            yield self._refusal(_unreadable(error))
            return
        with opened:
            if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                yield self._refusal(_NOT_A_FILE)
                return
            counted = self._counted = _Counted(opened)
            yield from self._contents(counted)
            with contextlib.suppress(OSError):  # told already, where reading met it first
                self.original = counted.original()

    def _contents(self, counted: "_Counted") -> Iterator[Document | Refusal]:
        stream = io.BufferedReader(counted, _HEAD)
        problem: Problem | None = _EMPTY
        try:
            unzipped = _Unzipped(stream) if stream.peek(len(_GZIP)).startswith(_GZIP) else None
            for found in self._text(io.BufferedReader(unzipped, _HEAD) if unzipped else stream):
                problem = None
                yield found
        except OSError as error:
            problem = _unreadable(error)
        else:
            problem = (unzipped and unzipped.problem) or problem
        if problem is not None:
            yield self._refusal(problem)

    def _text(self, stream: "io.BufferedReader[Any]") -> Iterator[Document | Refusal]:
        head = stream.peek(_HEAD)
        if b"\0" in head:
            yield self._refusal(_NOT_TEXT)
        elif head.strip() and not _OPENING.search(head):
            yield self._refusal(_NOT_JSON)
        else:
            for value in values(stream, self._limit):
                if isinstance(value, Fault):
                    yield Refusal(self.name, value.position, value.problem)
                else:
                    yield from documents(self.name, value.position, value.content, value.problems)

    def _refusal(self, problem: Problem) -> Refusal:
        return Refusal(self.name, Position(), problem)


def read(paths: Iterable[Path]) -> Iterator[OcdsFile]:
    """Go through files, and folders with the folders in them, in the order of their names.

    What a file is, is seen by its content and not by its name. Hidden files and folders are passed by. A path that
    leads nowhere is a file with one refusal.
    """
    for path in paths:
        if path.is_dir():
            yield from _folder(path, set())
        else:
            yield OcdsFile(path)


def _folder(folder: Path, seen: set[tuple[int, int]]) -> Iterator[OcdsFile]:
    try:
        status = folder.stat()
        entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except OSError as error:
        yield OcdsFile(folder, _unreadable(error))
        return
    identity = (status.st_dev, status.st_ino)
    if identity in seen:
        yield OcdsFile(folder, _SEEN)
        return
    seen.add(identity)
    if not entries:
        yield OcdsFile(folder, _FOLDER_EMPTY)
    for entry in entries:
        if entry.is_dir():
            yield from _folder(entry, seen)
        else:
            yield OcdsFile(entry)


class _Counted(io.RawIOBase):
    """Reads a file and takes its digest on the way."""

    def __init__(self, opened: IO[bytes]) -> None:
        self._opened = opened
        self._sha256 = hashlib.sha256()
        self.size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "Buffer") -> int:
        view = memoryview(buffer)
        content = self._opened.read(len(view))
        self._sha256.update(content)
        self.size += len(content)
        view[: len(content)] = content
        return len(content)

    def original(self) -> Original:
        while self.read(_HEAD):
            pass
        return Original(self._sha256.hexdigest(), self.size)


class _Unzipped(io.RawIOBase):
    """Reads what is compressed; where it is damaged it ends, so that what comes before is not lost."""

    def __init__(self, compressed: "io.BufferedReader[Any]") -> None:
        self._unzipped = gzip.GzipFile(fileobj=compressed)
        self.problem: Problem | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "Buffer") -> int:
        view = memoryview(buffer)
        try:
            content = self._unzipped.read1(len(view))
        except EOFError:
            self.problem = _GZIP_TRUNCATED
            return 0
        except (gzip.BadGzipFile, zlib.error):
            self.problem = _GZIP_BROKEN
            return 0
        view[: len(content)] = content
        return len(content)


def _unreadable(error: OSError) -> Problem:
    if isinstance(error, FileNotFoundError):
        return Problem("path-missing", "There is no such file or folder.")
    if error.errno == errno.ELOOP:
        return Problem("link-loop", "The link leads back to itself.")
    return Problem("unreadable", f"The system does not let it be read ({os.strerror(error.errno or 0)}).")


_EMPTY = Problem("file-empty", "There is nothing in the file.")
_FOLDER_EMPTY = Problem("folder-empty", "There is no file in the folder.")
_SEEN = Problem("folder-seen-before", "A link leads to a folder that has been read already; it is not read again.")
_NOT_A_FILE = Problem("not-a-file", "This is neither a file nor a folder.")
_NOT_TEXT = Problem("invalid-utf-8", "The file is not UTF-8 text.")
_NOT_JSON = Problem("not-json", "The file does not begin as JSON or JSON Lines.")
_GZIP_TRUNCATED = Problem("gzip-truncated", "The compressed file ends too early; what was before that is read.")
_GZIP_BROKEN = Problem("gzip-broken", "The compressed file is damaged; what was before that is read.")
