"""Consumes another service's events: effect, inbox and cursor commit in one transaction of our own database."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog
from opentelemetry import trace
from opentelemetry.propagate import extract
from sqlalchemy import Table, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.contracts import catalogue
from shared.contracts.event import Event, EventData
from shared.kernel.clock import Clock
from shared.platform import parking, tables
from shared.platform.database import is_passing
from shared.platform.sequencer import Sequencer
from shared.platform.sources import EventSource
from shared.platform.work import Publish, Work

log = structlog.get_logger()
tracer = trace.get_tracer("coxswain.consumer")

BATCH = 200
_ENTER = text("""
    INSERT INTO inbox (consumer, event_id, handled_at)
    SELECT :consumer, id, :now FROM unnest(CAST(:ids AS uuid[])) AS id
    ON CONFLICT DO NOTHING RETURNING event_id
""")
_WAIT_SECONDS = 5.0
_BACKOFF_SECONDS = (0.1, 0.5, 2.0, 5.0)


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event in a consumer's hands: the CloudEvents attributes and the data as its declared type."""

    event: Event
    data: EventData


Handler = Callable[[Work, Delivery], Awaitable[None]]
Handlers = Mapping[str, Handler]


@dataclass(frozen=True, slots=True)
class Projection:
    """A read model: tables that are built from events alone, and can be emptied and built again at any time."""

    tables: Sequence[Table]
    handlers: Mapping[str, Handlers]


class Consumer:
    """Applies one source's events with a service's handlers, each exactly once in effect and in order per key."""

    def __init__(
        self,
        source: EventSource,
        handlers: Handlers,
        *,
        projection: str | None = None,
        engine: AsyncEngine,
        clock: Clock,
        sandbox: bool,
        publish: Publish,
        sequencer: Sequencer,
    ) -> None:
        self.source = source
        self.projection = projection
        self.name = f"{projection}:{source.name}" if projection else source.name
        self._handlers, self._engine, self._clock = handlers, engine, clock
        self._sandbox, self._publish, self._sequencer = sandbox, publish, sequencer
        self.position: int | None = None
        self.reachable = False

    async def run(self) -> None:
        """Consume until cancelled; what passes is waited out, what can never be handled is parked."""
        failures = 0
        while True:
            try:
                # The first reading does not wait, so that readiness tells soon whether the source answers.
                await self.step(_WAIT_SECONDS if self.reachable else 0.0)
                failures = 0
            except Exception as error:  # noqa: BLE001 - whatever broke, the consumer must come back
                self.reachable = False
                log.warning("consumer.waiting", consumer=self.name, error=type(error).__name__)
                await asyncio.sleep(_BACKOFF_SECONDS[min(failures, len(_BACKOFF_SECONDS) - 1)])
                failures += 1

    async def step(self, wait: float = 0.0) -> int:
        """Read one batch and apply it; return how many events were read."""
        if self.position is None:
            self.position = await self._remembered()
        events = await self.source.read(self.position, BATCH, wait)
        self.reachable = True
        if events:
            await self._apply(events)
        else:
            # Another process may have consumed, or a projection been emptied: look the cursor up again.
            self.position = None
        return len(events)

    async def replay(self, connection: AsyncConnection, event_id: UUID) -> None:
        """Handle a parked event again, and what has queued behind it.

        Raises:
            NotFound: not-found, if it is not parked here.
            NotAllowed: still-unhandled, if it cannot be handled yet; it stays parked.
        """
        await self._locked_position(connection)
        await parking.replay(connection, self.name, event_id, self._clock.now(), self._handle)

    async def discard(self, connection: AsyncConnection, event_id: UUID, person: str) -> None:
        """Discard a parked event as a second person, and handle what has queued behind it."""
        await self._locked_position(connection)
        await parking.confirm_discard(
            connection, self.name, event_id, person=person, now=self._clock.now(), handle=self._handle
        )

    async def forget(self, connection: AsyncConnection) -> None:
        """Forget what was consumed, so that a projection is built again from the first event."""
        await self._locked_position(connection)
        for table in (tables.inbox, tables.parked):
            await connection.execute(delete(table).where(table.c.consumer == self.name))
        await self._remember(connection, 0)

    async def _remembered(self) -> int:
        async with self._engine.connect() as connection:
            table = tables.cursors
            position = await connection.scalar(select(table.c.position).where(table.c.consumer == self.name))
        return position or 0

    async def _apply(self, events: Sequence[Event]) -> None:
        try:
            await self._commit(events)
        except Exception as error:
            if is_passing(error):
                raise
            # One of the batch cannot be handled: find it, and let the others through.
            log.info("batch.divided", consumer=self.name, events=len(events))
            for event in events:
                await self._apply_alone(event)

    async def _apply_alone(self, event: Event) -> None:
        try:
            await self._commit([event])
        except Exception as error:
            if is_passing(error):
                raise
            # The message of an arbitrary error may quote the event, so only its kind is logged.
            log.warning(
                "event.parked", consumer=self.name, type=event.type, id=str(event.id), error=type(error).__name__
            )
            await self._commit([event], problem=parking.problem_of(error))

    async def _commit(self, events: Sequence[Event], problem: str | None = None) -> None:
        """Apply events in one transaction, or with a problem put them aside."""
        async with self._engine.begin() as connection:
            if await self._locked_position(connection) != self.position:
                # Another process consumed in the meantime, or a projection is being built again.
                self.position = None
                return
            blocked = await parking.blocked_keys(connection, self.name)
            unseen = await self._unseen(connection, events)
            for event in events:
                if event.id not in unseen:
                    continue
                unseen.remove(event.id)
                if problem is not None:
                    await parking.park(connection, self.name, event, problem, self._clock.now())
                elif event.partitionkey in blocked:
                    await parking.queue(connection, self.name, event, self._clock.now())
                else:
                    await self._handle(connection, event)
            await self._remember(connection, events[-1].position)
        self.position = events[-1].position
        self._sequencer.wake()

    async def _locked_position(self, connection: AsyncConnection) -> int:
        """Lock our cursor: whoever holds it is alone with what was consumed, parked and queued."""
        table = tables.cursors
        await connection.execute(upsert(table).values(consumer=self.name, position=0).on_conflict_do_nothing())
        position = await connection.execute(
            select(table.c.position).where(table.c.consumer == self.name).with_for_update()
        )
        return int(position.scalar_one())

    async def _unseen(self, connection: AsyncConnection, events: Sequence[Event]) -> set[UUID]:
        """Enter the events in the inbox, and return those that were not in it."""
        inserted = await connection.scalars(
            _ENTER, {"consumer": self.name, "ids": [event.id for event in events], "now": self._clock.now()}
        )
        return set(inserted)

    async def _handle(self, connection: AsyncConnection, event: Event) -> None:
        handler = self._handlers.get(event.type)
        if handler is None:
            return
        carrier = {"traceparent": event.traceparent} if event.traceparent else {}
        link = trace.Link(trace.get_current_span(extract(carrier)).get_span_context())
        with tracer.start_as_current_span(f"consume {event.type}", links=[link]):
            data = catalogue.read(event.type, event.data)
            # What a sandbox event causes is a sandbox event.
            work = Work(connection, self._clock.now(), self._sandbox or event.sandbox, self._publish)
            await handler(work, Delivery(event, data))

    async def _remember(self, connection: AsyncConnection, position: int) -> None:
        table = tables.cursors
        await connection.execute(update(table).where(table.c.consumer == self.name).values(position=position))
