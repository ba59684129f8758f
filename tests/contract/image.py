"""Follows the Dockerfile without containers: each stage is a folder with a virtual environment."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from string import Template

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "deploy" / "images" / "Dockerfile"
LOCKS = (ROOT / "deploy/images/requirements.lock", ROOT / "deploy/images/build.lock")


class PackagesUnavailable(Exception):  # noqa: N818 - a fact of the machine, told to a person
    """Why the image cannot be built here: one sentence."""


@dataclass
class Stage:
    """One stage of a build; its folder stands for the image's root."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    workdir: PurePosixPath = field(default=PurePosixPath("/"))
    said: dict[str, str] = field(default_factory=dict)
    """The instructions that only describe what is run later."""

    def __post_init__(self) -> None:
        subprocess.run([sys.executable, "-m", "venv", self.folder / "venv"], check=True)

    def path(self, named: str) -> Path:
        """Return where a path of the image is here."""
        return self.folder / (self.workdir / named).relative_to("/")

    def variables(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return all that a process in a container of the image sees; nothing of our own environment."""
        binaries = {"PATH": f"{self.folder / 'venv' / 'bin'}:/usr/bin:/bin", "HOME": "/"}
        return {**binaries, **self.environment, **given}

    def run(self, *command: str, **given: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            command, cwd=self.path("."), env=self.variables(given), capture_output=True, text=True, check=False
        )


def instructions() -> Iterator[tuple[str, str]]:
    """Read the Dockerfile: each instruction's name and the rest of it."""
    lines = [line for line in DOCKERFILE.read_text("utf-8").splitlines() if not line.lstrip().startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            name, _, rest = line.strip().partition(" ")
            yield name, rest.strip()


def build(folder: Path, **arguments: str) -> Stage:
    """Follow the Dockerfile, and return the last stage.

    Raises: PackagesUnavailable.
    """
    fetching = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(_fetched_wheels())}
    stages: dict[str, Stage] = {}
    title = ""
    for name, rest in instructions():
        if name == "FROM":
            title = rest.partition(" AS ")[2]
            stages[title] = Stage(folder / (title or "last"))
        elif name == "RUN":
            done = stages[title].run("/bin/sh", "-c", rest, **fetching)
            if done.returncode:
                raise AssertionError(f"{rest}\n{done.stdout}{done.stderr}")
        else:
            _follow(stages, stages[title], name, rest, arguments)
    return stages[title]


def _follow(stages: Mapping[str, Stage], stage: Stage, name: str, rest: str, arguments: Mapping[str, str]) -> None:
    filled = Template(rest).safe_substitute(stage.environment)
    match name:
        case "ARG":
            variable, _, default = filled.partition("=")
            stage.environment[variable] = arguments.get(variable, default)
        case "ENV":
            for assignment in filled.split():
                variable, _, value = assignment.partition("=")
                stage.environment[variable] = value
        case "WORKDIR":
            stage.workdir /= filled
            stage.path(".").mkdir(parents=True)
        case "COPY":
            *options, source, target = filled.split()
            stated = next((option for option in options if option.startswith("--from=")), None)
            came_from = stages[stated.removeprefix("--from=")].folder if stated else ROOT
            _copy(came_from / source.lstrip("/"), stage.path(target), into=target.endswith("/"))
        case _:
            stage.said[name] = rest


def _copy(source: Path, target: Path, *, into: bool) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("tests", "__pycache__"))
    else:
        shutil.copy(source, target / source.name if into else target)


def _fetched_wheels() -> Path:
    """Fetch what the locks pin, once for all runs, into the user's cache."""
    content = sys.version.encode() + b"".join(lock.read_bytes() for lock in LOCKS)
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "coxswain" / "wheels"
    wheels = caches / hashlib.sha256(content).hexdigest()[:16]
    if not wheels.exists():
        caches.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=caches) as folder:
            fresh = Path(folder) / "wheels"
            for lock in LOCKS:
                _fetch(lock, fresh)
            try:
                fresh.rename(wheels)
            except OSError:
                if not wheels.exists():  # another run was not faster
                    raise
    return wheels


def _fetch(lock: Path, folder: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--require-hashes",
        "--dest",
        str(folder),
        "-r",
        str(lock),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "connection broken by" in done.stderr:
        raise PackagesUnavailable("The packages of the image cannot be fetched; connect this machine to the network.")
    if done.returncode:
        raise AssertionError(done.stderr)
