"""Consumes another service's events: effect and cursor commit in one transaction of our own database."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog
from opentelemetry import trace
from opentelemetry.propagate import extract
from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.contracts import catalogue
from shared.contracts.event import Event, EventData
from shared.kernel.clock import Clock
from shared.kernel.errors import Invalid
from shared.platform import cancellation, parking, progress
from shared.platform.database import is_passing
from shared.platform.sequencer import Sequencer
from shared.platform.sources import Batch, Delivered, EventSource
from shared.platform.taking import Taking, key_of
from shared.platform.work import Publish, Work

log = structlog.get_logger()
tracer = trace.get_tracer("coxswain.consumer")

BATCH = 500
_WAIT_SECONDS = 5.0
_BACKOFF_SECONDS = (0.1, 0.5, 2.0, 5.0)


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event in a consumer's hands: the CloudEvents attributes and the data as its declared type."""

    event: Event
    data: EventData


Handler = Callable[[Work, Delivery], Awaitable[None]]
Handlers = Mapping[str, Handler]
Enter = Callable[[Work, Sequence[Delivery]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Projection:
    """A read model: tables that are built from events alone, and can be emptied and built again at any time.

    `types` are the event types it reads, by source. Entering works on many events at once, in order within each key.
    """

    tables: Sequence[Table]
    types: Mapping[str, Collection[str]]
    enter: Enter


@dataclass(frozen=True, slots=True)
class Fold:
    """What a projection reads of one source."""

    projection: str
    types: Collection[str]
    enter: Enter


class Consumer:
    """Applies one source's events to a service, each exactly once in effect and in order per key."""

    def __init__(
        self,
        source: EventSource,
        consumed: Handlers | Fold,
        *,
        engine: AsyncEngine,
        clock: Clock,
        sandbox: bool,
        publish: Publish,
        sequencer: Sequencer,
    ) -> None:
        self.source = source
        self.projection = consumed.projection if isinstance(consumed, Fold) else None
        self.name = consumer_name(source.name, self.projection)
        self._consumed, self._engine, self._clock = consumed, engine, clock
        self._sandbox, self._publish, self._sequencer = sandbox, publish, sequencer
        self.positions: Mapping[str, int] | None = None
        self.reachable = False

    async def run(self) -> None:
        """Consume until cancelled; what passes is waited out, what can never be handled is parked."""
        failures = 0
        try:
            while True:
                try:
                    # The first reading does not wait, so that readiness tells soon whether the source answers.
                    await self.step(_WAIT_SECONDS if self.reachable else 0.0)
                    failures = 0
                except (Exception, asyncio.CancelledError) as error:
                    # Whatever broke, the consumer must come back.
                    if cancellation.is_ours():
                        raise
                    self.reachable = False
                    log.warning("consumer.waiting", consumer=self.name, error=type(error).__name__)
                    await asyncio.sleep(_BACKOFF_SECONDS[min(failures, len(_BACKOFF_SECONDS) - 1)])
                    failures += 1
        finally:
            await self.source.close()

    async def step(self, wait: float = 0.0) -> int:
        """Read one batch and apply it; return how many messages were read."""
        if self.positions is None:
            self.positions = await self._remembered()
        batch = await self.source.read(self.positions, BATCH, wait)
        self.reachable = True
        if batch is None:
            # Another process may have consumed, or a projection been emptied: look the cursors up again.
            self.positions = None
            return 0
        await self._apply(batch)
        return len(batch.delivered)

    async def replay(self, connection: AsyncConnection, event_id: UUID) -> None:
        """Handle a parked event again, and what has queued behind it.

        Raises:
            NotFound: not-found, if it is not parked here.
            NotAllowed: still-unhandled, if it cannot be handled yet; it stays parked.
        """
        await progress.lock_all(connection, self.name)
        await parking.replay(connection, self.name, event_id, self._clock.now(), self._handle)

    async def discard(self, connection: AsyncConnection, event_id: UUID, person: str) -> None:
        """Discard a parked event as a second person, and handle what has queued behind it."""
        await progress.lock_all(connection, self.name)
        now = self._clock.now()
        row = await parking.confirm_discard(
            connection, self.name, event_id, person=person, now=now, handle=self._handle
        )
        if row["state"] == "early":
            # What is missing before it is missing for good: what has waited behind it goes on.
            taking = Taking(connection, self.name, now, self._handle, last={row["key"]: row["position"]})
            await taking.follow(row["key"])
            await taking.end()

    async def forget(self, connection: AsyncConnection) -> None:
        """Forget what was consumed, so that a projection is built again from the first event."""
        await progress.forget(connection, self.name)

    async def _remembered(self) -> Mapping[str, int]:
        async with self._engine.connect() as connection:
            return await progress.of_lanes(connection, self.name)

    async def _apply(self, batch: Batch) -> None:
        try:
            await self._commit(batch)
        except Exception as error:
            if is_passing(error):
                raise
            # One of the batch cannot be handled: find it, and let the others through.
            log.info("batch.divided", consumer=self.name, messages=len(batch.delivered))
            for part in batch.one_by_one():
                await self._apply_alone(part.starts, part.delivered[0])
        await self.source.applied(batch)

    async def _apply_alone(self, starts: Mapping[str, int], message: Delivered) -> None:
        await self._commit_or_park(starts, message)
        # What has waited for it follows, each by itself.
        while event := await self._next_early(key_of(message.item)):
            await self._commit_or_park({message.lane: message.end}, Delivered(message.lane, message.end, event))

    async def _commit_or_park(self, starts: Mapping[str, int], message: Delivered) -> None:
        try:
            await self._commit_alone(starts, message)
        except Exception as error:
            if is_passing(error):
                raise
            item = message.item
            # The message of an arbitrary error may quote the event, so only its kind is logged.
            log.warning("event.parked", consumer=self.name, type=item.type, id=str(item.id), error=type(error).__name__)
            await self._commit_alone(starts, message, parking.problem_of(error))

    async def _next_early(self, key: str) -> Event | None:
        if self.positions is None:
            return None
        async with self._engine.connect() as connection:
            return await parking.next_early(connection, self.name, key)

    async def _commit(self, batch: Batch) -> None:
        async with self._taking(batch) as taking:
            if taking is not None:
                await taking.take_all(batch.delivered)

    async def _commit_alone(self, starts: Mapping[str, int], message: Delivered, problem: str | None = None) -> None:
        async with self._taking(Batch(starts, [message])) as taking:
            if taking is not None:
                await taking.take_alone(message.item, problem)

    @contextlib.asynccontextmanager
    async def _taking(self, batch: Batch) -> AsyncIterator[Taking | None]:
        """Lend a transaction that takes a batch in; none if the batch is not what comes next."""
        async with self._engine.begin() as connection:
            known, fed = await progress.lock_lanes(connection, self.name, batch.starts)
            if known != batch.starts:
                # Another process consumed in the meantime, or a projection is being built again.
                self.positions = None
                yield None
                return
            taking = Taking(connection, self.name, self._clock.now(), self._handle)
            await taking.begin({key_of(message.item) for message in batch.delivered}, fed, self.projection)
            yield taking
            await taking.end()
            await progress.remember_lanes(connection, self.name, batch.ends)
        self.positions = {**(self.positions or {}), **batch.ends}
        self._sequencer.wake()

    async def _handle(self, connection: AsyncConnection, events: Sequence[Event]) -> None:
        if isinstance(self._consumed, Fold):
            known = [_delivery(event) for event in events if event.type in self._consumed.types]
            if known:
                await self._consumed.enter(self._work(connection, sandbox=self._sandbox), known)
            return
        for event in events:
            if handler := self._consumed.get(event.type):
                with tracer.start_as_current_span(f"consume {event.type}", links=_cause(event)):
                    # What a sandbox event causes is a sandbox event.
                    work = self._work(connection, sandbox=self._sandbox or event.sandbox)
                    await handler(work, _delivery(event))

    def _work(self, connection: AsyncConnection, *, sandbox: bool) -> Work:
        return Work(connection, self._clock.now(), sandbox, self._publish)


def consumer_name(source: str, projection: str | None) -> str:
    """Name what a service consumes of a source: for itself, or for a projection."""
    return f"{projection}:{source}" if projection else source


def _delivery(event: Event) -> Delivery:
    data = catalogue.read(event.type, event.data)
    if data.key() != event.partitionkey:
        raise Invalid("wrong-key", "The key of the event is not the one that its data say.")
    return Delivery(event, data)


def _cause(event: Event) -> list[trace.Link]:
    carrier = {"traceparent": event.traceparent} if event.traceparent else {}
    return [trace.Link(trace.get_current_span(extract(carrier)).get_span_context())]
