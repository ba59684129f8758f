"""Engines, migrations, and aggregates kept as documents."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import orjson
from alembic import command
from alembic.config import Config
from pydantic import TypeAdapter
from sqlalchemy import (
    Column,
    ColumnElement,
    DateTime,
    Integer,
    MetaData,
    Select,
    Table,
    Text,
    Uuid,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from shared.kernel.errors import Stale, not_here

State = TypeVar("State")

# Classes of SQLSTATE (PostgreSQL, appendix A): connection, log-in, no such database, transaction rolled back,
# resources, operator, system. 25006: the server has become a standby. 55P03: somebody else holds the lock.
# 55000: the database lets nobody in at the moment.
_PASSING_CLASSES = frozenset({"08", "28", "3D", "40", "53", "57", "58"})
_PASSING_STATES = frozenset({"25006", "55000", "55P03"})


def create_engine(url: str, *, pool_size: int = 8) -> AsyncEngine:
    """Make an engine; waiting for a lock is bounded, so that a stuck transaction is an error and not a hang."""
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=10,
        pool_pre_ping=True,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        connect_args={"server_settings": {"lock_timeout": "8000", "timezone": "UTC"}},
    )
    # SQLAlchemy asks in a transaction of its own, for the sake of poolers that we do not have: three ways and back
    # before every request instead of one.
    engine.dialect.do_ping = _is_alive  # type: ignore[method-assign, assignment]
    return engine


def _is_alive(connection: Any) -> bool:
    """Tell whether a connection that is about to be lent still answers."""
    try:
        connection.run_async(lambda driver: driver.fetchrow(";"))
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        return False
    return True


def sqlstate(error: Exception) -> str:
    """Return what PostgreSQL calls an error; empty where it did not come from PostgreSQL."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) or ""


def is_passing(error: Exception) -> bool:
    """Tell a failure of the database that another try may cure from one that it never will."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, PoolTimeoutError | OSError)
    state = sqlstate(error)
    return error.connection_invalidated or state[:2] in _PASSING_CLASSES or state in _PASSING_STATES


def migrate(migrations: Path, url: str) -> None:
    """Bring a service's database to its newest schema."""
    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.attributes["url"] = url
    command.upgrade(config, "head")


def document_table(name: str, metadata: MetaData, *extra: Column[Any]) -> Table:
    """Describe a table of aggregates: the document, its version, and the columns that are searched."""
    return Table(
        name,
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("version", Integer, nullable=False),
        Column("state", Text, nullable=False),
        Column("document", JSONB, nullable=False),
        Column("waiting_for", Text),
        Column("due_at", DateTime(timezone=True)),
        *extra,
    )


@dataclass(frozen=True, slots=True)
class Overdue:
    """An aggregate that has waited longer than its term."""

    kind: str
    id: UUID
    state: str
    waiting_for: str
    due_at: datetime


_adapters: dict[type[Any], TypeAdapter[Any]] = {}


def adapter(kind: type[State]) -> TypeAdapter[State]:
    """Return what turns a frozen dataclass into JSON and back."""
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def to_document(state: Any) -> dict[str, Any]:
    """Write an aggregate as plain JSON."""
    document: dict[str, Any] = adapter(type(state)).dump_python(state, mode="json")
    return document


async def load(
    connection: AsyncConnection, table: Table, kind: type[State], identifier: UUID, *, lock: bool = False
) -> State:
    """Read an aggregate, and with lock keep everybody else from changing it until the transaction ends.

    Raises:
        NotFound: not-found.
    """
    query = select(table.c.document).where(table.c.id == identifier)
    row = (await connection.execute(query.with_for_update() if lock else query)).first()
    if row is None:
        raise not_here()
    return adapter(kind).validate_python(row.document)


async def documents(connection: AsyncConnection, query: Select[Any], kind: type[State]) -> list[State]:
    """Read the aggregates whose documents a query selects, in its order."""
    return [adapter(kind).validate_python(document) for document in await connection.scalars(query)]


def numbered(query: Select[Any], table: Table, after: UUID | None, limit: int) -> Select[Any]:
    """Ask for a page of rows in the order of their numbers, from the one after a row on."""
    if after is not None:
        query = query.where(table.c.number > select(table.c.number).where(table.c.id == after).scalar_subquery())
    return query.order_by(table.c.number).limit(limit)


async def hold_name(connection: AsyncConnection, name: str) -> None:
    """Let nobody else hold a name until the transaction ends, also one of which there is no row yet."""
    await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


async def add(connection: AsyncConnection, table: Table, state: Any, columns: Mapping[str, Any]) -> None:
    """Insert a new aggregate."""
    await connection.execute(
        insert(table).values(id=state.id, version=state.version, document=to_document(state), **columns)
    )


async def save(connection: AsyncConnection, table: Table, before: int, state: Any, columns: Mapping[str, Any]) -> None:
    """Write an aggregate's next state over the version it came from.

    Raises:
        Stale: stale, if somebody else was faster.
    """
    result = await connection.execute(
        update(table)
        .where(table.c.id == state.id, table.c.version == before)
        .values(version=state.version, document=to_document(state), **columns)
    )
    if result.rowcount != 1:
        raise Stale("stale", "It was changed by somebody else in the meantime.", satisfied_by="Read it again.")


async def overdue(
    connection: AsyncConnection, table: Table, kind: str, now: datetime, *only: ColumnElement[bool]
) -> list[Overdue]:
    """List the aggregates of a table whose waiting state has passed its deadline, where the conditions hold."""
    rows = await connection.execute(
        select(table.c.id, table.c.state, table.c.waiting_for, table.c.due_at)
        .where(table.c.due_at <= now, table.c.waiting_for.is_not(None), *only)
        .order_by(table.c.due_at, table.c.id)
        .limit(1000)
    )
    return [Overdue(kind, *row) for row in rows]
