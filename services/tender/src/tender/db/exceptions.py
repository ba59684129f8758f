"""How exceptions are kept."""

from typing import Any
from uuid import UUID

from sqlalchemy import Column, Uuid, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.platform import database
from tender.db.tables import metadata
from tender.domain.exception import RuleException

exceptions = database.document_table("exceptions", metadata, Column("tender", Uuid, nullable=False))


async def add(connection: AsyncConnection, exception: RuleException) -> None:
    await database.add(connection, exceptions, exception, _columns(exception))


async def load(connection: AsyncConnection, identifier: UUID, *, lock: bool = False) -> RuleException:
    return await database.load(connection, exceptions, RuleException, identifier, lock=lock)


async def save(connection: AsyncConnection, before: RuleException, after: RuleException) -> None:
    await database.save(connection, exceptions, before.version, after, _columns(after))


async def of_tender(connection: AsyncConnection, tender: UUID) -> tuple[RuleException, ...]:
    query = select(exceptions.c.document).where(exceptions.c.tender == tender).order_by(exceptions.c.id)
    return tuple(
        database.adapter(RuleException).validate_python(row.document) for row in await connection.execute(query)
    )


def _columns(exception: RuleException) -> dict[str, Any]:
    return {
        "state": exception.status,
        "waiting_for": exception.waiting_for,
        "due_at": exception.due_at,
        "tender": exception.tender,
    }
