"""How sealed bids are kept, what became of each, and the one door through which they leave."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Select, Subquery, func, insert, literal, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.errors import NotFound
from shared.kernel.ids import new_id, opaque_id
from tender.db.tables import bid_acts, bids, opened_envelopes, sealed_reads
from tender.domain.bid import LIVE, STANDING, Bid, BidAct, BidStatus, Envelope, TechnicalRelease
from tender.domain.parts import Party
from tender.domain.price_opening import ReleasedPrice
from tender.domain.seal import scheme


async def hold(connection: AsyncConnection, tender: UUID, bidder: str) -> None:
    """Let one bidder's acts in a procedure come one after the other; other bidders' go on beside them."""
    await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"bid/{tender}/{bidder}", 0))))


async def keep(
    connection: AsyncConnection, bid: Bid, received_at: datetime, financial: bytes, technical: bytes | None
) -> None:
    """Keep a bid, its envelopes as they came."""
    await connection.execute(
        insert(bids).values(
            id=bid.id,
            tender=bid.tender,
            lot=bid.lot,
            bidder=bid.bidder.id,
            bidder_name=bid.bidder.name,
            received_at=received_at,
            digest=bid.digest,
            technical_digest=bid.technical_digest,
            salt=bid.salt,
            technical_salt=bid.technical_salt,
            scheme=bid.scheme,
            financial=financial,
            technical=technical,
        )
    )


async def note_acts(
    connection: AsyncConnection, acts: Iterable[tuple[UUID, BidStatus, str | None]], at: datetime
) -> None:
    """Note what became of bids, in this order: of which, what, and the receipt where there is one."""
    # One statement, so that the bidders who stand in line at the deadline wait for one less.
    rows = [
        {"id": opaque_id(), "bid": bid, "status": status, "at": at, "receipt": receipt} for bid, status, receipt in acts
    ]
    await connection.execute(insert(bid_acts).values(rows))


async def found(
    connection: AsyncConnection,
    *,
    bidder: str | None = None,
    tender: UUID | None = None,
    identifiers: Collection[UUID] | None = None,
) -> Sequence[Bid]:
    """Find bids without their envelopes: a bidder's own, or for a trace all of a tender's; ordered by their ids."""
    wanted = {bids.c.bidder: bidder, bids.c.tender: tender}
    named = [bids.c.id.in_(identifiers)] if identifiers is not None else []
    query = (
        select(*(column for column in bids.c if column.name not in set(Envelope)), bid_acts.c.status, bid_acts.c.at)
        .join(bid_acts, bid_acts.c.bid == bids.c.id)
        .where(*named, *(column == value for column, value in wanted.items() if value is not None))
        .order_by(bids.c.id, bid_acts.c.arrival)
    )
    rows = (await connection.execute(query)).all()
    return [_bid(list(acts)) for _, acts in groupby(rows, key=lambda row: row.id)]


async def live(connection: AsyncConnection, tender: UUID, lot: str, bidder: str) -> Sequence[tuple[UUID, BidStatus]]:
    """Find a bidder's present bid for a lot, and what became of it last."""
    last = _last_acts(bids.c.tender == tender, bids.c.lot == lot, bids.c.bidder == bidder)
    rows = await connection.execute(select(last.c.bid, last.c.status).where(last.c.status.in_(LIVE)))
    return [(row.bid, BidStatus(row.status)) for row in rows]


async def invalidate(connection: AsyncConnection, tender: UUID, at: datetime) -> None:
    """Note of every bid of a tender that stands that it no longer does; how many those were nobody may know yet."""
    standing = _standing(tender, None).subquery()
    row = select(func.gen_random_uuid(), standing.c.id, literal(BidStatus.INVALIDATED.value), literal(at))
    await connection.execute(insert(bid_acts).from_select(["id", "bid", "status", "at"], row))


async def receipt(connection: AsyncConnection, identifier: UUID, bidder: str) -> str:
    """Return the last receipt of an organisation's own bid.

    Raises:
        NotFound: not-found, also for a bid of somebody else.
    """
    query = (
        select(bid_acts.c.receipt)
        .join(bids, bids.c.id == bid_acts.c.bid)
        .where(bids.c.id == identifier, bids.c.bidder == bidder, bid_acts.c.receipt.is_not(None))
        .order_by(bid_acts.c.arrival.desc())
        .limit(1)
    )
    found = await connection.scalar(query)
    if found is None:
        raise NotFound("not-found", "There is no such thing here, or not for you.")
    return str(found)


