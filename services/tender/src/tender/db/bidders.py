"""What the registry's events say of those who may bid."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from tender.db.tables import bidder_verifications, bidders


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


async def verified_at(
    connection: AsyncConnection, organisations: Iterable[str], instant: datetime, day: date
) -> frozenset[str]:
    """Return which of the organisations were verified at an instant, by all that the registry has said until now.

    Shape: day is the one that the instant falls on, where the procedure is.
    """
    history = bidder_verifications.c
    last = (
        select(history.organisation, history.valid_until)
        .ext(distinct_on(history.organisation))
        .where(history.organisation.in_(list(organisations)), history.since <= instant)
        .order_by(history.organisation, history.since.desc(), history.arrival.desc())
    )
    rows = await connection.execute(last)
    return frozenset(row.organisation for row in rows if row.valid_until and day <= row.valid_until)


async def note_bidder(
    connection: AsyncConnection, organisation: str, name: str | None, *, since: datetime, valid_until: date | None
) -> None:
    """Remember what the registry says; without a day until which it is verified the organisation may not bid."""
    statement = upsert(bidders).values(
        organisation=organisation,
        name=name or organisation,
        verified_at=since if valid_until else None,
        valid_until=valid_until,
    )
    kept = {"verified_at": statement.excluded.verified_at, "valid_until": statement.excluded.valid_until}
    if name is not None:
        kept["name"] = statement.excluded.name
    await connection.execute(statement.on_conflict_do_update(index_elements=[bidders.c.organisation], set_=kept))
    known = {"organisation": organisation, "since": since, "valid_until": valid_until}
    await connection.execute(insert(bidder_verifications).values(known))
