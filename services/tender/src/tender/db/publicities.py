"""How the publicity of single sources is kept; the newest of a tender counts."""

from typing import Any
from uuid import UUID

from sqlalchemy import Column, Uuid, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.platform import database
from tender.db.tables import metadata
from tender.domain.publicity import Publicity

publicities = database.document_table("publicities", metadata, Column("tender", Uuid, nullable=False))


async def add(connection: AsyncConnection, publicity: Publicity) -> None:
    await database.add(connection, publicities, publicity, _columns(publicity))


async def newest(connection: AsyncConnection, tender: UUID, *, lock: bool = False) -> Publicity | None:
    query = (
        select(publicities.c.document).where(publicities.c.tender == tender).order_by(publicities.c.id.desc()).limit(1)
    )
    row = (await connection.execute(query.with_for_update() if lock else query)).first()
    return database.adapter(Publicity).validate_python(row.document) if row else None


async def save(connection: AsyncConnection, before: Publicity, after: Publicity) -> None:
    await database.save(connection, publicities, before.version, after, _columns(after))


def _columns(publicity: Publicity) -> dict[str, Any]:
    return {
        "state": publicity.state,
        "waiting_for": publicity.waiting_for,
        "due_at": publicity.due_at,
        "tender": publicity.tender,
    }
