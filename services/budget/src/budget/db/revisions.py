"""How revisions of the budget are kept."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from budget.db.tables import lines, revisions, transfers
from budget.domain.adjustment import CARRIED_OVER, Adjustment
from budget.domain.ledger import Stage
from budget.domain.revision import Revision
from shared.kernel.money import Money
from shared.platform import database


async def add(connection: AsyncConnection, state: Revision) -> None:
    await database.add(connection, revisions, state, _columns(state))


async def load(connection: AsyncConnection, identifier: UUID, *, lock: bool = False) -> Revision:
    return await database.load(connection, revisions, Revision, identifier, lock=lock)


async def save(connection: AsyncConnection, before: int, state: Revision) -> None:
    await database.save(connection, revisions, before, state, _columns(state))


async def page(connection: AsyncConnection, after: UUID | None, limit: int) -> Sequence[Revision]:
    """Return revisions, the newest first."""
    query = select(revisions.c.document).order_by(revisions.c.id.desc()).limit(limit)
    if after is not None:
        query = query.where(revisions.c.id < after)
    return await database.documents(connection, query, Revision)


async def adjustments(connection: AsyncConnection, line: UUID) -> Sequence[Adjustment]:
    """Return what was added to a line, or taken from it, after its original budget, oldest first."""
    granted = transfers.c.from_stage == Stage.APPROPRIATED
    query = (
        select(
            func.coalesce(revisions.c.document["kind"].astext, CARRIED_OVER),
            case((granted, transfers.c.amount), else_=-transfers.c.amount),
            lines.c.currency,
            transfers.c.cause_event,
            transfers.c.reason,
            transfers.c.at,
        )
        .join(lines, lines.c.id == transfers.c.line_id)
        .outerjoin(revisions, revisions.c.id == transfers.c.cause_event)
        .where(
            transfers.c.line_id == line,
            transfers.c.cause_event.is_not(None),
            granted | (transfers.c.to_stage == Stage.APPROPRIATED),
        )
        .order_by(transfers.c.number)
    )
    return [
        Adjustment(kind, Money(amount, currency), cause, reason, at)
        for kind, amount, currency, cause, reason, at in await connection.execute(query)
    ]


def _columns(state: Revision) -> dict[str, Any]:
    return {
        "state": state.state,
        "waiting_for": "the decision of a second person" if state.due_at else None,
        "due_at": state.due_at,
    }
