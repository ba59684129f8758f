"""Where a consumer's events come from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import httpx
import orjson
from pydantic import ValidationError

from shared.contracts.event import Event
from shared.kernel.ids import derived_id

FEED = ""
"""The lane of a source that has but one: its feed, whose positions are those of the events."""


class SourceUnavailable(Exception):  # noqa: N818 - a state of the world
    """The source does not answer at the moment."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message that is no event: as much of it as was understood, and what is wrong with it."""

    id: UUID
    key: str
    type: str
    problem: str
    message: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Delivered:
    """One message, and the position in its lane at which reading goes on behind it."""

    lane: str
    end: int
    item: Event | Unreadable


@dataclass(frozen=True, slots=True)
class Batch:
    """What stands behind a position in each of some lanes: a feed, or partitions of topics; in order within a lane."""

    starts: Mapping[str, int]
    delivered: Sequence[Delivered]

    @property
    def ends(self) -> Mapping[str, int]:
        """The positions at which reading goes on."""
        return {message.lane: message.end for message in self.delivered}

    def one_by_one(self) -> Iterator["Batch"]:
        """Divide the batch into its messages."""
        starts = dict(self.starts)
        for message in self.delivered:
            yield Batch({message.lane: starts[message.lane]}, (message,))
            starts[message.lane] = message.end


class EventSource(Protocol):
    """Delivers one service's events, at least once and in order within each lane."""

    name: str

    async def read(self, positions: Mapping[str, int], limit: int, wait: float) -> Batch | None:
        """Return what stands behind a position, by lane; wait up to so many seconds for the first.

        A lane that is not named is read from its beginning.

        Raises:
            SourceUnavailable: and nothing is lost by asking again.
        """
        ...

    async def applied(self, batch: Batch) -> None:
        """Take note that a batch has been applied, and that the database remembers it."""
        ...

    async def close(self) -> None:
        """Let go of what reading has opened; it may be read from again."""
        ...


class FeedSource:
    """Reads another service's HTTP feed; in one box the client calls it in the same process."""

    def __init__(self, name: str, client: httpx.AsyncClient, path: str = "/v1/events") -> None:
        self.name, self._client, self._path = name, client, path

    async def read(self, positions: Mapping[str, int], limit: int, wait: float) -> Batch | None:
        after = positions.get(FEED, 0)
        try:
            response = await self._client.get(
                self._path,
                params={"after": after, "limit": limit, "wait": wait},
                timeout=httpx.Timeout(10.0, read=wait + 10.0),
            )
            response.raise_for_status()
            found = orjson.loads(response.content)
        except (httpx.HTTPError, ValueError) as error:
            raise SourceUnavailable(self.name) from error
        if not isinstance(found, list):
            raise SourceUnavailable(self.name)
        # Positions are consecutive, so an event that cannot be read has one nevertheless.
        delivered = [Delivered(FEED, end, self._event(end, item)) for end, item in enumerate(found, after + 1)]
        return Batch({FEED: after}, delivered) if delivered else None

    async def applied(self, batch: Batch) -> None:
        """Do nothing: the feed does not know its readers."""

    async def close(self) -> None:
        """Do nothing: the client is closed by whom it belongs to."""

    def _event(self, position: int, item: Any) -> Event | Unreadable:
        try:
            event = Event.model_validate(item)
        except ValidationError as error:
            return unreadable(f"{self.name}/{position}", item, wrong_attributes(error), {"position": position})
        if event.source != f"/{self.name}":
            return unreadable(f"{self.name}/{position}", item, NOT_THE_OWNER, {"position": position})
        return event


NOT_THE_OWNER = "The source of the event is not the service that owns it."


def wrong_attributes(error: ValidationError) -> str:
    """Say which attributes are wrong, without quoting them."""
    places = sorted({"/".join(str(part) for part in item["loc"]) for item in error.errors()})
    return "It is no event of ours; wrong or missing: " + ", ".join(places[:10])


def unreadable(place: str, attributes: Any, problem: str, message: Mapping[str, Any]) -> Unreadable:
    """Describe a message that is no event; one whose key cannot be told holds up no other."""
    known: Mapping[str, Any] = attributes if isinstance(attributes, Mapping) else {}
    key, kind = known.get("partitionkey"), known.get("type")
    return Unreadable(
        id=derived_id("unreadable", place),
        key=key if isinstance(key, str) and key else place,
        type=kind if isinstance(kind, str) and kind else "unknown",
        problem=problem,
        message={**message, "attributes": attributes},
    )
