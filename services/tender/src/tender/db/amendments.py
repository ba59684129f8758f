"""How amendments are kept, and when the bids that came before one stopped counting."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Uuid, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.errors import not_here
from shared.platform import database
from tender.db.tables import metadata
from tender.db.waiting import of_tenders_in
from tender.domain.amendment import Amendment, AmendmentStatus
from tender.domain.parts import Status

amendments = database.document_table("amendments", metadata, Column("tender", Uuid, nullable=False))


async def add(connection: AsyncConnection, amendment: Amendment) -> None:
    await database.add(connection, amendments, amendment, _columns(amendment))


async def save(connection: AsyncConnection, before: Amendment, after: Amendment) -> None:
    await database.save(connection, amendments, before.version, after, _columns(after))


async def amendment_of(connection: AsyncConnection, tender: UUID, identifier: UUID, *, lock: bool = False) -> Amendment:
    """Return an amendment of this tender.

    Raises:
        NotFound: not-found, also for an amendment of another tender.
    """
    found = await database.load(connection, amendments, Amendment, identifier, lock=lock)
    if found.tender != tender:
        raise not_here()
    return found


async def published(connection: AsyncConnection, tender: UUID) -> tuple[Amendment, ...]:
    """Return the amendments that are or were in force, by their number."""
    found = await _in_state(connection, tender, AmendmentStatus.PUBLISHED)
    return tuple(sorted(found, key=lambda amendment: amendment.number or 0))


async def drafted(connection: AsyncConnection, tender: UUID) -> Sequence[Amendment]:
    """Return the amendments that wait for their publication."""
    return await _in_state(connection, tender, AmendmentStatus.DRAFTED)


async def overdue(connection: AsyncConnection, now: datetime) -> list[database.Overdue]:
    return await database.overdue(connection, amendments, "amendment", now, of_tenders_in(amendments, Status.ACTIVE))


async def _in_state(connection: AsyncConnection, tender: UUID, status: AmendmentStatus) -> Sequence[Amendment]:
    query = (
        select(amendments.c.document)
        .where(amendments.c.tender == tender, amendments.c.state == status)
        .order_by(amendments.c.id)
    )
    return await database.documents(connection, query, Amendment)


def _columns(amendment: Amendment) -> dict[str, Any]:
    waits = amendment.status is AmendmentStatus.DRAFTED
    return {
        "state": amendment.status,
        "waiting_for": "the publication by a second person" if waits else None,
        "due_at": amendment.due_at,
        "tender": amendment.tender,
    }
