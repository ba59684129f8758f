"""How amounts that are withheld are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from budget.db.tables import holds
from budget.domain.hold import Hold
from shared.platform import database


async def add(connection: AsyncConnection, fresh: Hold) -> None:
    await database.add(connection, holds, fresh, _columns(fresh))


async def save(connection: AsyncConnection, before: int, state: Hold) -> None:
    await database.save(connection, holds, before, state, _columns(state))


async def hold(connection: AsyncConnection, identifier: UUID) -> Hold:
    return await database.load(connection, holds, Hold, identifier)


async def open_of(connection: AsyncConnection, contract: UUID) -> Sequence[Hold]:
    query = select(holds.c.document).where(
        holds.c.contract == contract, holds.c.released + holds.c.forfeited < holds.c.amount
    )
    return await database.documents(connection, query.order_by(holds.c.number), Hold)


async def of_period(connection: AsyncConnection, contract: UUID, period: str) -> Sequence[Hold]:
    query = select(holds.c.document).where(holds.c.contract == contract, holds.c.period == period)
    return await database.documents(connection, query.order_by(holds.c.number), Hold)


async def page_of_holds(connection: AsyncConnection, after: UUID | None, limit: int) -> Sequence[Hold]:
    query = database.numbered(select(holds.c.document), holds, after, limit)
    return await database.documents(connection, query, Hold)


async def overdue(connection: AsyncConnection, now: datetime) -> list[database.Overdue]:
    return await database.overdue(connection, holds, "hold", now)


def _columns(state: Hold) -> dict[str, Any]:
    waiting_for, due_at = state.waiting or (None, None)
    return {
        "state": state.state,
        "waiting_for": waiting_for,
        "due_at": due_at,
        "clock_at": state.clock_at,
        "ocid": state.ocid,
        "line_id": state.line,
        "contract": state.contract,
        "period": state.period,
        "payee": state.payee,
        "currency": state.amount.currency,
        "amount": state.amount.minor,
        "released": state.released.minor,
        "forfeited": state.forfeited.minor,
    }
