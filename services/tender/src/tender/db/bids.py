"""How sealed bids are kept, and the one door through which they leave."""

from collections.abc import Collection, Sequence
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
from tender.domain.opening import ReceivedBid
from tender.domain.parts import Party
from tender.domain.price_opening import ReleasedPrice
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


async def counts(connection: AsyncConnection, tender: UUID) -> dict[str, int]:
    """Count the organisations that bid for each lot; asked for by the opening alone."""
    query = (
        select(bids.c.lot, func.count(bids.c.bidder.distinct()).label("bidders"))
        .where(bids.c.tender == tender)
        .group_by(bids.c.lot)
    )
    return {row.lot: row.bidders for row in await connection.execute(query)}


async def received(connection: AsyncConnection, tender: UUID) -> Sequence[ReceivedBid]:
    """Return who bid for which lot, each organisation's last bid; every envelope stays closed."""
    rows = await connection.execute(
        select(bids)
        .ext(distinct_on(bids.c.lot, bids.c.bidder))
        .where(bids.c.tender == tender)
        # Not by time: the same instant may be given twice, and a clock may be set back.
        .order_by(bids.c.lot, bids.c.bidder, bids.c.arrival.desc())
    )
    found = [
        ReceivedBid(row.id, row.lot, Party(row.bidder, row.bidder_name), row.received_at, row.digest) for row in rows
    ]
    return sorted(found, key=lambda bid: (bid.received_at, str(bid.bid)))


async def release(
    connection: AsyncConnection, identifiers: Collection[UUID], *, person: str, at: datetime
) -> Sequence[ReleasedPrice]:
    """Open the envelopes of bids, and record every reading."""
    rows = (await connection.execute(select(bids).where(bids.c.id.in_(identifiers)))).all()
    if rows:
        await connection.execute(
            insert(sealed_reads),
            [{"id": new_id(), "bid": row.id, "person": person, "purpose": "prices", "read_at": at} for row in rows],
        )
    return [ReleasedPrice(row.id, scheme(row.scheme).unseal(row.envelope)) for row in rows]


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
