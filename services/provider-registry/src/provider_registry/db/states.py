"""Aggregates as they are now, and every state that each was in: what the registry knew at any instant."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import CTE, Select, Table, insert, literal, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from provider_registry.db.tables import states
from shared.kernel.errors import Stale
from shared.platform.database import adapter, to_document


class Aggregate(Protocol):
    """Whatever the registry keeps of an organisation."""

    @property
    def id(self) -> UUID: ...
    @property
    def version(self) -> int: ...
    @property
    def organisation(self) -> str: ...


Known = TypeVar("Known", bound=Aggregate)


async def add(
    connection: AsyncConnection, table: Table, state: Aggregate, columns: Mapping[str, Any], *, at: datetime
) -> None:
    """Insert a new aggregate."""
    document = to_document(state)
    inserted = (
        insert(table)
        .values(id=state.id, version=state.version, document=document, **columns)
        .returning(table.c.id)
        .cte("written")
    )
    await _keep(connection, table, state, document, inserted, at)


async def save(
    connection: AsyncConnection,
    table: Table,
    before: int,
    state: Aggregate,
    columns: Mapping[str, Any],
    *,
    at: datetime,
) -> None:
    """Write an aggregate's next state over the version it came from.

    Raises:
        Stale: stale, if somebody else was faster.
    """
    document = to_document(state)
    written = (
        update(table)
        .where(table.c.id == state.id, table.c.version == before)
        .values(version=state.version, document=document, **columns)
        .returning(table.c.id)
        .cte("written")
    )
    if not await _keep(connection, table, state, document, written, at):
        raise Stale("stale", "It was changed by somebody else in the meantime.", satisfied_by="Read it again.")


async def known(
    connection: AsyncConnection, table: Table, kind: type[Known], organisation: str, at: datetime
) -> list[Known]:
    """Read what was known of an organisation at an instant, of one kind and in the order of the ids."""
    found = await connection.scalars(_known(organisation, at, states.c.document).where(states.c.kind == table.name))
    return [adapter(kind).validate_python(document) for document in found]


async def known_of_all(
    connection: AsyncConnection, organisation: str, at: datetime, *tables: Table
) -> Mapping[str, list[dict[str, Any]]]:
    """Read what was known of an organisation at an instant, by these tables' names, in one way and back."""
    documents = defaultdict[str, list[dict[str, Any]]](list)
    query = _known(organisation, at, states.c.kind, states.c.document)
    # Its evidence packs and its staff, long as they may be, are nothing to whoever asks for its cases.
    for kind, document in await connection.execute(query.where(states.c.kind.in_([table.name for table in tables]))):
        documents[kind].append(document)
    return documents


def _known(organisation: str, at: datetime, *wanted: Any) -> Select[Any]:
    return (
        select(*wanted)
        .ext(distinct_on(states.c.aggregate))
        .where(states.c.organisation == organisation, states.c.recorded_at <= at)
        .order_by(states.c.aggregate, states.c.version.desc())
    )


async def _keep(
    connection: AsyncConnection, table: Table, state: Aggregate, document: dict[str, Any], written: CTE, at: datetime
) -> bool:
    kept = {
        states.c.kind: table.name,
        states.c.aggregate: state.id,
        states.c.organisation: state.organisation,
        states.c.version: state.version,
        states.c.recorded_at: at,
        states.c.document: document,
    }
    rows = select(*(literal(value, column.type) for column, value in kept.items())).select_from(written)
    result = await connection.execute(insert(states).from_select(list(kept), rows))
    return result.rowcount == 1
