"""What was read of every contracting process, put aside in a temporary database.

A process may turn up again in the last file, so none can be sent before all is read. The disk holds what was read,
about as large as the uncompressed files; memory holds one process at a time.
"""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from onebox.ocds.compiling import compiled
from onebox.ocds.document import Document, Position, Problem, Release
from shared.kernel.canonical import canonical

_SCHEMA = """
    PRAGMA journal_mode = off;
    PRAGMA synchronous = off;
    CREATE TABLE documents (
        number INTEGER PRIMARY KEY,
        file INTEGER NOT NULL,
        line INTEGER NOT NULL,
        pointer TEXT NOT NULL,
        ocid TEXT NOT NULL,
        compiled TEXT,
        releases TEXT NOT NULL,
        problems TEXT NOT NULL
    );
    CREATE INDEX documents_ocid ON documents (ocid);
    CREATE INDEX documents_file ON documents (file);
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document was read: the number of its file, and the position in it."""

    file: int
    position: Position


@dataclass(frozen=True, slots=True)
class Process:
    """A contracting process in one compiled release.

    Shape: release is canonical JSON, sources are the digests of the releases that it was made from; places are those of
    its documents, in the order in which they were read.
    """

    ocid: str
    release: str
    sources: tuple[str, ...]
    notes: tuple[str, ...]
    places: tuple[Place, ...]


class Spool:
    """Keeps documents until all that is said of a process can be taken together."""

    def __init__(self, folder: Path) -> None:
        # Files are read beside the loop, and never while something else is asked of this database.
        self._database = sqlite3.connect(folder / "spool", isolation_level=None, check_same_thread=False)
        self._database.executescript(_SCHEMA)

    def close(self) -> None:
        """Let go of the file; it is the folder's owner who deletes it."""
        self._database.close()

    def add(self, file: int, document: Document) -> Problem | None:
        """Put a document aside, or tell why it cannot be."""
        own = None if document.compiled is None else canonical(document.compiled)
        releases = "\n".join(map(canonical, document.releases))
        problems = json.dumps([(problem.code, problem.detail) for problem in document.problems])
        position = document.position
        try:
            self._database.execute(
                "INSERT INTO documents (file, line, pointer, ocid, compiled, releases, problems) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (file, position.line, position.pointer, document.ocid, own, releases, problems),
            )
        except UnicodeEncodeError:
            return Problem("invalid-unicode", "A string has half of a surrogate pair.")
        return None

    def drop(self, file: int) -> int:
        """Forget the documents of a file; return how many there were."""
        return self._database.execute("DELETE FROM documents WHERE file = ?", (file,)).rowcount

    def count(self) -> int:
        """Return how many processes there are."""
        (number,) = self._database.execute("SELECT count(DISTINCT ocid) FROM documents").fetchone()
        return int(number)

    def processes(self) -> Iterator[Process]:
        """Yield each process once, in the order in which they first turned up."""
        for (ocid,) in self._database.execute("SELECT ocid FROM documents GROUP BY ocid ORDER BY min(number)"):
            yield self._process(ocid)

    def _process(self, ocid: str) -> Process:
        rows = self._database.execute(
            "SELECT file, line, pointer, compiled, releases, problems FROM documents WHERE ocid = ? ORDER BY number",
            (ocid,),
        ).fetchall()
        places = tuple(Place(file, Position(line, pointer)) for file, line, pointer, *_ in rows)
        made = compiled(ocid, (_document(ocid, *row[3:]) for row in rows))
        notes = tuple(dict.fromkeys(problem.detail for problem in made.problems))
        return Process(ocid, canonical(made.release), made.sources, notes, places)


def _document(ocid: str, own: str | None, releases: str, problems: str) -> Document:
    return Document(
        file="",
        position=Position(),
        ocid=ocid,
        # A canonical text has no line feed, but may well have the other characters that splitlines takes for one.
        releases=tuple(_release(line) for line in releases.split("\n") if line),
        compiled=None if own is None else _release(own),
        problems=tuple(Problem(code, detail) for code, detail in json.loads(problems)),
    )


def _release(text: str) -> Release:
    release: dict[str, Any] = json.loads(text, parse_float=Decimal)
    return release
