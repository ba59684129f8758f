"""`python -m shared.platform.migrate FOLDER`: a job that brings the database of DATABASE_URL to its newest schema.

The URL names the database's owner, which no process of a service is told.
"""

import asyncio
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import pool
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from shared.platform.database import is_passing, migrate, sqlstate
from shared.platform.leader import leading
from shared.platform.roles import NotTheOwner

ONE_AT_A_TIME = 7_265_003
PATIENCE = 60.0  # seconds until the database must have answered
_DRIVER = "postgresql+asyncpg"
_FORM = f"{_DRIVER}://ROLE:PASSWORD@HOST/DATABASE"
_TRY_SECONDS = 5.0
_POLL_SECONDS = 0.25
# Log-in refused, no such database: to a service that runs this may pass, but a job was given a wrong address.
_REFUSALS = frozenset({"28", "3D"})


class CannotMigrate(Exception):  # noqa: N818 - said to the operator as it stands
    """One sentence on why the schema is not the newest."""


def main(arguments: Sequence[str], environment: Mapping[str, str], *, patience: float = PATIENCE) -> int:
    """Return 0 when the schema is the newest, and 2 with a sentence when it is not."""
    try:
        folder, url = _asked(arguments, environment)
        asyncio.run(_migrate(folder, url, patience))
    except CannotMigrate as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    return 0


def _asked(arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[Path, str]:
    if len(arguments) != 1:
        raise CannotMigrate("usage: python -m shared.platform.migrate FOLDER")
    folder, url = Path(arguments[0]), environment.get("DATABASE_URL", "")
    if not (folder / "env.py").is_file():
        raise CannotMigrate(f"{folder} is not a folder of migrations.")
    if not url:
        raise CannotMigrate(f"Set DATABASE_URL to the address of the database: {_FORM}.")
    try:
        driver = make_url(url).drivername
    except ArgumentError:
        driver = ""
    if driver != _DRIVER:
        raise CannotMigrate(f"DATABASE_URL is not of the form {_FORM}.")
    return folder, url


async def _migrate(folder: Path, url: str, patience: float) -> None:
    engine = create_async_engine(url, poolclass=pool.NullPool, connect_args={"timeout": _TRY_SECONDS})
    try:
        await _answered(engine, patience)
        async with leading(engine, ONE_AT_A_TIME, _POLL_SECONDS):
            # In a thread, since the migrations bring their own event loop.
            await asyncio.to_thread(migrate, folder, url)
    except NotTheOwner as problem:
        raise CannotMigrate(str(problem)) from problem
    except (DBAPIError, OSError) as error:
        raise CannotMigrate(f"The database does not take the migrations: {_reason(error)}.") from error
    finally:
        await engine.dispose()


async def _answered(engine: AsyncEngine, patience: float) -> None:
    until = time.monotonic() + patience
    while True:
        try:
            async with engine.connect():
                return
        except (DBAPIError, OSError) as error:
            if sqlstate(error)[:2] in _REFUSALS or not is_passing(error):
                raise
            if time.monotonic() > until:
                problem = f"The database did not answer within {patience:g} seconds: {_reason(error)}."
                raise CannotMigrate(problem) from error
        await asyncio.sleep(_POLL_SECONDS)


def _reason(error: DBAPIError | OSError) -> str:
    # Without the statement and its values, which the whole message quotes.
    said = str(getattr(error, "orig", None) or error) or type(error).__name__
    return said.splitlines()[0].rstrip(".")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
