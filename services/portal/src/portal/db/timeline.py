"""How published events are kept."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from portal.db.tables import timeline
from portal.domain import types
from portal.domain.entry import Entry
from shared.kernel.errors import NotFound

_ONE_WRITER = 7_265_101


async def write_alone(connection: AsyncConnection) -> None:
    """Wait until no other transaction writes the read model.

    Sources are consumed side by side: two transactions that both fold the same procedure would each miss the other's
    event. One lock for all, and not one a procedure, since whoever takes many locks can deadlock.
    """
    await connection.execute(select(func.pg_advisory_xact_lock(_ONE_WRITER)))


async def add(connection: AsyncConnection, entries: Sequence[Entry]) -> None:
    rows = [
        {
            "event_id": entry.id,
            "source": entry.source,
            "position": entry.position,
            "type": entry.type,
            "key": entry.key,
            "ocid": entry.ocid,
            "plan": entry.plan,
            "time": entry.time,
            "sandbox": entry.sandbox,
            "event": entry.event,
        }
        for entry in entries
    ]
    await connection.execute(upsert(timeline).on_conflict_do_nothing(), rows)


async def of_procedures(connection: AsyncConnection, ocids: Collection[str]) -> Mapping[str, Sequence[Entry]]:
    """Read the events of procedures and those of their plans, by procedure; one that is not known is missing."""
    if not ocids:
        return {}
    found: dict[str, list[Entry]] = {}
    for entry in await _read(connection, select(timeline).where(timeline.c.ocid.in_(ocids))):
        found.setdefault(str(entry.ocid), []).append(entry)
    plans = {ocid: {entry.plan for entry in entries if entry.plan} for ocid, entries in found.items()}
    named = set().union(*plans.values())
    if named:
        query = select(timeline).where(timeline.c.plan.in_(named), timeline.c.type.in_(types.OF_A_PLAN))
        planned = await _read(connection, query)
        for ocid, own in plans.items():
            found[ocid] += [entry for entry in planned if entry.plan in own]
    return found


async def of_providers(connection: AsyncConnection, organisations: Collection[str]) -> Mapping[str, Sequence[Entry]]:
    """Read what was told of providers, by provider."""
    if not organisations:
        return {}
    found: dict[str, list[Entry]] = {}
    query = select(timeline).where(timeline.c.key.in_(organisations), timeline.c.type.startswith("provider."))
    for entry in await _read(connection, query):
        found.setdefault(entry.key, []).append(entry)
    return found


async def of_budget_line(connection: AsyncConnection, line: str) -> Sequence[Entry]:
    granted = (types.APPROPRIATED, types.REVISED, types.CARRIED_OVER)
    query = select(timeline).where(timeline.c.key == line, timeline.c.type.in_(granted))
    return await _read(connection, query)


async def procedures_of(connection: AsyncConnection, plans: Collection[str]) -> Sequence[str]:
    if not plans:
        return []
    query = select(timeline.c.ocid).distinct().where(timeline.c.plan.in_(plans), timeline.c.ocid.is_not(None))
    return (await connection.scalars(query)).all()


async def one(connection: AsyncConnection, source: str, event_id: UUID) -> Entry:
    query = select(timeline).where(timeline.c.event_id == event_id, timeline.c.source == source)
    found = await _read(connection, query)
    if not found:
        raise NotFound("not-found", "The portal has read no such event.")
    return found[0]


async def _read(connection: AsyncConnection, query: Select[*tuple[object, ...]]) -> Sequence[Entry]:
    rows = await connection.execute(query.order_by(timeline.c.time, timeline.c.event_id))
    return [
        Entry(
            id=row.event_id,
            source=row.source,
            position=row.position,
            type=row.type,
            key=row.key,
            time=row.time,
            sandbox=row.sandbox,
            event=row.event,
        )
        for row in rows
    ]
