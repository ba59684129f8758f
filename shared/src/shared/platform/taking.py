"""Takes a batch in: each event of a key once, after the one before it, and not past one that is parked."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.event import Event
from shared.platform import parking, progress
from shared.platform.database import is_passing
from shared.platform.sources import Delivered, Unreadable

Handle = Callable[[AsyncConnection, Sequence[Event]], Awaitable[None]]


@dataclass(slots=True)
class Taking:
    """One batch on its way in; the keys it touches are ours until the transaction ends."""

    connection: AsyncConnection
    consumer: str
    now: datetime
    handle: Handle
    last: dict[str, int] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)
    early: set[str] = field(default_factory=set)
    due: list[Event] = field(default_factory=list)
    held: list[Event] = field(default_factory=list)
    since: dict[UUID, datetime] = field(default_factory=dict)

    async def begin(self, keys: Collection[str], fed: int, projection: str | None) -> None:
        """Lock keys, and look up what waits of them."""
        self.last = await progress.lock_keys(self.connection, self.consumer, keys, fed, projection)
        self.blocked, self.early = await parking.waiting_keys(self.connection, self.consumer, keys)

    async def take_all(self, delivered: Sequence[Delivered]) -> None:
        """Take messages in, and with them what has come early and waited for one of them."""
        waiting = await self._resumed(self.early) if self.early else []
        for item in in_order(delivered, waiting):
            await self._take(item)

    async def take_alone(self, item: Event | Unreadable, problem: str | None) -> None:
        """Take one message in, or park it with a problem; what waits for it waits on."""
        if isinstance(item, Event) and item.partitionkey in self.early:
            await parking.no_longer_early(self.connection, self.consumer, [item.id])
        await self._take(item, problem)

    async def follow(self, key: str) -> None:
        """Take in what has waited for the last event of a key; park what cannot be handled of it."""
        for event in await self._resumed({key}):
            before = len(self.due)
            await self._take(event)
            if len(self.due) > before:
                self.due.pop()
                await self._handle_or_park(event)

    async def end(self) -> None:
        """Handle what is due, and remember what was taken in."""
        if self.due:
            await self.handle(self.connection, self.due)
        if self.held:
            await parking.hold_back(self.connection, self.consumer, self.held, self.since, self.now)
        await progress.remember_keys(self.connection, self.consumer, self.last)

    async def _resumed(self, keys: Collection[str]) -> Sequence[Event]:
        found = await parking.early_events(self.connection, self.consumer, keys)
        self.since |= {event.id: since for event, since in found}
        await parking.no_longer_early(self.connection, self.consumer, list(self.since))
        return [event for event, _ in found]

    async def _take(self, item: Event | Unreadable, problem: str | None = None) -> None:
        if isinstance(item, Unreadable):
            await parking.park_unreadable(self.connection, self.consumer, item, self.now)
            self.blocked.add(item.key)
            return
        key = item.partitionkey
        if item.position <= self.last[key]:
            return
        if (item.predecessor or 0) > self.last[key]:
            self.held.append(item)
            return
        if key in self.blocked:
            await parking.queue(self.connection, self.consumer, item, self.now)
        elif problem is not None:
            await self._park(item, problem)
        else:
            self.due.append(item)
        self.last[key] = item.position

    async def _handle_or_park(self, event: Event) -> None:
        try:
            async with self.connection.begin_nested():
                await self.handle(self.connection, [event])
        except Exception as error:
            if is_passing(error):
                raise
            await self._park(event, parking.problem_of(error))

    async def _park(self, event: Event, problem: str) -> None:
        await parking.park(self.connection, self.consumer, event, problem, self.now)
        self.blocked.add(event.partitionkey)


def in_order(delivered: Sequence[Delivered], waiting: Sequence[Event]) -> list[Event | Unreadable]:
    """Put messages in the order of their keys, and within a key in that of the log.

    In the order of the keys, whatever handlers lock of a key is locked in the same order by everybody. A message that
    is no event stays behind the one before it in its lane.
    """
    placed: list[tuple[str, int, int, Event | Unreadable]] = []
    behind: dict[str, int] = {}
    for number, message in enumerate(delivered):
        item = message.item
        place = item.position if isinstance(item, Event) else behind.get(message.lane, 0)
        behind[message.lane] = place
        placed.append((key_of(item), place, number, item))
    placed += [(event.partitionkey, event.position, -1, event) for event in waiting]
    return [item for *_, item in sorted(placed, key=lambda one: one[:3])]


def key_of(item: Event | Unreadable) -> str:
    """Return what orders a message."""
    return item.partitionkey if isinstance(item, Event) else item.key
