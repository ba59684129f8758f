"""What became of every file, and of every place in it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from onebox.ocds.document import Position, Problem

# So many are kept of each file; the others are counted.
MOST_REFUSALS = 1_000
MOST_ROWS = 50
_REASONS = 3

# A process is counted where it was read first; what was read of it elsewhere was merged into it.
OUTCOMES = ("published", "changed", "unchanged", "merged", "refused")


@dataclass(frozen=True, slots=True)
class Refused:
    """A place that was refused, and why."""

    position: str
    code: str
    detail: str


@dataclass
class FileReport:
    """What became of one file.

    Shape: file is its path as it was asked for; name is what is published of that. Each document has one of the
    outcomes; unreadable counts the places that are no document.
    """

    file: str
    name: str
    sha256: str | None = None
    size: int | None = None
    original_kept: bool = False
    documents: int = 0
    unreadable: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    refusals: list[Refused] = field(default_factory=list)

    def unread(self, position: Position, problem: Problem) -> None:
        """Count a place that is no document."""
        self.unreadable += 1
        self._keep(position, problem)

    def refused(self, position: Position, problems: Sequence[Problem], documents: int = 1) -> None:
        """Count documents that are not taken in."""
        self.outcomes["refused"] += documents
        for problem in problems:
            self._keep(position, problem)

    def _keep(self, position: Position, problem: Problem) -> None:
        if len(self.refusals) < MOST_REFUSALS:
            self.refusals.append(Refused(str(position), problem.code, problem.detail))

    @property
    def not_taken(self) -> int:
        """How many documents and other places were not taken in."""
        return self.unreadable + self.outcomes["refused"]

    def told(self) -> list[str]:
        """Return what a person is told beside the numbers: the first reasons, each with the place it was first met."""
        lines = []
        if self.sha256 is not None and not self.original_kept:
            lines.append("The file itself is not kept.")
        times = Counter(refusal.detail for refusal in self.refusals)
        first = {refusal.detail: refusal.position for refusal in reversed(self.refusals)}
        for detail, number in list(times.items())[:_REASONS]:
            place = f"{first[detail]}: " if first[detail] else ""
            lines.append(f"{place}{detail}{f' ({number:,} times)' if number > 1 else ''}")
        if len(times) > _REASONS:
            lines.append(f"and {len(times) - _REASONS:,} other reasons")
        return lines

    def document(self) -> dict[str, Any]:
        """Return everything as JSON."""
        return {
            "file": self.file,
            "sha256": self.sha256,
            "size": self.size,
            "original_kept": self.original_kept,
            "documents": self.documents,
            "unreadable": self.unreadable,
            **{outcome: self.outcomes[outcome] for outcome in OUTCOMES},
            "refusals": [asdict(refusal) for refusal in self.refusals],
            "refusals_not_listed": max(0, self.not_taken - len(self.refusals)),
        }


@dataclass
class Report:
    """What became of everything."""

    files: list[FileReport] = field(default_factory=list)
    seconds: float = 0.0
    failure: str | None = None

    @property
    def exit_code(self) -> int:
        """0 if all was taken in, 3 if some was refused, 1 if the import could not go on."""
        if self.failure is not None:
            return 1
        return 3 if any(file.not_taken for file in self.files) else 0

    def document(self) -> dict[str, Any]:
        """Return everything as one JSON document."""
        return {
            "ok": self.exit_code == 0,
            "failure": self.failure,
            "seconds": round(self.seconds, 2),
            "totals": {
                "files": len(self.files),
                "documents": sum(file.documents for file in self.files),
                "unreadable": sum(file.unreadable for file in self.files),
                **self.totals(),
            },
            "files": [file.document() for file in self.files],
        }

    def totals(self) -> dict[str, int]:
        """Count documents by outcome."""
        return {outcome: sum(file.outcomes[outcome] for file in self.files) for outcome in OUTCOMES}

    def show(self, console: Console) -> None:
        """Print what became of the files, and why what was refused was refused."""
        if self.failure is None or any(file.outcomes for file in self.files):
            console.print(self._table())
            told = [(file, lines) for file in self.files if (lines := file.told())]
            for file, lines in told[:MOST_ROWS]:
                console.print(Text(file.file, style="bold"), soft_wrap=True)
                for line in lines:
                    console.print(Text(f"  {line}"), soft_wrap=True)
            if len(told) > MOST_ROWS:
                console.print(f"and {len(told) - MOST_ROWS:,} more files; --json has them all", highlight=False)
        if self.failure is not None:
            console.print(Text(self.failure, style="red"), soft_wrap=True)

    def _table(self) -> Table:
        totals = self.totals()
        outcomes = [outcome for outcome in OUTCOMES[:-1] if totals[outcome]]
        not_shown = len(self.files) - MOST_ROWS
        table = Table(
            title=f"Contracting processes of other publishers ({self.seconds:.1f} s)",
            caption=f"{not_shown:,} more files are not shown; --json has them all." if not_shown > 0 else None,
            box=box.SIMPLE_HEAD,
            show_footer=True,
        )
        table.add_column("file", f"{len(self.files):,} in all", overflow="fold")
        for name in ("documents", *outcomes, "refused"):
            table.add_column(name, justify="right", no_wrap=True)
        counted = [(file.documents, *(file.outcomes[name] for name in outcomes), file.not_taken) for file in self.files]
        for column, counts in zip(table.columns[1:], zip(*counted, strict=True), strict=True):
            column.footer = f"{sum(counts):,}"
        for file, counts in list(zip(self.files, counted, strict=True))[:MOST_ROWS]:
            table.add_row(Text(file.name), *(f"{count:,}" for count in counts))
        return table
