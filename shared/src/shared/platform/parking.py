"""What cannot be handled yet waits here: later events of the same key queue behind it, other keys go on.

`parked` is an event that cannot be handled, or a message that is no event; `queued` stands behind one of these;
`early` has come before an earlier event of its key, and goes on by itself when that one is here.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import ColumnElement, Row, RowMapping, and_, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.event import Event
from shared.kernel.access import different_persons
from shared.kernel.errors import DomainError, NotAllowed, NotFound
from shared.platform.database import is_passing, sqlstate
from shared.platform.sources import Unreadable
from shared.platform.tables import key_positions, parked

Handle = Callable[[AsyncConnection, Sequence[Event]], Awaitable[None]]
_BLOCKING = ("parked", "queued")
_WAITING = (*_BLOCKING, "early")
_EARLY = "An earlier event of the same key, at position {predecessor}, has not arrived."
_QUEUED = "An earlier event of the same key is parked."


def problem_of(error: Exception) -> str:
    """Say why an event cannot be handled, without quoting it."""
    if isinstance(error, ValidationError):
        places = sorted({"/" + "/".join(str(part) for part in item["loc"]) for item in error.errors()})
        return "The data is not of its declared type at " + ", ".join(places[:10])
    kind = type(error).__name__
    told = error.code if isinstance(error, DomainError) else sqlstate(error)
    return f"{kind}: {told}" if told else kind


async def waiting_keys(connection: AsyncConnection, consumer: str, keys: Collection[str]) -> tuple[set[str], set[str]]:
    """Return the keys of which an earlier event waits, and those of which one has come early."""
    rows = await connection.execute(
        select(parked.c.key, parked.c.state)
        .distinct()
        .where(parked.c.consumer == consumer, parked.c.key.in_(keys), parked.c.state.in_(_WAITING))
    )
    found = rows.all()
    return (
        {row.key for row in found if row.state in _BLOCKING},
        {row.key for row in found if row.state == "early"},
    )


async def park(connection: AsyncConnection, consumer: str, event: Event, problem: str, now: datetime) -> None:
    """Put an event aside with what is wrong with it."""
    await _insert_event(connection, consumer, event, state="parked", problem=problem, now=now)


async def queue(connection: AsyncConnection, consumer: str, event: Event, now: datetime) -> None:
    """Let an event wait behind an earlier one of its key."""
    await _insert_event(connection, consumer, event, state="queued", problem=_QUEUED, now=now)


async def hold_back(
    connection: AsyncConnection,
    consumer: str,
    events: Sequence[Event],
    since: Mapping[UUID, datetime],
    now: datetime,
) -> None:
    """Let events wait for the ones before them, some of them since an earlier instant."""
    rows = [
        _row(
            consumer,
            event,
            state="early",
            problem=_EARLY.format(predecessor=event.predecessor),
            now=since.get(event.id, now),
        )
        for event in events
    ]
    await connection.execute(insert(parked).on_conflict_do_nothing(), rows)


async def park_unreadable(connection: AsyncConnection, consumer: str, message: Unreadable, now: datetime) -> None:
    """Put a message aside that is no event."""
    await _insert(
        connection,
        consumer=consumer,
        event_id=message.id,
        position=0,
        key=message.key,
        type=message.type,
        event={"message": message.message},
        state="parked",
        problem=message.problem,
        parked_at=now,
    )


async def early_events(
    connection: AsyncConnection, consumer: str, keys: Collection[str]
) -> Sequence[tuple[Event, datetime]]:
    """Return what waits for an earlier event, in order, and since when."""
    query = select(parked.c.event, parked.c.parked_at).where(
        parked.c.consumer == consumer, parked.c.key.in_(keys), parked.c.state == "early"
    )
    rows = await connection.execute(query.order_by(parked.c.key, parked.c.position))
    return [(Event.model_validate(row.event), row.parked_at) for row in rows]


async def next_early(connection: AsyncConnection, consumer: str, key: str) -> Event | None:
    """Return the event of a key that has waited for the one taken in last."""
    known = select(key_positions.c.position).where(key_positions.c.consumer == consumer, key_positions.c.key == key)
    query = (
        select(parked.c.event)
        .where(parked.c.consumer == consumer, parked.c.key == key, parked.c.state == "early")
        .where(parked.c.predecessor <= known.scalar_subquery())
        .order_by(parked.c.position)
        .limit(1)
    )
    row = (await connection.execute(query)).first()
    return None if row is None else Event.model_validate(row.event)


async def no_longer_early(connection: AsyncConnection, consumer: str, taken: Collection[UUID]) -> None:
    """Forget that events came early."""
    await connection.execute(
        delete(parked).where(parked.c.consumer == consumer, parked.c.event_id.in_(taken), parked.c.state == "early")
    )


async def listed(connection: AsyncConnection) -> list[dict[str, Any]]:
    """List what waits, oldest first."""
    rows = await connection.execute(
        select(parked).where(parked.c.state.in_(_WAITING)).order_by(parked.c.consumer, parked.c.position).limit(1000)
    )
    return [dict(row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name for it


async def shown(connection: AsyncConnection, consumer: str, event_id: UUID) -> dict[str, Any]:
    """Return one event that was put aside, whatever became of it.

    Raises:
        NotFound: not-found.
    """
    row = (await connection.execute(select(parked).where(_is(consumer, event_id)))).first()
    if row is None:
        raise NotFound("not-found", "No such event was put aside here.")
    return dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it


async def replay(connection: AsyncConnection, consumer: str, event_id: UUID, now: datetime, handle: Handle) -> None:
    """Handle a parked event again, then those queued behind it, in order.

    Raises:
        NotFound: not-found.
        NotAllowed: queued-behind-another, predecessor-missing, still-unhandled.
    """
    row = await _first_in_line(connection, consumer, event_id)
    if row.state == "early":
        raise NotAllowed(
            "predecessor-missing", row.problem, satisfied_by="The earlier event, sent again by the service it is of."
        )
    try:
        await handle(connection, [Event.model_validate(row.event)])
    except Exception as error:
        if is_passing(error):
            raise
        reason = problem_of(error)
        raise NotAllowed("still-unhandled", f"It still cannot be handled and stays parked: {reason}.") from error
    await _resolve(connection, consumer, event_id, now)
    await _let_queue_through(connection, consumer, row.key, now, handle)


async def propose_discard(
    connection: AsyncConnection, consumer: str, event_id: UUID, *, reason: str, person: str
) -> None:
    """Propose that an event is never handled.

    Raises:
        NotFound: not-found.
        NotAllowed: queued-behind-another.
    """
    await _first_in_line(connection, consumer, event_id)
    await connection.execute(
        update(parked).where(_is(consumer, event_id)).values(discard_reason=reason, discard_proposed_by=person)
    )


async def confirm_discard(
    connection: AsyncConnection, consumer: str, event_id: UUID, *, person: str, now: datetime, handle: Handle
) -> RowMapping:
    """Discard an event as a second person, and let those queued behind it through; return what was discarded.

    Raises:
        NotFound: not-found.
        NotAllowed: queued-behind-another, discard-not-proposed.
        Forbidden: second-person-needed.
    """
    row = await _first_in_line(connection, consumer, event_id)
    if row.discard_proposed_by is None:
        raise NotAllowed(
            "discard-not-proposed",
            "Nobody has proposed to discard this event.",
            satisfied_by="A proposal with a reason.",
        )
    different_persons(row.discard_proposed_by, person, "Discarding an event")
    await connection.execute(
        update(parked)
        .where(_is(consumer, event_id))
        .values(state="discarded", discard_confirmed_by=person, resolved_at=now)
    )
    await _let_queue_through(connection, row.consumer, row.key, now, handle)
    return row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it


async def _first_in_line(connection: AsyncConnection, consumer: str, event_id: UUID) -> Row[Any]:
    """Lock what waits at the head of its key."""
    query = select(parked).where(_is(consumer, event_id), parked.c.state.in_(_WAITING))
    row = (await connection.execute(query.with_for_update())).first()
    if row is None:
        raise NotFound("not-found", "No such event waits here.")
    if row.state == "queued":
        raise NotAllowed(
            "queued-behind-another", row.problem, satisfied_by="The earlier event, replayed or discarded first."
        )
    return row


async def _let_queue_through(
    connection: AsyncConnection, consumer: str, key: str, now: datetime, handle: Handle
) -> None:
    waiting = await connection.execute(
        select(parked)
        .where(parked.c.consumer == consumer, parked.c.key == key, parked.c.state.in_(_BLOCKING))
        .order_by(parked.c.position)
    )
    for row in waiting.all():
        if row.state == "parked":
            return
        try:
            async with connection.begin_nested():
                await handle(connection, [Event.model_validate(row.event)])
        except Exception as error:
            if is_passing(error):
                raise
            # The queue stops at the next event that cannot be handled.
            await connection.execute(
                update(parked).where(_is(consumer, row.event_id)).values(state="parked", problem=problem_of(error))
            )
            return
        await _resolve(connection, consumer, row.event_id, now)


async def _resolve(connection: AsyncConnection, consumer: str, event_id: UUID, now: datetime) -> None:
    await connection.execute(update(parked).where(_is(consumer, event_id)).values(state="replayed", resolved_at=now))


def _is(consumer: str, event_id: UUID) -> ColumnElement[bool]:
    return and_(parked.c.consumer == consumer, parked.c.event_id == event_id)


async def _insert_event(
    connection: AsyncConnection, consumer: str, event: Event, *, state: str, problem: str, now: datetime
) -> None:
    await _insert(connection, **_row(consumer, event, state=state, problem=problem, now=now))


def _row(consumer: str, event: Event, *, state: str, problem: str, now: datetime) -> dict[str, Any]:
    return {
        "consumer": consumer,
        "event_id": event.id,
        "position": event.position,
        "predecessor": event.predecessor,
        "key": event.partitionkey,
        "type": event.type,
        "event": event.model_dump(mode="json"),
        "state": state,
        "problem": problem,
        "parked_at": now,
    }


async def _insert(connection: AsyncConnection, **columns: Any) -> None:
    # A message may come again while it waits.
    await connection.execute(insert(parked).values(columns).on_conflict_do_nothing())
