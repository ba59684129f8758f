"""How supervisors are kept."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from evaluation.db.tables import supervisors
from evaluation.domain.supervisor import Supervisor
from shared.kernel.errors import NotAllowed
from shared.kernel.ids import derived_id
from shared.platform import database


async def supervisor(connection: AsyncConnection, organisation: str, *, lock: bool = False) -> Supervisor:
    return await database.load(connection, supervisors, Supervisor, derived_id("supervisor", organisation), lock=lock)


async def register(connection: AsyncConnection) -> Sequence[Supervisor]:
    query = select(supervisors.c.document).order_by(supervisors.c.organisation)
    return [_supervisor(row.document) for row in await connection.execute(query)]


async def page(connection: AsyncConnection, after: str | None, limit: int) -> Sequence[Supervisor]:
    query = select(supervisors.c.document).order_by(supervisors.c.organisation).limit(limit)
    if after is not None:
        query = query.where(supervisors.c.organisation > after)
    return [_supervisor(row.document) for row in await connection.execute(query)]


async def add(connection: AsyncConnection, state: Supervisor) -> None:
    try:
        await database.add(connection, supervisors, state, _columns(state))
    except IntegrityError as error:
        raise NotAllowed(
            "already-accredited",
            "This organisation is on the register.",
            satisfied_by="A renewal of its accreditation.",
        ) from error


async def save(connection: AsyncConnection, before: Supervisor, state: Supervisor) -> None:
    await database.save(connection, supervisors, before.version, state, _columns(state))


def _columns(state: Supervisor) -> dict[str, Any]:
    return {"state": "accredited", "organisation": state.organisation}


def _supervisor(document: dict[str, Any]) -> Supervisor:
    return database.adapter(Supervisor).validate_python(document)
