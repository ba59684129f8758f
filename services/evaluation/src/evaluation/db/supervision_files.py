"""How supervision files are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from evaluation.db.tables import supervision_files
from evaluation.domain.supervision_data import Status
from evaluation.domain.supervision_file import SupervisionFile
from shared.platform import database

_WAITING = {
    Status.AWAITING_ASSIGNMENT: "the draw of a supervisor",
    Status.AWAITING_REPORT: "the supervisor's report on the period",
    Status.AWAITING_ACCEPTANCE: "the buyer's acceptance of the period",
}


async def supervision_file(connection: AsyncConnection, contract: UUID, *, lock: bool = False) -> SupervisionFile:
    return await database.load(connection, supervision_files, SupervisionFile, contract, lock=lock)


async def is_open(connection: AsyncConnection, contract: UUID) -> bool:
    query = select(supervision_files.c.id).where(supervision_files.c.id == contract)
    return await connection.scalar(query) is not None


async def add(connection: AsyncConnection, state: SupervisionFile) -> None:
    await database.add(connection, supervision_files, state, _columns(state))


async def save(connection: AsyncConnection, before: SupervisionFile, state: SupervisionFile) -> None:
    await database.save(connection, supervision_files, before.version, state, _columns(state))


async def page(
    connection: AsyncConnection, after: UUID | None, limit: int, status: Status | None
) -> Sequence[SupervisionFile]:
    query = select(supervision_files.c.document).order_by(supervision_files.c.id).limit(limit)
    if after is not None:
        query = query.where(supervision_files.c.id > after)
    if status is not None:
        query = query.where(supervision_files.c.state == status)
    return await database.documents(connection, query, SupervisionFile)


async def overdue(connection: AsyncConnection, now: datetime) -> list[database.Overdue]:
    return await database.overdue(connection, supervision_files, "supervision-file", now)


def _columns(state: SupervisionFile) -> dict[str, Any]:
    return {
        "state": state.status,
        "waiting_for": _WAITING.get(state.status),
        "due_at": state.due_at,
        "ocid": state.ocid,
    }
