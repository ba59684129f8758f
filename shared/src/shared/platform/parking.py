"""Events that cannot be handled wait here; later events of the same key queue behind them, other keys go on."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import ColumnElement, and_, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.event import Event
from shared.kernel.access import different_persons
from shared.kernel.errors import NotAllowed, NotFound
from shared.platform.database import is_passing
from shared.platform.tables import parked

Handle = Callable[[AsyncConnection, Event], Awaitable[None]]
_WAITING = ("parked", "queued")


def problem_of(error: Exception) -> str:
    """Say why an event cannot be handled, without quoting it."""
    if isinstance(error, ValidationError):
        places = sorted({"/" + "/".join(str(part) for part in item["loc"]) for item in error.errors()})
        return "The data is not of its declared type at " + ", ".join(places[:10])
    code = getattr(error, "code", None)
    return f"{type(error).__name__}: {code}" if isinstance(code, str) else type(error).__name__


async def blocked_keys(connection: AsyncConnection, consumer: str) -> frozenset[str]:
    """Return the keys of which an earlier event still waits."""
    rows = await connection.scalars(
        select(parked.c.key).distinct().where(parked.c.consumer == consumer, parked.c.state.in_(_WAITING))
    )
    return frozenset(rows)


async def park(connection: AsyncConnection, consumer: str, event: Event, problem: str, now: datetime) -> None:
    """Put an event aside with what is wrong with it."""
    await _insert(connection, consumer, event, state="parked", problem=problem, now=now)


async def queue(connection: AsyncConnection, consumer: str, event: Event, now: datetime) -> None:
    """Let an event wait behind an earlier one of its key."""
    problem = "An earlier event of the same key is parked."
    await _insert(connection, consumer, event, state="queued", problem=problem, now=now)


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
    """Handle a parked event again, then those queued behind it, in order."""
    first = (
        await connection.execute(
            select(parked).where(_is(consumer, event_id), parked.c.state == "parked").with_for_update()
        )
    ).first()
    if first is None:
        raise NotFound("not-found", "No such event is parked here.")
    try:
        await handle(connection, Event.model_validate(first.event))
    except Exception as error:
        if is_passing(error):
            raise
        raise NotAllowed("still-unhandled", "The event still cannot be handled; it stays parked.") from error
    await _resolve(connection, consumer, event_id, now)
    await _let_queue_through(connection, consumer, first.key, now, handle)


async def propose_discard(
    connection: AsyncConnection, consumer: str, event_id: UUID, *, reason: str, person: str
) -> None:
    """Propose that an event is never handled.

    Raises:
        NotFound: not-found.
    """
    result = await connection.execute(
        update(parked)
        .where(_is(consumer, event_id), parked.c.state == "parked")
        .values(discard_reason=reason, discard_proposed_by=person)
    )
    if result.rowcount != 1:
        raise NotFound("not-found", "No such event is parked here.")


async def confirm_discard(
    connection: AsyncConnection, consumer: str, event_id: UUID, *, person: str, now: datetime, handle: Handle
) -> None:
    """Discard an event as a second person, and let those queued behind it through.

    Raises:
        NotFound: not-found.
        NotAllowed: discard-not-proposed.
        Forbidden: second-person-needed.
    """
    row = (
        await connection.execute(
            select(parked).where(_is(consumer, event_id), parked.c.state == "parked").with_for_update()
        )
    ).first()
    if row is None:
        raise NotFound("not-found", "No such event is parked here.")
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


async def _let_queue_through(
    connection: AsyncConnection, consumer: str, key: str, now: datetime, handle: Handle
) -> None:
    waiting = await connection.execute(
        select(parked)
        .where(parked.c.consumer == consumer, parked.c.key == key, parked.c.state.in_(_WAITING))
        .order_by(parked.c.position)
    )
    for row in waiting.all():
        if row.state == "parked":
            return
        try:
            async with connection.begin_nested():
                await handle(connection, Event.model_validate(row.event))
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


async def _insert(
    connection: AsyncConnection, consumer: str, event: Event, *, state: str, problem: str, now: datetime
) -> None:
    await connection.execute(
        insert(parked).values(
            event_id=event.id,
            consumer=consumer,
            position=event.position,
            key=event.partitionkey,
            type=event.type,
            event=event.model_dump(mode="json"),
            state=state,
            problem=problem,
            parked_at=now,
        )
    )
