"""One PostgreSQL for a whole test run."""

import fcntl
import itertools
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlalchemy.engine import make_url

from shared.platform.embedded_postgres import execute, quoted_identifier, quoted_literal, start
from shared.platform.roles import owner_of
from shared.testing.keeper import Known, keep, kept, locked, memory, worker_name

if TYPE_CHECKING:
    import pytest

EXISTING_SERVER = "COXSWAIN_TEST_DATABASE_URL"  # its administrator's URL
# Nothing here outlives the run, so nothing needs to reach the disk.
SETTINGS = MappingProxyType(
    {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "300"}
)
STARTED_WITHIN = 60.0  # seconds
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class PostgresForTests:
    """The run's server as one worker sees it; every database is named after the run, which clears them away."""

    administrator_url: str
    run: str
    password: str
    worker: str
    folder: Path

    def new_database(self, template: str | None = None) -> str:
        """Make a database, empty or a copy of a template, and return its URL, as a service is told it."""
        name = f"{self.run}_{self.worker}_{next(_numbers)}"
        self._create(name, f" TEMPLATE {quoted_identifier(template)}" if template else "")
        return self._url(name)

    def drop(self, url: str) -> None:
        name = quoted_identifier(make_url(url).database or "")
        execute(self.administrator_url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE);")

    def template(self, name: str, migrate: Callable[[str], None]) -> str:
        """Migrate a database, as its owner, once in the run; return its name, for `new_database` to copy."""
        template = f"{self.run}_template_{name}"
        made = self.folder / f"{template}.made"
        with locked(self.folder / f"{template}.lock", fcntl.LOCK_EX):
            if not made.exists():
                url = self._url(template)
                self.drop(url)  # what a worker left that was killed while migrating
                self._create(template)
                migrate(as_owner(url))
                made.touch()
        return template

    def _create(self, name: str, copied: str = "") -> None:
        database, application = quoted_identifier(name), quoted_identifier(self.run)
        owner = quoted_identifier(owner_of(self.run))
        statements = (
            f"CREATE DATABASE {database} OWNER {owner}{copied};",
            f"REVOKE ALL ON DATABASE {database} FROM PUBLIC;",
            f"GRANT CONNECT ON DATABASE {database} TO {application};",
        )
        execute(self.administrator_url, "\n".join(statements))

    def _url(self, database: str) -> str:
        url = make_url(self.administrator_url).set(username=self.run, password=self.password, database=database)
        return url.render_as_string(hide_password=False)


def as_owner(url: str) -> str:
    """Address a database of the tests as its owner; in the tests, and nowhere else, both roles have one password."""
    address = make_url(url)
    return address.set(username=owner_of(address.username or "")).render_as_string(hide_password=False)


def postgres_server(tmp_path_factory: "pytest.TempPathFactory") -> Iterator[PostgresForTests]:
    """Be the body of a session fixture."""
    with kept(tmp_path_factory, "shared.testing.postgres", STARTED_WITHIN) as (folder, known):
        yield PostgresForTests(known["administrator_url"], known["run"], known["password"], worker_name(), folder)


def _server(at_the_end: ExitStack) -> Known:
    run, password = f"test_{secrets.token_hex(4)}", secrets.token_hex(16)
    url = _existing_server(run, at_the_end) or _own_server(at_the_end)
    roles = (run, owner_of(run))
    execute(url, "\n".join(f"CREATE ROLE {role} LOGIN PASSWORD {quoted_literal(password)};" for role in roles))
    return {"administrator_url": url, "run": run, "password": password}


def _existing_server(run: str, at_the_end: ExitStack) -> str | None:
    url = os.environ.get(EXISTING_SERVER)
    if not url:
        return None
    url = make_url(url).set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)
    ours = f"pg_database WHERE starts_with(datname, {quoted_literal(run)})"
    drop_ours = rf"SELECT format('DROP DATABASE %I WITH (FORCE)', datname) FROM {ours} \gexec"
    at_the_end.callback(execute, url, f"{drop_ours}\nDROP ROLE IF EXISTS {run}, {owner_of(run)};")
    return url


def _own_server(at_the_end: ExitStack) -> str:
    # Not in pytest's own folder: that is the user's alone, and as root PostgreSQL runs as another account.
    folder = Path(tempfile.mkdtemp(prefix="coxswain-test-", dir=memory()))
    at_the_end.callback(shutil.rmtree, folder)
    folder.chmod(0o711)
    return at_the_end.enter_context(start(folder / "postgres", settings=SETTINGS)).administrator_url()


if __name__ == "__main__":
    keep(Path(sys.argv[1]), _server)
