"""What every service's migrations/env.py does."""

import asyncio

from alembic import context
from sqlalchemy import Connection, MetaData, pool
from sqlalchemy.ext.asyncio import create_async_engine


def run(*metadata: MetaData) -> None:
    """Run the migrations on the database the configuration names."""
    url: str = context.config.attributes["url"]
    asyncio.run(_run(url, metadata))


async def _run(url: str, metadata: tuple[MetaData, ...]) -> None:
    engine = create_async_engine(url, poolclass=pool.NullPool)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_migrate, metadata)
    finally:
        await engine.dispose()


def _migrate(connection: Connection, metadata: tuple[MetaData, ...]) -> None:
    context.configure(connection=connection, target_metadata=list(metadata), compare_type=True)
    context.run_migrations()
