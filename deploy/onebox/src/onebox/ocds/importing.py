"""Imports what other publishers tell of their contracting processes into a running Coxswain.

Everything is read first and put aside on disk, since what is said of a process may be spread over all files; each
process is then sent in one compiled release. Memory stays small however large the files are.
"""

import asyncio
import json
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from rich.console import Console

from onebox.credentials import CannotAsk, Credentials
from onebox.ocds.document import Document, Position, Problem
from onebox.ocds.files import OcdsFile, read
from onebox.ocds.progress import ImportProgress
from onebox.ocds.report import FileReport, Report
from onebox.ocds.service import LARGEST_ORIGINAL, EvaluationService
from onebox.ocds.spool import Process, Spool
from onebox.people import DEMO_SECRET
from onebox.printing import printable

DEMO = Credentials("importer", DEMO_SECRET)

# So many originals are sent at a time, each held in memory as a whole.
_UPLOADS = 4
# A request ends with the process that makes it so large, or so many.
_REQUEST_BYTES = 4 * 2**20
_REQUEST_PROCESSES = 100


async def import_paths(
    paths: Sequence[Path], url: str, *, as_json: bool, console: Console, credentials: Credentials = DEMO
) -> int:
    """Import files and folders and print what became of them; return the exit code.

    Shape: 0 all is taken in, 3 some is refused, 1 the import could not go on.
    """
    async with httpx.AsyncClient(base_url=url, timeout=httpx.Timeout(30, read=120)) as http:
        report = await imported(paths, EvaluationService(http, credentials), console, quiet=as_json)
    if as_json:
        console.out(json.dumps(report.document(), ensure_ascii=False), highlight=False)
    else:
        report.show(console)
    return report.exit_code


async def imported(paths: Sequence[Path], service: EvaluationService, console: Console, *, quiet: bool) -> Report:
    """Import files and folders; nothing in them stops it."""
    began = time.monotonic()
    report = Report()
    with tempfile.TemporaryDirectory(prefix="coxswain-import-") as folder, ImportProgress(console, quiet=quiet) as bar:
        run = _Run(service, Spool(Path(folder)), report, bar)
        try:
            await service.sign_in()
            await run.read(paths)
            await run.send()
        except* CannotAsk as problems:
            report.failure = str(problems.exceptions[0])
        except* sqlite3.Error:
            report.failure = f"There is no room for what is put aside in {tempfile.gettempdir()}; set TMPDIR."
        finally:
            run.spool.close()
    report.seconds = time.monotonic() - began
    return report


@dataclass
class _Run:
    service: EvaluationService
    spool: Spool
    report: Report
    bar: ImportProgress
    kept: set[str] = field(default_factory=set)

    async def read(self, paths: Sequence[Path]) -> None:
        """Read each file to its end, put aside what is in it, and have it kept as it is."""
        files = await asyncio.to_thread(lambda: [(root, file) for root in paths for file in read([root])])
        self.bar.found(sum(_size(file) for _, file in files))
        untraceable: dict[int, Problem] = {}
        uploads = asyncio.Semaphore(_UPLOADS)

        async def keep(number: int, file: OcdsFile, told: FileReport) -> None:
            async with uploads:
                problem = await self._keep(file, told)
            if problem is not None:
                untraceable[number] = problem

        async with asyncio.TaskGroup() as keeping:
            for number, (root, file) in enumerate(files):
                told = FileReport(printable(file.name), printable(_below(root, file.path)))
                self.report.files.append(told)
                await asyncio.to_thread(self._put_aside, number, file, told)
                keeping.create_task(keep(number, file, told))
        for number, problem in untraceable.items():
            self.report.files[number].refused(Position(), [problem], self.spool.drop(number))

    def _put_aside(self, number: int, file: OcdsFile, told: FileReport) -> None:
        for item in file:
            if isinstance(item, Document):
                told.documents += 1
                problem = self.spool.add(number, item)
                if problem is not None:
                    told.refused(item.position, [problem])
            else:
                problem = item.problem
                told.unread(item.position, problem)
            self.bar.item_read(refused=problem is not None, at=file.bytes_read)
        self.bar.file_read(file.bytes_read)
        if file.original is not None:
            told.sha256, told.size = file.original.sha256, file.original.size

    async def _keep(self, file: OcdsFile, told: FileReport) -> Problem | None:
        """Have the file kept; return why nothing of it can be taken in."""
        if file.original is None:
            return _NOT_READ_WHOLE if told.documents else None
        told.original_kept = file.original.sha256 in self.kept
        if told.original_kept or file.original.size > LARGEST_ORIGINAL:
            return None
        try:
            content = await asyncio.to_thread(file.path.read_bytes)
        except OSError:
            return _NOT_READ_WHOLE
        problem = await self.service.keep(file.original, content)
        if problem is None:
            told.original_kept = True
            self.kept.add(file.original.sha256)
        return problem

    async def send(self) -> None:
        """Send each process; while the service works on some, the next ones are prepared."""
        self.bar.to_send(self.spool.count())
        requests = self._requests()
        request = await asyncio.to_thread(next, requests, None)
        while request is not None:
            contents = [content for _, content in request]
            results, following = await asyncio.gather(
                self.service.take_in(contents), asyncio.to_thread(next, requests, None)
            )
            for (process, _), result in zip(request, results, strict=True):
                self._count(process, result.outcome, result.problems)
            self.bar.sent(len(request), sum(result.outcome == "refused" for result in results))
            request = following

    def _requests(self) -> Iterator[list[tuple[Process, bytes]]]:
        request: list[tuple[Process, bytes]] = []
        size = 0
        for process in self.spool.processes():
            content = self._content(process)
            request.append((process, content))
            size += len(content)
            if len(request) == _REQUEST_PROCESSES or size >= _REQUEST_BYTES:
                yield request
                request, size = [], 0
        if request:
            yield request

    def _content(self, process: Process) -> bytes:
        files = [self.report.files[number] for number in dict.fromkeys(place.file for place in process.places)]
        return json.dumps(
            {
                "release": process.release,
                "originals": [{"sha256": file.sha256, "file": file.name[-200:].strip() or "?"} for file in files],
                "sources": process.sources,
                "notes": process.notes,
            },
            ensure_ascii=False,
        ).encode()

    def _count(self, process: Process, outcome: str, problems: Sequence[Problem]) -> None:
        first, *others = process.places
        file = self.report.files[first.file]
        if outcome == "refused":
            file.refused(first.position, problems)
        else:
            file.outcomes[outcome] += 1
        for other in others:
            self.report.files[other.file].outcomes["merged"] += 1


def _size(file: OcdsFile) -> int:
    try:
        return file.path.stat().st_size
    except OSError:
        return 0


def _below(root: Path, path: Path) -> str:
    """Return a file's name as it is published: nothing of the folders above what was asked for."""
    return str(path.relative_to(root)) if path != root else path.name or str(path)


_NOT_READ_WHOLE = Problem("original-not-read", "The file cannot be read to its end; so nothing can be traced to it.")
