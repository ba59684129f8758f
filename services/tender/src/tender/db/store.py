"""How tenders are kept, and what has waited too long in their procedures."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.errors import not_here
from shared.platform import database
from tender.db import challenges, frameworks
from tender.db.exceptions import exceptions
from tender.db.publicities import publicities
from tender.db.tables import contracts, plans, tenders
from tender.domain.tender import Tender
from tender.domain.waiting import clock_at, next_wait


async def add_tender(connection: AsyncConnection, tender: Tender) -> None:
    await database.add(connection, tenders, tender, _tender_columns(tender))


async def tender(connection: AsyncConnection, identifier: UUID, *, lock: bool = False) -> Tender:
    return await database.load(connection, tenders, Tender, identifier, lock=lock)


async def tender_for_bid(connection: AsyncConnection, identifier: UUID) -> Tender:
    """Read a tender and keep it from being opened until the bid's transaction ends; other bids come in beside it."""
    # What the lock had to wait for is what is read: one statement, where bidders stand in line at the deadline.
    query = select(tenders.c.document).where(tenders.c.id == identifier).with_for_update(read=True)
    row = (await connection.execute(query)).first()
    if row is None:
        raise not_here()
    return database.adapter(Tender).validate_python(row.document)


async def save_tender(connection: AsyncConnection, before: Tender, after: Tender) -> None:
    await database.save(connection, tenders, before.version, after, _tender_columns(after))


async def overdue(connection: AsyncConnection, now: datetime) -> list[database.Overdue]:
    return [
        *await challenges.overdue(connection, now),
        *await frameworks.overdue(connection, now),
        *await database.overdue(connection, tenders, "tender", now),
        *await database.overdue(connection, contracts, "contract", now),
        *await database.overdue(connection, plans, "plan", now),
        *await database.overdue(connection, exceptions, "exception", now),
        *await database.overdue(connection, publicities, "single-source-publicity", now),
    ]


def _tender_columns(tender: Tender) -> dict[str, Any]:
    wait = next_wait(tender)
    return {
        "state": tender.status,
        "waiting_for": wait.waiting_for if wait else None,
        "due_at": wait.due_at if wait else None,
        "clock_at": clock_at(tender),
        "buyer": tender.buyer.id,
    }
