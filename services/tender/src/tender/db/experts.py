"""How the pool of experts is kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Text, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.errors import NotAllowed
from shared.platform import database
from tender.db.tables import metadata
from tender.domain.expert import Expert, ExpertStatus

experts = database.document_table("experts", metadata, Column("person", Text, nullable=False))


async def add(connection: AsyncConnection, expert: Expert) -> None:
    """Keep a new expert; nobody is in the pool twice.

    Raises:
        NotAllowed: expert-known.
    """
    try:
        await database.add(connection, experts, expert, _columns(expert))
    except IntegrityError as error:
        raise NotAllowed("expert-known", "The person is in the pool, or proposed for it.") from error


async def expert(connection: AsyncConnection, identifier: UUID, *, lock: bool = False) -> Expert:
    return await database.load(connection, experts, Expert, identifier, lock=lock)


async def save(connection: AsyncConnection, before: Expert, after: Expert) -> None:
    await database.save(connection, experts, before.version, after, _columns(after))


async def page(connection: AsyncConnection, after: UUID | None, limit: int) -> Sequence[Expert]:
    """Return experts by label; a label's place tells nothing."""
    query = select(experts.c.document).order_by(experts.c.id).limit(limit)
    if after is not None:
        query = query.where(experts.c.id > after)
    return _read(await connection.execute(query))


async def admitted(connection: AsyncConnection) -> Sequence[Expert]:
    return _read(await connection.execute(select(experts.c.document).where(experts.c.state == ExpertStatus.ADMITTED)))


async def of_pool(connection: AsyncConnection, labels: Sequence[UUID]) -> Sequence[Expert]:
    return _read(await connection.execute(select(experts.c.document).where(experts.c.id.in_(labels))))


async def overdue(connection: AsyncConnection, now: datetime) -> list[database.Overdue]:
    return await database.overdue(connection, experts, "expert", now)


def _read(rows: Any) -> Sequence[Expert]:
    return [database.adapter(Expert).validate_python(row.document) for row in rows]


def _columns(expert: Expert) -> dict[str, Any]:
    waits = expert.status is ExpertStatus.PROPOSED
    return {
        "state": expert.status,
        "waiting_for": "the admission by a second person" if waits else None,
        "due_at": expert.admission_due if waits else None,
        "person": expert.person,
    }
