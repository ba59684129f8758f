"""How cases are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from provider_registry.db import states, store
from provider_registry.db.tables import cases
from provider_registry.domain.case import Case
from shared.platform import database


async def case(connection: AsyncConnection, identifier: UUID, *, lock: bool = False) -> Case:
    return await database.load(connection, cases, Case, identifier, lock=lock)


async def add(connection: AsyncConnection, state: Case, at: datetime) -> None:
    await states.add(connection, cases, state, _columns(state), at=at)


async def save(connection: AsyncConnection, before: Case, state: Case, at: datetime) -> None:
    await states.save(connection, cases, before.version, state, _columns(state), at=at)


async def known(connection: AsyncConnection, organisation: str, at: datetime) -> list[Case]:
    """Read what was held against an organisation at an instant, under whichever of its entries."""
    found: list[Case] = []
    for entry in await store.entries(connection, organisation, at):
        found.extend(await states.known(connection, cases, Case, entry, at))
    return found


async def told_of(connection: AsyncConnection, organisation: str, after: UUID | None, limit: int) -> Sequence[Case]:
    query = select(cases.c.document).where(cases.c.organisation == organisation, cases.c.told)
    if after is not None:
        query = query.where(cases.c.id > after)
    return await database.documents(connection, query.order_by(cases.c.id).limit(limit), Case)


async def overdue(connection: AsyncConnection, now: datetime) -> list[database.Overdue]:
    return await database.overdue(connection, cases, "case", now)


def _columns(state: Case) -> dict[str, Any]:
    waiting_for, due_at = state.waiting or (None, None)
    return {
        "state": state.status,
        "waiting_for": waiting_for,
        "due_at": due_at,
        "organisation": state.organisation,
        "told": state.notified_at is not None,
        "clock_at": state.clock_at,
    }
