"""The migration job: run at any time, any number of times, and it says in one sentence what is wrong."""

import asyncio
import contextlib
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from shared.platform.embedded_postgres import execute
from shared.platform.migrate import main
from shared.testing.onebox import free_port
from shared.testing.postgres import PostgresForTests, as_owner

ROOT = Path(__file__).parents[3]
BUDGET = ROOT / "services" / "budget" / "migrations"
NEWEST = max((BUDGET / "versions").glob("[0-9]*.py")).stem[:4]
WITHIN = 60.0  # seconds
ENVIRONMENT = """
    from shared.platform import migrations
    migrations.run()
"""


@pytest.fixture
def url(postgres: PostgresForTests) -> Iterator[str]:
    url = as_owner(postgres.new_database())
    yield url
    postgres.drop(url)


def revision(url: str) -> str:
    return execute(url, "SELECT version_num FROM alembic_version;").strip()


def job(url: str, folder: Path = BUDGET) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "shared.platform.migrate", str(folder)]
    return subprocess.Popen(command, env=os.environ | {"DATABASE_URL": url}, stderr=subprocess.PIPE, text=True)


def migrations(folder: Path, *statements: str) -> Path:
    """Write a folder of migrations with one migration."""
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text(textwrap.dedent(ENVIRONMENT))
    upgrade = "".join(f"    op.execute({statement!r})\n" for statement in statements)
    (folder / "versions" / "0001_one.py").write_text(
        f"from alembic import op\n\nrevision = '0001'\ndown_revision = None\n\n\ndef upgrade() -> None:\n{upgrade}"
    )
    return folder


def test_schema_is_the_newest_when_the_job_has_run_and_when_it_runs_again(url: str) -> None:
    for _ in range(2):
        process = job(url)
        assert process.communicate(timeout=WITHIN) == (None, "")
        assert process.returncode == 0
        assert revision(url).startswith(NEWEST)


def test_every_job_succeeds_when_several_start_at_once(url: str, tmp_path: Path) -> None:
    # Long enough that the others come while the first is at work.
    folder = migrations(tmp_path / "slow", "CREATE TABLE once AS SELECT 1 FROM pg_sleep(2)")
    jobs = [job(url, folder) for _ in range(3)]
    assert [(process.communicate(timeout=WITHIN)[1], process.returncode) for process in jobs] == [("", 0)] * 3
    assert execute(url, "SELECT count(*) FROM once;").strip() == "1"


@pytest.mark.parametrize(
    ("arguments", "environment", "sentence"),
    [
        ([], {}, "usage: python -m shared.platform.migrate FOLDER"),
        ([str(BUDGET), "more"], {}, "usage: python -m shared.platform.migrate FOLDER"),
        (["nowhere"], {"DATABASE_URL": "x"}, "nowhere is not a folder of migrations."),
        ([str(BUDGET)], {}, "Set DATABASE_URL to the address"),
        ([str(BUDGET)], {"DATABASE_URL": ""}, "Set DATABASE_URL to the address"),
        ([str(BUDGET)], {"DATABASE_URL": "secret"}, "DATABASE_URL is not of the form postgresql+asyncpg://"),
        ([str(BUDGET)], {"DATABASE_URL": "mysql://a:secret@b/c"}, "DATABASE_URL is not of the form"),
    ],
)
def test_job_says_what_to_give_when_it_was_not_given(
    arguments: list[str], environment: Mapping[str, str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments, environment) == 2
    said = capsys.readouterr().err
    assert said.startswith(sentence)
    assert said.count("\n") == 1
    assert "secret" not in said


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"password": "not-the-secret"}, "password authentication failed"), ({"database": "nowhere"}, "does not exist")],
)
def test_job_ends_at_once_when_the_database_refuses(
    url: str, change: dict[str, str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = make_url(url).set(**change).render_as_string(hide_password=False)  # type: ignore[arg-type]
    begun = time.monotonic()
    assert main([str(BUDGET)], {"DATABASE_URL": wrong}) == 2
    assert time.monotonic() - begun < 10
    said = capsys.readouterr().err
    assert said.startswith("The database does not take the migrations: ")
    assert reason in said
    assert said.count("\n") == 1
    assert "not-the-secret" not in said


def test_job_refuses_when_it_is_given_another_role_than_the_owner(
    postgres: PostgresForTests, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    application = make_url(url).set(username=postgres.run).render_as_string(hide_password=False)
    assert main([str(BUDGET)], {"DATABASE_URL": application}) == 2
    assert capsys.readouterr().err == (
        f"The migrations run as a database's owner, whose name ends with _owner; {postgres.run} is none.\n"
    )
    assert execute(url, "SELECT to_regclass('alembic_version') IS NULL;") == "t\n"


def test_nothing_is_changed_when_a_migration_fails(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = migrations(tmp_path / "broken", "CREATE TABLE half ()", "SELECT 'quoted' FROM missing")
    assert main([str(folder)], {"DATABASE_URL": url}) == 2
    assert capsys.readouterr().err == (
        'The database does not take the migrations: relation "missing" does not exist.\n'
    )
    assert execute(url, "SELECT to_regclass('half') IS NULL AND to_regclass('alembic_version') IS NULL;") == "t\n"


def test_job_gives_up_when_nobody_answers(capsys: pytest.CaptureFixture[str]) -> None:
    url = f"postgresql+asyncpg://budget:secret@127.0.0.1:{free_port()}/budget"
    assert main([str(BUDGET)], {"DATABASE_URL": url}, patience=0.4) == 2
    said = capsys.readouterr().err
    assert said.startswith("The database did not answer within 0.4 seconds: ")
    assert said.count("\n") == 1
    assert "secret" not in said


@contextlib.asynccontextmanager
async def forwarded(port: int, url: str) -> AsyncIterator[None]:
    """Listen on a port for the database of a URL."""
    server = make_url(url)

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(server.host, server.port)
        with contextlib.closing(writer), contextlib.closing(back):
            await asyncio.wait(
                [asyncio.create_task(copy(reader, back)), asyncio.create_task(copy(there, writer))],
                return_when=asyncio.FIRST_COMPLETED,
            )

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()

    listening = await asyncio.start_server(forward, "127.0.0.1", port)
    try:
        yield
    finally:
        listening.close()


async def test_job_waits_when_the_database_comes_up_later(url: str) -> None:
    port = free_port()
    process = job(make_url(url).set(port=port).render_as_string(hide_password=False))
    await asyncio.sleep(2)
    assert process.poll() is None
    async with forwarded(port, url):
        _, said = await asyncio.to_thread(process.communicate, timeout=WITHIN)
    assert (process.returncode, said) == (0, "")
    assert revision(url).startswith(NEWEST)
