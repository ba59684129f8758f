"""Connections that are lent: the same one while it answers, another one after it was cut off."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.platform.database import create_engine
from shared.testing.postgres import PostgresForTests


@pytest.fixture
async def engine(postgres: PostgresForTests) -> AsyncIterator[AsyncEngine]:
    url = postgres.new_database()
    engine = create_engine(url)
    yield engine
    await engine.dispose()
    postgres.drop(url)


async def backend(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return int((await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one())


async def test_connection_is_lent_again_when_it_answers(engine: AsyncEngine) -> None:
    assert len({await backend(engine) for _ in range(4)}) == 1


async def test_another_connection_is_lent_when_the_server_has_cut_one_off(engine: AsyncEngine) -> None:
    first = await backend(engine)
    async with engine.connect() as lent:
        # Another one, as the first is lent; the first ends it, waits until it is gone, and nobody tells the pool.
        async with engine.connect() as other:
            second = int((await other.execute(text("SELECT pg_backend_pid()"))).scalar_one())
        await lent.execute(text(f"SELECT pg_terminate_backend({second}, 5000)"))
    found = {await backend(engine) for _ in range(4)}
    assert second not in found
    assert first != second
