"""How capacity programmes and the applications for them are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from provider_registry.db import states
from provider_registry.db.tables import applications, programmes
from provider_registry.domain.application import Application, application_id
from provider_registry.domain.programme import Programme
from shared.kernel.errors import NotFound
from shared.platform import database


async def programme(connection: AsyncConnection, identifier: UUID) -> Programme:
    try:
        return await database.load(connection, programmes, Programme, identifier)
    except NotFound as error:
        raise NotFound("programme-unknown", "There is no such programme.") from error


async def add_programme(connection: AsyncConnection, state: Programme, at: datetime) -> None:
    await states.add(connection, programmes, state, {"state": state.kind, "closes_at": state.closes_at}, at=at)


async def page(
    connection: AsyncConnection, after: UUID | None, limit: int, open_at: datetime | None
) -> Sequence[Programme]:
    """Read programmes in the order of their ids, which is that of their making; with an instant, those open at it."""
    query = select(programmes.c.document).order_by(programmes.c.id).limit(limit)
    if after is not None:
        query = query.where(programmes.c.id > after)
    if open_at is not None:
        query = query.where(programmes.c.closes_at > open_at)
    return await database.documents(connection, query, Programme)


async def application(
    connection: AsyncConnection, programme_id: UUID, organisation: str, *, lock: bool = False
) -> Application:
    identifier = application_id(programme_id, organisation)
    try:
        return await database.load(connection, applications, Application, identifier, lock=lock)
    except NotFound as error:
        raise NotFound("application-unknown", "This provider has not applied for the programme.") from error


async def has_applied(connection: AsyncConnection, programme_id: UUID, organisation: str) -> bool:
    query = select(applications.c.id).where(applications.c.id == application_id(programme_id, organisation))
    return await connection.scalar(query) is not None


async def applications_of(connection: AsyncConnection, programme_id: UUID) -> Sequence[Application]:
    query = select(applications.c.document).where(applications.c.programme == programme_id).order_by(applications.c.id)
    return await database.documents(connection, query, Application)


async def add_application(connection: AsyncConnection, state: Application, at: datetime) -> None:
    await states.add(connection, applications, state, _columns(state), at=at)


async def save_application(connection: AsyncConnection, before: Application, state: Application, at: datetime) -> None:
    await states.save(connection, applications, before.version, state, _columns(state), at=at)


async def overdue(connection: AsyncConnection, now: datetime) -> list[database.Overdue]:
    return await database.overdue(connection, applications, "application", now)


def _columns(state: Application) -> dict[str, Any]:
    waiting_for, due_at = state.waits or (None, None)
    return {
        "state": state.status,
        "waiting_for": waiting_for,
        "due_at": due_at,
        "programme": state.programme,
    }
