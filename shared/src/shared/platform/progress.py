"""How far a consumer has come: in each lane of its source, and within each key.

A key's events are taken in one after the other, whichever lane they come by: each tells the position of the one before
it in its service's log. So a repeated event is known by its position, and an early one by its predecessor.
"""

from collections.abc import Collection, Mapping

from sqlalchemy import delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.platform import tables
from shared.platform.sources import FEED

_cursors, _keys = tables.cursors, tables.key_positions

_LOCK_LANES = text("""
    INSERT INTO cursors AS known (consumer, lane, position)
    SELECT :consumer, lane, 0 FROM unnest(CAST(:lanes AS text[])) AS lane ORDER BY lane
    ON CONFLICT (consumer, lane) DO UPDATE SET position = known.position
    RETURNING lane, position, (SELECT position FROM cursors WHERE consumer = :consumer AND lane = :feed) AS fed
""")
_REMEMBER_LANES = text("""
    UPDATE cursors SET position = new.position
    FROM unnest(CAST(:lanes AS text[]), CAST(:positions AS bigint[])) AS new (lane, position)
    WHERE consumer = :consumer AND cursors.lane = new.lane
""")
# A lane that is read for the first time has no row yet that could be locked.
_LOCK_EVERYBODY = text("LOCK TABLE cursors IN SHARE ROW EXCLUSIVE MODE")
# In the order of the keys, so that two lanes with keys in common wait for each other and never in a circle.
_LOCK_KEYS = text("""
    INSERT INTO key_positions AS known (consumer, key, position)
    SELECT consumer, key, 0
    FROM unnest(CAST(:consumers AS text[])) AS consumer, unnest(CAST(:keys AS text[])) AS key ORDER BY key, consumer
    ON CONFLICT (consumer, key) DO UPDATE SET position = known.position
    RETURNING consumer, key, position
""")
_REMEMBER_KEYS = text("""
    UPDATE key_positions SET position = new.position
    FROM unnest(CAST(:keys AS text[]), CAST(:positions AS bigint[])) AS new (key, position)
    WHERE consumer = :consumer AND key_positions.key = new.key
""")


async def of_lanes(connection: AsyncConnection, consumer: str) -> dict[str, int]:
    """Return how far each lane has been read."""
    rows = await connection.execute(select(_cursors.c.lane, _cursors.c.position).where(_cursors.c.consumer == consumer))
    return {row.lane: row.position for row in rows}


async def lock_lanes(
    connection: AsyncConnection, consumer: str, lanes: Collection[str]
) -> tuple[Mapping[str, int], int]:
    """Lock lanes; return how far each has been read, and how far the feed.

    Whatever the feed has brought has been taken in, by whichever way the next event comes.
    """
    found = await connection.execute(_LOCK_LANES, {"consumer": consumer, "lanes": sorted(lanes), "feed": FEED})
    rows = found.all()
    return {row.lane: row.position for row in rows}, max(row.fed or 0 for row in rows)


async def lock_all(connection: AsyncConnection, consumer: str) -> None:
    """Be alone with everything that was consumed, parked and queued."""
    await connection.execute(
        select(_cursors.c.lane).where(_cursors.c.consumer == consumer).order_by(_cursors.c.lane).with_for_update()
    )


async def lock_keys(
    connection: AsyncConnection, consumer: str, keys: Collection[str], fed: int, projection: str | None
) -> dict[str, int]:
    """Lock keys; return the position of the last event taken in of each.

    A projection's keys are locked for all its sources: one transaction at a time folds what is known of a key.
    """
    consumers = [consumer] if projection is None else [projection, consumer]
    rows = await connection.execute(_LOCK_KEYS, {"consumers": consumers, "keys": sorted(keys)})
    return {row.key: max(row.position, fed) for row in rows if row.consumer == consumer}


async def remember_lanes(connection: AsyncConnection, consumer: str, positions: Mapping[str, int]) -> None:
    """Go on from there next time."""
    values = {"consumer": consumer, "lanes": list(positions), "positions": list(positions.values())}
    await connection.execute(_REMEMBER_LANES, values)


async def remember_keys(connection: AsyncConnection, consumer: str, positions: Mapping[str, int]) -> None:
    """Remember the last event of each key."""
    values = {"consumer": consumer, "keys": list(positions), "positions": list(positions.values())}
    await connection.execute(_REMEMBER_KEYS, values)


async def forget(connection: AsyncConnection, consumer: str) -> None:
    """Begin again from the first event of every lane."""
    await connection.execute(_LOCK_EVERYBODY)
    for table in (_keys, tables.parked):
        await connection.execute(delete(table).where(table.c.consumer == consumer))
    await connection.execute(update(_cursors).where(_cursors.c.consumer == consumer).values(position=0))
