"""How final quotes are kept: sealed, insert-only, every one that came; the last of a bid is the one that counts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Row, Text, cast, insert, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from tender.db import seals
from tender.db.tables import bids, final_quotes, tenders
from tender.domain.negotiation_parts import QuoteStatus
from tender.domain.parts import FinalQuote, Status
from tender.domain.price_opening import ReleasedPrice

_UNSEALED = tuple(column for column in final_quotes.c if column.name != seals.FINAL_QUOTE.kept_in.name)


@dataclass(frozen=True, slots=True)
class QuoteAct:
    """What became of the final quote of a bid, as it is kept.

    Shape: digest, salt and scheme are None where the bidder left.
    """

    id: UUID
    tender: UUID
    round: int
    bid: UUID
    status: QuoteStatus
    received_at: datetime
    receipt: str
    digest: str | None = None
    salt: str | None = None
    scheme: str | None = None


async def keep(connection: AsyncConnection, act: QuoteAct, envelope: bytes | None) -> None:
    """Keep a final quote, its envelope as it came, or that the bidder left."""
    values = {column.name: getattr(act, column.name) for column in _UNSEALED if column.name != "arrival"}
    await connection.execute(insert(final_quotes).values(**values, envelope=envelope))


async def of_bid(connection: AsyncConnection, bid: UUID, *, of_round: int | None = None) -> Sequence[QuoteAct]:
    """Return what became of the final quotes of a bid, in the order of receipt, without an envelope."""
    wanted = [final_quotes.c.bid == bid]
    if of_round is not None:
        wanted.append(final_quotes.c.round == of_round)
    rows = await connection.execute(select(*_UNSEALED).where(*wanted).order_by(final_quotes.c.arrival))
    return [_act(row) for row in rows]


async def of_rounds(connection: AsyncConnection, tender: UUID, rounds: Collection[int]) -> Sequence[QuoteAct]:
    """Return what became of all final quotes of some rounds, in the order of receipt, without an envelope."""
    wanted = (final_quotes.c.tender == tender, final_quotes.c.round.in_(rounds))
    rows = await connection.execute(select(*_UNSEALED).where(*wanted).order_by(final_quotes.c.arrival))
    return [_act(row) for row in rows]


async def awaited(connection: AsyncConnection, identifiers: Collection[UUID]) -> Mapping[UUID, datetime]:
    """Return until when the final quotes of these bids are taken: of those that are asked for one and gave none yet."""
    present, last = tenders.c.document["round"], tenders.c.document["negotiations"][-1]
    given = (final_quotes.c.bid == bids.c.id, final_quotes.c.round == cast(present.astext, Integer))
    query = (
        select(bids.c.id, last["closes_at"].astext.label("closes_at"))
        .join(tenders, tenders.c.id == bids.c.tender)
        .where(bids.c.id.in_(identifiers), tenders.c.state == Status.EVALUATION, last["round"] == present)
        .where(last["bids"].has_key(cast(bids.c.id, Text)), ~select(final_quotes.c.id).where(*given).exists())
    )
    return {row.id: datetime.fromisoformat(row.closes_at) for row in await connection.execute(query)}


async def release(
    connection: AsyncConnection, tender: UUID, number: int, identifiers: Collection[UUID], *, person: str, at: datetime
) -> Sequence[ReleasedPrice]:
    """Open the last final quote of each of these bids that has one, and record every reading.

    Who left, or gave none, is not among them.
    """
    last = (
        select(*_UNSEALED)
        .ext(distinct_on(final_quotes.c.bid))
        .where(final_quotes.c.tender == tender, final_quotes.c.round == number, final_quotes.c.bid.in_(identifiers))
        .order_by(final_quotes.c.bid, final_quotes.c.arrival.desc())
    )
    standing = [row for row in await connection.execute(last) if row.status == QuoteStatus.SUBMITTED]
    contents = await seals.release(connection, seals.FINAL_QUOTE, [row.id for row in standing], person=person, at=at)
    return [
        ReleasedPrice(row.bid, contents[row.id], final_quote=FinalQuote(row.received_at, row.digest, row.salt))
        for row in standing
    ]


def _act(row: Row[Any]) -> QuoteAct:
    return QuoteAct(
        id=row.id,
        tender=row.tender,
        round=row.round,
        bid=row.bid,
        status=QuoteStatus(row.status),
        received_at=row.received_at,
        receipt=row.receipt,
        digest=row.digest,
        salt=row.salt,
        scheme=row.scheme,
    )
