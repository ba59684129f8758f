"""How drafts of bids are kept, and the refusals that their bidders hold."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, insert, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.errors import not_here, stale
from tender.db.tables import bid_drafts, bid_refusals, bids, tenders
from tender.domain.bid import Envelope


@dataclass(frozen=True, slots=True)
class ListedDraft:
    """A draft without its envelopes, as lists have it."""

    id: UUID
    version: int
    tender: UUID
    lot: str
    bidder: str
    scheme: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class BidDraft(ListedDraft):
    """What a bidder means to hand in; the envelopes are sealed here already."""

    financial: bytes | None
    technical: bytes | None


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
        raise stale()


async def draft(connection: AsyncConnection, identifier: UUID, bidder: str, *, lock: bool = False) -> BidDraft:
    """Return an organisation's own draft.

    Raises:
        NotFound: not-found, also for a draft of somebody else.
    """
    query = select(bid_drafts).where(bid_drafts.c.id == identifier, bid_drafts.c.bidder == bidder)
    row = (await connection.execute(query.with_for_update() if lock else query)).first()
    if row is None:
        raise not_here()
    return BidDraft(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it


async def tender_of(connection: AsyncConnection, identifier: UUID, bidder: str) -> UUID:
    """Return the tender that an organisation's own draft is for.

    Raises:
        NotFound: not-found, also for a draft of somebody else.
    """
    mine = (bid_drafts.c.id == identifier, bid_drafts.c.bidder == bidder)
    found: UUID | None = await connection.scalar(select(bid_drafts.c.tender).where(*mine))
    if found is None:
        raise not_here()
    return found


async def drafts(connection: AsyncConnection, identifiers: Collection[UUID]) -> Sequence[ListedDraft]:
    listed = (column for column in bid_drafts.c if column.name not in set(Envelope))
    rows = await connection.execute(select(*listed).where(bid_drafts.c.id.in_(identifiers)))
    return [ListedDraft(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name for it


async def page(
    connection: AsyncConnection, bidder: str, tender: UUID | None, after: UUID | None, limit: int
) -> Sequence[UUID]:
    """Return the ids of an organisation's bids and drafts, in their order."""
    halves = [
        select(table.c.id)
        .where(
            table.c.bidder == bidder,
            *([table.c.tender == tender] if tender else []),
            *([table.c.id > after] if after else []),
        )
        .order_by(table.c.id)
        .limit(limit)
        for table in (bids, bid_drafts)
    ]
    both = union_all(*(select(half.subquery().c.id) for half in halves)).subquery()
    return (await connection.execute(select(both.c.id).order_by(both.c.id).limit(limit))).scalars().all()


async def closing_times(connection: AsyncConnection, identifiers: Collection[UUID]) -> Mapping[UUID, datetime | None]:
    """Return until when tenders take bids."""
    query = select(tenders.c.id, tenders.c.closes_at).where(tenders.c.id.in_(identifiers))
    return {row.id: row.closes_at for row in await connection.execute(query)}


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
