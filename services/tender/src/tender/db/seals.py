"""The one door through which sealed content leaves: whoever reads an envelope is written down, and what for."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.ids import new_id
from tender.db.tables import bids, final_quotes, quotes, sealed_reads
from tender.domain.bid import Envelope
from tender.domain.seal import Purpose, scheme


@dataclass(frozen=True, slots=True)
class Door:
    """A kind of envelope, where it is kept, and the one purpose it is opened for."""

    kept_in: Column[bytes]
    envelope: Envelope
    purpose: Purpose


TECHNICAL = Door(bids.c.technical, Envelope.TECHNICAL, Purpose.OPENING)
FINANCIAL = Door(bids.c.financial, Envelope.FINANCIAL, Purpose.PRICE_OPENING)
QUOTE = Door(quotes.c.envelope, Envelope.FINANCIAL, Purpose.QUOTE)
FINAL_QUOTE = Door(final_quotes.c.envelope, Envelope.FINANCIAL, Purpose.FINAL_QUOTE)


async def release(
    connection: AsyncConnection, door: Door, identifiers: Collection[UUID], *, person: str, at: datetime
) -> Mapping[UUID, bytes | None]:
    """Unseal these envelopes of one kind, and no others; every reading is written down in the same transaction.

    What has no such envelope is left out; the content is None where the seal does not give it.
    """
    table = door.kept_in.table
    query = select(table.c.id, table.c.scheme, door.kept_in.label("sealed")).where(
        table.c.id.in_(identifiers), door.kept_in.is_not(None)
    )
    contents = {row.id: scheme(row.scheme).unseal(row.sealed) for row in await connection.execute(query)}
    if contents:
        read = {"envelope": door.envelope, "person": person, "purpose": door.purpose, "read_at": at}
        await connection.execute(insert(sealed_reads), [{"id": new_id(), "bid": bid, **read} for bid in contents])
    return contents
