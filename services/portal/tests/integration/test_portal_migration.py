import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from shared.testing.postgres import PostgresForTests, as_owner

MIGRATIONS = Path(__file__).parents[2] / "migrations"
INSERT = text("""
    INSERT INTO procedures (ocid, external, sandbox, state, supplier, last_event_at, document)
    VALUES (:ocid, :external, false, 'complete', null, now(), :document)
""")


def upgrade(url: str, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    command.upgrade(config, revision)


async def keep(url: str, rows: Sequence[tuple[str, bool, list[str]]]) -> None:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        for ocid, external, suppliers in rows:
            document = json.dumps({"suppliers": [{"id": one, "name": one} for one in suppliers]})
            await connection.execute(INSERT, {"ocid": ocid, "external": external, "document": document})
    await engine.dispose()


async def suppliers(url: str) -> dict[str, list[str]]:
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        found = (await connection.execute(text("SELECT ocid, suppliers FROM procedures"))).all()
    await engine.dispose()
    return {row.ocid: row.suppliers for row in found}


def test_every_supplier_that_was_kept_is_found_when_the_tables_change(postgres: PostgresForTests) -> None:
    url = as_owner(postgres.new_database())
    upgrade(url, "0002")
    asyncio.run(keep(url, [("a", False, ["oak", "fast"]), ("b", False, []), ("c", True, ["oak"])]))
    upgrade(url, "head")

    # Another publisher's ids name nobody in our registry.
    assert asyncio.run(suppliers(url)) == {"a": ["oak", "fast"], "b": [], "c": []}
    postgres.drop(url)