async def count(connection: AsyncConnection, tender: UUID, *, lot: str | None = None) -> int:
    """Count the organisations that bid, for one lot or for any; asked for by the opening alone."""
    standing = _standing(tender, lot).subquery()
    return int(await connection.scalar(select(func.count(standing.c.bidder.distinct()))) or 0)


async def release_technical(
    connection: AsyncConnection, tender: UUID, *, person: str, at: datetime, lot: str | None = None
) -> Sequence[TechnicalRelease]:
    """Open the technical envelopes of the bids that stand, for one lot or for all, and record every reading.

    A bid without such an envelope is among them. The order is that of receipt.
    """
    rows = (await connection.execute(_standing(tender, lot))).mappings().all()
    contents = await _open(connection, Envelope.TECHNICAL, rows, person=person, at=at)
    released = [
        TechnicalRelease(
            bid=row["id"],
            lot=row["lot"],
            bidder=Party(row["bidder"], row["bidder_name"]),
            received_at=row["stands_since"],
            digest=row["digest"],
            technical_digest=row["technical_digest"],
            content=contents.get(row["id"]),
        )
        for row in rows
    ]
    return sorted(released, key=lambda bid: (bid.received_at, str(bid.bid)))


async def release_financial(
    connection: AsyncConnection, identifiers: Iterable[UUID], *, person: str, at: datetime
) -> Sequence[ReleasedPrice]:
    """Open the financial envelopes of these bids, give out their salts with them, and record every reading."""
    query = select(bids).where(bids.c.id.in_(list(identifiers))).order_by(bids.c.id)
    rows = (await connection.execute(query)).mappings().all()
    contents = await _open(connection, Envelope.FINANCIAL, rows, person=person, at=at)
    return [ReleasedPrice(row["id"], contents[row["id"]], row["salt"] or None) for row in rows]


async def _open(
    connection: AsyncConnection, envelope: Envelope, rows: Sequence[RowMapping], *, person: str, at: datetime
) -> Mapping[UUID, bytes | None]:
    """Unseal one of the envelopes of each bid; the reading is written down in the same transaction."""
    sealed = [row for row in rows if row[envelope] is not None]
    contents = {row["id"]: scheme(row["scheme"]).unseal(row[envelope]) for row in sealed}
    if not sealed:
        return {}
    opening: dict[str, Any] = {"envelope": envelope, "person": person, "purpose": "opening", "read_at": at}
    await connection.execute(insert(sealed_reads), [{"id": new_id(), "bid": bid, **opening} for bid in contents])
    await connection.execute(
        upsert(opened_envelopes).on_conflict_do_nothing(),
        [{"bid": bid, "envelope": envelope, "content": content, "opened_at": at} for bid, content in contents.items()],
    )
    return contents


def _bid(acts: Sequence[Any]) -> Bid:
    row = acts[0]
    return Bid(
        id=row.id,
        tender=row.tender,
        lot=row.lot,
        bidder=Party(row.bidder, row.bidder_name),
        scheme=row.scheme,
        digest=row.digest,
        technical_digest=row.technical_digest,
        salt=row.salt,
        technical_salt=row.technical_salt,
        acts=tuple(BidAct(BidStatus(act.status), act.at) for act in acts),
    )


def _last_acts(*wanted: ColumnElement[bool]) -> Subquery:
    """Return what became of each bid last. Not by time: one instant may be given twice, and a clock be set back."""
    return (
        select(bid_acts.c.bid, bid_acts.c.status, bid_acts.c.at)
        .join(bids, bids.c.id == bid_acts.c.bid)
        .where(*wanted)
        .ext(distinct_on(bid_acts.c.bid))
        .order_by(bid_acts.c.bid, bid_acts.c.arrival.desc())
        .subquery()
    )


def _standing(tender: UUID, lot: str | None) -> Select[Any]:
    last = _last_acts(bids.c.tender == tender)
    query = (
        select(bids, last.c.at.label("stands_since"))
        .join(last, last.c.bid == bids.c.id)
        .where(last.c.status.in_(STANDING))
    )
    return query if lot is None else query.where(bids.c.lot == lot)
