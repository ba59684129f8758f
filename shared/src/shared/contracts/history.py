"""What was published so far, from the history of the repository: the one record that no change of today can alter."""

import json
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SCHEMA = ".schema.json"


@dataclass(frozen=True, slots=True)
class History:
    """Every version that each file has had.

    Shape: schemas are by event type, examples by their path; `whole` is false where the clone has been cut off.
    """

    schemas: Mapping[str, Sequence[Mapping[str, Any]]]
    examples: Mapping[str, Sequence[Any]]
    whole: bool


def published(folder: Path) -> History | None:
    """Read the versions in which the published language was committed; None where there is no such commit.

    A merge counts as what it brought: what a branch had in between was not published.
    """
    git = shutil.which("git")
    log = ("log", "--first-parent", "-m", "--format=", "--raw", "--no-abbrev", "--no-renames", "--relative")
    changes = _run(git, folder, *log, "--", "schemas", "examples") if git else None
    if git is None or not changes:
        return None
    versions = [(path, blob) for path, blob in _changes(changes.decode()) if path.endswith(".json")]
    contents = _contents(git, folder, [blob for _, blob in versions])
    schemas: dict[str, list[Any]] = defaultdict(list)
    examples: dict[str, list[Any]] = defaultdict(list)
    for path, blob in versions:
        content = json.loads(contents[blob])
        if path.startswith("schemas/"):
            schemas[path.removeprefix("schemas/").removesuffix(_SCHEMA)].append(content)
        else:
            examples[path].append(content)
    whole = _run(git, folder, "rev-parse", "--is-shallow-repository") == b"false\n"
    return History(schemas, examples, whole)


def _changes(log: str) -> Iterator[tuple[str, str]]:
    """Yield path and blob of each file that was written; one that was removed was written before."""
    for line in log.splitlines():
        described, path = line.split("\t")
        _, _, _, blob, status = described.split(" ")
        if status != "D":
            yield path, blob


def _contents(git: str, folder: Path, blobs: Sequence[str]) -> Mapping[str, bytes]:
    wanted = sorted(set(blobs))
    answer = _run(git, folder, "cat-file", "--batch", given="\n".join(wanted).encode()) or b""
    contents: dict[str, bytes] = {}
    for blob in wanted:
        heading, _, answer = answer.partition(b"\n")
        size = int(heading.split(b" ")[2])
        contents[blob], answer = answer[:size], answer[size + 1 :]
    return contents


def _run(git: str, folder: Path, *arguments: str, given: bytes = b"") -> bytes | None:
    command = [git, "-C", str(folder), *arguments]
    done = subprocess.run(command, input=given, capture_output=True, check=False)  # noqa: S603 - nothing from outside
    return done.stdout if done.returncode == 0 else None
