"""How sealed bids are kept, and the one door through which they leave."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.errors import NotFound
from shared.kernel.ids import new_id
from tender.db.tables import bidders, bids, sealed_reads
from tender.domain.opening import ReleasedBid
from tender.domain.parts import Party
from tender.domain.seal import scheme


@dataclass(frozen=True, slots=True)
class SealedBid:
    """A bid as it is kept: the envelope as it came."""

    id: UUID
    tender: UUID
    lot: str
    bidder: Party
    received_at: datetime
    digest: str
    scheme: str
    envelope: bytes
    receipt: str


@dataclass(frozen=True, slots=True)
class Bidder:
    """What the registry's events say of an organisation."""

    organisation: str
    name: str
    valid_until: date | None


async def keep(connection: AsyncConnection, bid: SealedBid) -> None:
    """Keep a bid."""
    await connection.execute(
        insert(bids).values(
            id=bid.id,
            tender=bid.tender,
            lot=bid.lot,
            bidder=bid.bidder.id,
            bidder_name=bid.bidder.name,
            received_at=bid.received_at,
            digest=bid.digest,
            scheme=bid.scheme,
            envelope=bid.envelope,
            receipt=bid.receipt,
        )
    )


async def receipt(connection: AsyncConnection, identifier: UUID, bidder: str) -> str:
    """Return the receipt of an organisation's own bid.

    Raises:
        NotFound: not-found, also for a bid of somebody else.
    """
    found = await connection.scalar(select(bids.c.receipt).where(bids.c.id == identifier, bids.c.bidder == bidder))
    if found is None:
        raise NotFound("not-found", "There is no such thing here, or not for you.")
    return str(found)


async def count(connection: AsyncConnection, tender: UUID) -> int:
    """Count the organisations that bid; asked for by the opening alone."""
    return int(
        await connection.scalar(select(func.count(bids.c.bidder.distinct())).where(bids.c.tender == tender)) or 0
    )


async def release(connection: AsyncConnection, tender: UUID, *, person: str, at: datetime) -> Sequence[ReleasedBid]:
    """Open the envelopes of a tender, each organisation's last bid, and record every reading."""
    rows = (
        await connection.execute(
            select(bids)
            .ext(distinct_on(bids.c.bidder))
            .where(bids.c.tender == tender)
            # Not by time: the same instant may be given twice, and a clock may be set back.
            .order_by(bids.c.bidder, bids.c.arrival.desc())
        )
    ).all()
    if rows:
        await connection.execute(
            insert(sealed_reads),
            [{"id": new_id(), "bid": row.id, "person": person, "purpose": "opening", "read_at": at} for row in rows],
        )
    released = [
        ReleasedBid(
            bid=row.id,
            bidder=Party(row.bidder, row.bidder_name),
            received_at=row.received_at,
            digest=row.digest,
            content=scheme(row.scheme).unseal(row.envelope),
        )
        for row in rows
    ]
    return sorted(released, key=lambda bid: (bid.received_at, str(bid.bid)))


async def bidder(connection: AsyncConnection, organisation: str) -> Bidder | None:
    """Return what is known of an organisation."""
    row = (await connection.execute(select(bidders).where(bidders.c.organisation == organisation))).first()
    return Bidder(row.organisation, row.name, row.valid_until) if row else None


async def note_bidder(
    connection: AsyncConnection, organisation: str, name: str | None, verified: tuple[datetime, date] | None
) -> None:
    """Remember what the registry says now; without a verification the organisation may not bid."""
    at, until = verified or (None, None)
    statement = upsert(bidders).values(
        organisation=organisation, name=name or organisation, verified_at=at, valid_until=until
    )
    kept = {"verified_at": statement.excluded.verified_at, "valid_until": statement.excluded.valid_until}
    if name is not None:
        kept["name"] = statement.excluded.name
    await connection.execute(statement.on_conflict_do_update(index_elements=[bidders.c.organisation], set_=kept))
