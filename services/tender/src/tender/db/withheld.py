"""How what an evaluation decided is kept where everybody is told no more than its digest."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, Table, Text, Uuid, insert, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.errors import not_here
from shared.platform.roles import insert_only
from tender.db.tables import metadata
from tender.domain.withheld import Withheld

withheld = Table(
    "withheld",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("tender", Uuid, nullable=False),
    Column("salt", Text, nullable=False),
    Column("content", JSONB, nullable=False),
    Column("kept_at", DateTime(timezone=True), nullable=False),
    info=insert_only(),
)


async def keep(connection: AsyncConnection, tender: UUID, kept: Mapping[str, Withheld], at: datetime) -> None:
    """Keep what was decided in a tender, by its digest, for good."""
    rows = [
        {"digest": one.digest, "tender": tender, "salt": one.salt, "content": dict(one.content), "kept_at": at}
        for one in kept.values()
    ]
    if rows:
        await connection.execute(insert(withheld), rows)


async def find(connection: AsyncConnection, tender: UUID, digest: str) -> Withheld:
    """Return what has a digest.

    Raises:
        NotFound: not-found.
    """
    query = select(withheld).where(withheld.c.tender == tender, withheld.c.digest == digest)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise not_here()
    return Withheld(row.digest, row.salt, row.content)
