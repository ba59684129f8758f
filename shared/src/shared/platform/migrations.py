"""What every service's migrations/env.py does."""

import asyncio

from alembic import context
from sqlalchemy import Connection, MetaData, pool
from sqlalchemy.ext.asyncio import create_async_engine

from shared.platform import roles


def run(*metadata: MetaData) -> None:
    """Run the migrations on the database the configuration names, as its owner, and let the application work with it.

    Raises:
        NotTheOwner: where somebody else is to run them.
    """
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
    application = roles.application_of(connection)
    context.configure(connection=connection, target_metadata=list(metadata), compare_type=True)
    context.run_migrations()
    # In the transaction of the migrations: no schema is ever there that the application may do too much with.
    roles.grant(connection, application, metadata)
