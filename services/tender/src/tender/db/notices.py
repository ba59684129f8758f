"""Who wants to hear of a tender, and what each was told; neither list is anybody else's business."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, Table, Text, Uuid, insert, select, union, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.errors import not_here
from shared.kernel.ids import new_id
from tender.db.tables import bids, metadata
from tender.domain.notice import Notice, NoticeKind

interests = Table(
    "interests",
    metadata,
    Column("tender", Uuid, primary_key=True),
    Column("organisation", Text, primary_key=True),
    Column("registered_at", DateTime(timezone=True), nullable=False),
)
notices = Table(
    "notices",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organisation", Text, nullable=False),
    Column("tender", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Uuid, nullable=False),
    Column("closes_at", DateTime(timezone=True)),
    Column("given_at", DateTime(timezone=True), nullable=False),
    Column("read_at", DateTime(timezone=True)),
)


async def register(connection: AsyncConnection, tender: UUID, organisation: str, at: datetime) -> None:
    """Remember that an organisation wants to hear of a tender."""
    row = {"tender": tender, "organisation": organisation, "registered_at": at}
    await connection.execute(upsert(interests).values(row).on_conflict_do_nothing())


async def give(
    connection: AsyncConnection, tender: UUID, told: Iterable[tuple[NoticeKind, UUID, datetime | None]], at: datetime
) -> None:
    """Give everybody who registered, asked or bid a notice of each thing told: what it is, its id, the deadline."""
    recipients = union(
        select(interests.c.organisation).where(interests.c.tender == tender),
        select(bids.c.bidder).where(bids.c.tender == tender),
    )
    await give_to(connection, tender, told, sorted((await connection.execute(recipients)).scalars().all()), at)


async def give_to(
    connection: AsyncConnection,
    tender: UUID,
    told: Iterable[tuple[NoticeKind, UUID, datetime | None]],
    organisations: Sequence[str],
    at: datetime,
) -> None:
    """Give each of the organisations a notice of each thing told."""
    rows = [
        {
            "id": new_id(),
            "organisation": organisation,
            "tender": tender,
            "kind": kind,
            "subject": subject,
            "closes_at": closes_at,
            "given_at": at,
        }
        for kind, subject, closes_at in told
        for organisation in organisations
    ]
    if rows:
        await connection.execute(insert(notices), rows)


async def page(
    connection: AsyncConnection, organisation: str, after: UUID | None, limit: int, *, unread: bool
) -> Sequence[Notice]:
    """Return an organisation's notices, the newest first."""
    query = select(notices).where(notices.c.organisation == organisation).order_by(notices.c.id.desc()).limit(limit)
    if after is not None:
        query = query.where(notices.c.id < after)
    if unread:
        query = query.where(notices.c.read_at.is_(None))
    return [
        Notice(row.id, row.tender, NoticeKind(row.kind), row.subject, row.closes_at, row.given_at, row.read_at)
        for row in await connection.execute(query)
    ]


async def mark_read(connection: AsyncConnection, identifier: UUID, organisation: str, at: datetime) -> None:
    """Note when an organisation first read its notice.

    Raises:
        NotFound: not-found, also for a notice of somebody else.
    """
    own = (notices.c.id == identifier, notices.c.organisation == organisation)
    if await connection.scalar(select(notices.c.id).where(*own)) is None:
        raise not_here()
    await connection.execute(update(notices).where(*own, notices.c.read_at.is_(None)).values(read_at=at))
