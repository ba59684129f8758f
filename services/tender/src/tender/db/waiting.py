"""What waits in the course of a tender, and no longer once the tender has gone on."""

from datetime import datetime
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tender.db.tables import tenders
from tender.domain.parts import Status


async def overdue_while_active(
    connection: AsyncConnection, table: Table, kind: str, now: datetime
) -> list[dict[str, Any]]:
    """List what has waited longer than its term, of tenders that still take bids."""
    rows = await connection.execute(
        select(table.c.id, table.c.state, table.c.waiting_for, table.c.due_at)
        .join(tenders, tenders.c.id == table.c.tender)
        .where(table.c.due_at <= now, table.c.waiting_for.is_not(None), tenders.c.state == Status.ACTIVE)
        .order_by(table.c.due_at, table.c.id)
        .limit(1000)
    )
    return [
        {"kind": kind, "id": row.id, "state": row.state, "waiting_for": row.waiting_for, "due_at": row.due_at}
        for row in rows
    ]
