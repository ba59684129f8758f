"""How drafts of bids are kept, and the refusals that their bidders hold."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.errors import NotFound, Stale
from tender.db.tables import bid_drafts, bid_refusals


@dataclass(frozen=True, slots=True)
class BidDraft:
    """What a bidder means to hand in; the envelopes are sealed here already."""

    id: UUID
    version: int
    tender: UUID
    lot: str
    bidder: str
    scheme: str
    financial: bytes | None
    technical: bytes | None
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class BidRefusal:
    """That a bid was refused: why, when, and the platform's signature on both."""

    id: UUID
    tender: UUID
    bidder: str
    code: str
    refused_at: datetime
    signed: str


async def add(connection: AsyncConnection, draft: BidDraft) -> None:
    await connection.execute(insert(bid_drafts).values(asdict(draft)))


async def save(connection: AsyncConnection, before: int, draft: BidDraft) -> None:
    """Write a draft over the version it came from.

    Raises:
        Stale: stale, if somebody else was faster.
    """
    mine = (bid_drafts.c.id == draft.id, bid_drafts.c.bidder == draft.bidder, bid_drafts.c.version == before)
    written = await connection.execute(update(bid_drafts).where(*mine).values(asdict(draft)))
    if written.rowcount != 1:
        raise Stale("stale", "It was changed in the meantime.", satisfied_by="Read it again.")


async def draft(connection: AsyncConnection, identifier: UUID, bidder: str, *, lock: bool = False) -> BidDraft:
    """Return an organisation's own draft.

    Raises:
        NotFound: not-found, also for a draft of somebody else.
    """
    query = select(bid_drafts).where(bid_drafts.c.id == identifier, bid_drafts.c.bidder == bidder)
    row = (await connection.execute(query.with_for_update() if lock else query)).first()
    if row is None:
        raise NotFound("not-found", "There is no such thing here, or not for you.")
    return BidDraft(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it


async def drafts(connection: AsyncConnection, bidder: str) -> Sequence[BidDraft]:
    rows = await connection.execute(select(bid_drafts).where(bid_drafts.c.bidder == bidder).order_by(bid_drafts.c.id))
    return [BidDraft(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name for it


async def count(connection: AsyncConnection, tender: UUID, bidder: str) -> int:
    mine = (bid_drafts.c.tender == tender, bid_drafts.c.bidder == bidder)
    return int(await connection.scalar(select(func.count()).select_from(bid_drafts).where(*mine)) or 0)


async def discard(connection: AsyncConnection, identifier: UUID) -> None:
    await connection.execute(delete(bid_drafts).where(bid_drafts.c.id == identifier))


async def add_refusal(connection: AsyncConnection, refusal: BidRefusal) -> None:
    await connection.execute(insert(bid_refusals).values(asdict(refusal)))


async def refusals(connection: AsyncConnection, bidder: str) -> Sequence[BidRefusal]:
    """Return an organisation's own refusals, the newest first."""
    query = (
        select(bid_refusals)
        .where(bid_refusals.c.bidder == bidder)
        .order_by(bid_refusals.c.refused_at.desc(), bid_refusals.c.id)
        .limit(1000)
    )
    return [BidRefusal(**row._mapping) for row in await connection.execute(query)]  # noqa: SLF001 - as above
