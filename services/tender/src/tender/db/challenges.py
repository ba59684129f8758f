"""How challenges are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, Text, Uuid, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.platform import database
from tender.db.tables import metadata
from tender.domain.challenge import Challenge, ChallengeStatus

challenges = database.document_table(
    "challenges",
    metadata,
    Column("tender", Uuid, nullable=False),
    Column("challenger", Text, nullable=False),
    Column("clock_at", DateTime(timezone=True)),
)
_WAITS_FOR = {
    ChallengeStatus.RAISED: "the answer to a challenge",
    ChallengeStatus.COMPLAINED: "the admission of a complaint",
    ChallengeStatus.ADMITTED: "the decision on a complaint",
}


async def add(connection: AsyncConnection, challenge: Challenge) -> None:
    await database.add(connection, challenges, challenge, _columns(challenge))


async def challenge(connection: AsyncConnection, identifier: UUID, *, lock: bool = False) -> Challenge:
    return await database.load(connection, challenges, Challenge, identifier, lock=lock)


async def save(connection: AsyncConnection, before: Challenge, after: Challenge) -> None:
    await database.save(connection, challenges, before.version, after, _columns(after))


async def of_tender(connection: AsyncConnection, tender: UUID) -> Sequence[Challenge]:
    """Return the challenges of a procedure, the oldest first."""
    query = select(challenges.c.document).where(challenges.c.tender == tender).order_by(challenges.c.id)
    return await database.documents(connection, query, Challenge)


async def overdue(connection: AsyncConnection, now: datetime) -> list[database.Overdue]:
    return await database.overdue(connection, challenges, "challenge", now)


def _columns(challenge: Challenge) -> dict[str, Any]:
    return {
        "state": challenge.status,
        "waiting_for": _WAITS_FOR.get(challenge.status),
        "due_at": challenge.due_at,
        "clock_at": challenge.clock_at,
        "tender": challenge.tender,
        "challenger": challenge.challenger.id,
    }
