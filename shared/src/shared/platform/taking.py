"""Takes a batch in: each event of a key once, after the one before it, and not past one that is parked."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.event import Event
from shared.platform import parking, progress
from shared.platform.database import is_passing
from shared.platform.sources import Batch, Unreadable

Handle = Callable[[AsyncConnection, Sequence[Event]], Awaitable[None]]


@dataclass(slots=True)
class Taking:
    """One batch on its way in; the keys it touches are ours until the transaction ends."""

    connection: AsyncConnection
    consumer: str
    now: datetime
    handle: Handle
    last: dict[str, int]
    blocked: set[str]
    early: set[str]
    due: list[Event] = field(default_factory=list)

    @classmethod
    async def begin(
        cls,
        connection: AsyncConnection,
        consumer: str,
        batch: Batch,
        *,
        fed: int,
        projection: str | None,
        now: datetime,
        handle: Handle,
    ) -> "Taking":
        """Lock the keys of a batch, and look up what waits of them."""
        keys = sorted({key_of(message.item) for message in batch.delivered})
        last = await progress.lock_keys(connection, consumer, keys, fed, projection)
        blocked, early = await parking.waiting_keys(connection, consumer, keys)
        return cls(connection, consumer, now, handle, last, blocked, early)

    @classmethod
    def behind(
        cls, connection: AsyncConnection, consumer: str, key: str, position: int, *, now: datetime, handle: Handle
    ) -> "Taking":
        """Go on behind an event of a key, whatever is missing before it."""
        return cls(connection, consumer, now, handle, last={key: position}, blocked=set(), early={key})

    async def take(self, item: Event | Unreadable, problem: str | None = None) -> None:
        """Note that a message is to be handled, or put it aside where it cannot be handled now."""
        if isinstance(item, Unreadable):
            await parking.park_unreadable(self.connection, self.consumer, item, self.now)
            self.blocked.add(item.key)
            return
        key = item.partitionkey
        if item.position <= self.last[key]:
            return
        if (item.predecessor or 0) > self.last[key]:
            await parking.hold_back(self.connection, self.consumer, item, self.now)
            self.early.add(key)
            return
        if key in self.blocked:
            await parking.queue(self.connection, self.consumer, item, self.now)
        elif problem is not None:
            await parking.park(self.connection, self.consumer, item, problem, self.now)
            self.blocked.add(key)
        else:
            self.due.append(item)
        self.last[key] = item.position
        if key in self.early:
            await self.let_early_through(key)

    async def end(self) -> None:
        """Handle what is due, and remember what was taken in."""
        await self._handle_due()
        await progress.remember_keys(self.connection, self.consumer, self.last)

    async def _handle_due(self) -> None:
        due, self.due = self.due, []
        if due:
            await self.handle(self.connection, due)

    async def let_early_through(self, key: str) -> None:
        """Take in the events of a key that have waited for the one before them."""
        await self._handle_due()
        while event := await parking.next_early(self.connection, self.consumer, key, self.last[key]):
            await parking.no_longer_early(self.connection, self.consumer, event)
            if key in self.blocked:
                await parking.queue(self.connection, self.consumer, event, self.now)
            else:
                await self._handle_or_park(event)
            self.last[key] = event.position

    async def _handle_or_park(self, event: Event) -> None:
        try:
            async with self.connection.begin_nested():
                await self.handle(self.connection, [event])
        except Exception as error:
            if is_passing(error):
                raise
            await parking.park(self.connection, self.consumer, event, parking.problem_of(error), self.now)
            self.blocked.add(event.partitionkey)


def key_of(item: Event | Unreadable) -> str:
    """Return what orders a message."""
    return item.partitionkey if isinstance(item, Event) else item.key
