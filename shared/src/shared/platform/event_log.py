"""Reads a service's own log: the events that have a position, as everybody sees them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.event import Event
from shared.platform.tables import events

_earlier = events.alias()
_PREDECESSOR = func.coalesce(
    select(func.max(_earlier.c.position))
    .where(_earlier.c.key == events.c.key, _earlier.c.position < events.c.position)
    .scalar_subquery(),
    0,
).label("predecessor")


async def events_after(
    connection: AsyncConnection, service: str, after: int, limit: int, key: str | None = None
) -> Sequence[Event]:
    """Read a part of the log."""
    query = select(events, _PREDECESSOR).where(events.c.position > after).order_by(events.c.position).limit(limit)
    rows = await connection.execute(query if key is None else query.where(events.c.key == key))
    return [_cloud_event(service, row) for row in rows.mappings()]


async def event_with_id(connection: AsyncConnection, service: str, event_id: UUID) -> Event | None:
    """Read one event."""
    query = select(events, _PREDECESSOR).where(events.c.id == event_id, events.c.position.is_not(None))
    row = (await connection.execute(query)).mappings().first()
    return None if row is None else _cloud_event(service, row)


def _cloud_event(service: str, row: RowMapping) -> Event:
    """Write a row of the log as a CloudEvent."""
    return Event(
        id=row["id"],
        source=f"/{service}",
        type=row["type"],
        subject=str(row["aggregate"]),
        time=row["occurred_at"],
        dataschema=f"urn:coxswain:event:{row['type']}",
        partitionkey=row["key"],
        sequence=f"{row['version']:010d}",
        position=row["position"],
        predecessor=row["predecessor"],
        sandbox=row["sandbox"],
        traceparent=row["traceparent"],
        data=row["data"],
    )
