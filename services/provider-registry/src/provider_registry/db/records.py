"""How track records are kept, and the totals of each category that providers are compared with."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import Date, Interval, cast, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from provider_registry.db import states
from provider_registry.db.tables import category_totals, contract_holders, track_records
from provider_registry.domain.day_totals import TotalChange
from provider_registry.domain.rating import DayTotal
from provider_registry.domain.record import TrackRecord, empty_record
from shared.kernel.errors import NotFound
from shared.platform import database


async def record(connection: AsyncConnection, organisation: str, *, lock: bool = False) -> TrackRecord:
    empty = empty_record(organisation)
    try:
        return await database.load(connection, track_records, TrackRecord, empty.id, lock=lock)
    except NotFound:
        return empty


async def record_known(connection: AsyncConnection, organisation: str, at: datetime) -> TrackRecord:
    """Read the record as it was at an instant."""
    known = await states.known(connection, track_records, TrackRecord, organisation, at)
    return known[0] if known else empty_record(organisation)


async def save_record(connection: AsyncConnection, before: TrackRecord, state: TrackRecord, at: datetime) -> None:
    columns = {"state": "rated" if state.mean_score is not None else "not-rated"}
    if before.version == 0:
        await states.add(connection, track_records, state, columns, at=at)
    else:
        await states.save(connection, track_records, before.version, state, columns, at=at)


async def holder(connection: AsyncConnection, contract: UUID) -> str | None:
    """Return the organisation that a contract is with."""
    organisation: str | None = await connection.scalar(
        select(contract_holders.c.organisation).where(contract_holders.c.contract == contract)
    )
    return organisation


async def hold(connection: AsyncConnection, contract: UUID, organisation: str) -> None:
    """Keep whom a contract is with."""
    entered = upsert(contract_holders).values(contract=contract, organisation=organisation)
    await connection.execute(
        entered.on_conflict_do_update(
            index_elements=[contract_holders.c.contract], set_={"organisation": entered.excluded.organisation}
        )
    )


async def hand_over(connection: AsyncConnection, before: str, after: str) -> None:
    """Let the contracts with one organisation be with another."""
    held = contract_holders.c.organisation == before
    await connection.execute(update(contract_holders).where(held).values(organisation=after))


async def add_to_totals(connection: AsyncConnection, changes: Sequence[TotalChange], at: datetime) -> None:
    """Write what the totals have become; the ones before stay, so that the totals of any instant can be read."""
    table = category_totals
    for change in changes:
        await database.hold_name(connection, f"category-totals/{change.category}")
        latest = (
            await connection.execute(
                select(table.c.observations, table.c.scores)
                .where(table.c.category == change.category, table.c.day == change.day)
                .order_by(table.c.number.desc())
                .limit(1)
            )
        ).first()
        await connection.execute(
            insert(table).values(
                category=change.category,
                day=change.day,
                recorded_at=at,
                observations=change.observations + (latest.observations if latest else 0),
                scores=change.scores + (latest.scores if latest else 0),
            )
        )


async def totals(
    connection: AsyncConnection, category: str, first: date, last: date, at: datetime
) -> Sequence[DayTotal]:
    """Read a category's totals of the days from one to another, as they were at an instant."""
    table = category_totals
    # One look into the index for each day, however often its total was written.
    days = func.generate_series(first, last, cast(timedelta(days=1), Interval)).column_valued("days")
    total = (
        select(table.c.observations, table.c.scores)
        .where(table.c.category == category, table.c.day == cast(days, Date), table.c.recorded_at <= at)
        .order_by(table.c.number.desc())
        .limit(1)
        .lateral("total")
    )
    rows = await connection.execute(
        select(cast(days, Date), total.c.observations, total.c.scores).where(total.c.observations > 0)
    )
    return [DayTotal(*row) for row in rows]
