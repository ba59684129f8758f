"""What the registry's events say of those who may bid."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from tender.db.tables import bidders


@dataclass(frozen=True, slots=True)
class Bidder:
    """What is known of an organisation now."""

    organisation: str
    name: str
    valid_until: date | None


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
