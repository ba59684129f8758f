"""How sealed bids are kept, what became of each, and what of them is opened."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, func, insert, literal, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.errors import not_here
from shared.kernel.ids import opaque_id
from shared.platform import database
from tender.db import seals
from tender.db.tables import bid_acts, bids, opened_envelopes
from tender.domain.bid import LIVE, STANDING, Bid, BidAct, BidStatus, Envelope, StandingBid, TechnicalRelease
from tender.domain.parts import Party
from tender.domain.price_opening import ReleasedPrice

UNSEALED = tuple(column for column in bids.c if column.name not in set(Envelope))
"""What may be read of a bid without opening it."""


async def hold(connection: AsyncConnection, tender: UUID, bidder: str) -> None:
    """Let one bidder's acts in a procedure come one after the other; other bidders' go on beside them."""
    await database.hold_name(connection, f"bid/{tender}/{bidder}")


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
        select(*UNSEALED, bid_acts.c.status, bid_acts.c.at)
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
    standing = _standing(tender).subquery()
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
        raise not_here()
    return str(found)


async def standing(connection: AsyncConnection, tender: UUID) -> Sequence[StandingBid]:
    """Find the bids that stand, in the order of receipt; asked for by the opening alone."""
    rows = (await connection.execute(_standing(tender))).all()
    found = [
        StandingBid(
            bid=row.id,
            lot=row.lot,
            bidder=Party(row.bidder, row.bidder_name),
            received_at=row.stands_since,
            digest=row.digest,
            technical_digest=row.technical_digest,
        )
        for row in rows
    ]
    return sorted(found, key=lambda bid: (bid.received_at, str(bid.bid)))


async def release_technical(
    connection: AsyncConnection, opening: Sequence[StandingBid], *, person: str, at: datetime
) -> Sequence[TechnicalRelease]:
    """Open the technical envelopes of bids that stand, and record every reading.

    A bid without such an envelope is among them.
    """
    contents = await _open(connection, seals.TECHNICAL, [bid.bid for bid in opening], person=person, at=at)
    return [
        TechnicalRelease(
            bid=bid.bid,
            lot=bid.lot,
            bidder=bid.bidder,
            received_at=bid.received_at,
            digest=bid.digest,
            technical_digest=bid.technical_digest,
            content=contents.get(bid.bid),
        )
        for bid in opening
    ]


async def release_financial(
    connection: AsyncConnection, identifiers: Collection[UUID], *, person: str, at: datetime
) -> Sequence[ReleasedPrice]:
    """Open the financial envelopes of these bids, give out their salts with them, and record every reading."""
    contents = await _open(connection, seals.FINANCIAL, identifiers, person=person, at=at)
    salts = select(bids.c.id, bids.c.salt).where(bids.c.id.in_(identifiers)).order_by(bids.c.id)
    return [ReleasedPrice(row.id, contents[row.id], row.salt or None) for row in await connection.execute(salts)]


async def _open(
    connection: AsyncConnection, door: seals.Door, identifiers: Collection[UUID], *, person: str, at: datetime
) -> Mapping[UUID, bytes | None]:
    """Open one of the envelopes of each bid, and keep what was in them: from now on it is no secret."""
    contents = await seals.release(connection, door, identifiers, person=person, at=at)
    rows = [
        {"bid": bid, "envelope": door.envelope, "content": content, "opened_at": at}
        for bid, content in contents.items()
    ]
    if rows:
        await connection.execute(upsert(opened_envelopes).on_conflict_do_nothing(), rows)
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


def _standing(tender: UUID) -> Select[Any]:
    last = _last_acts(bids.c.tender == tender)
    return (
        select(*UNSEALED, last.c.at.label("stands_since"))
        .join(last, last.c.bid == bids.c.id)
        .where(last.c.status.in_(STANDING))
    )
