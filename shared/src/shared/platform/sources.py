"""Where a consumer's events come from."""

from collections.abc import Sequence
from typing import Protocol

import httpx
from pydantic import TypeAdapter

from shared.contracts.event import Event

_EVENTS = TypeAdapter(list[Event])


class SourceUnavailable(Exception):  # noqa: N818 - a state of the world
    """The source does not answer at the moment."""


class EventSource(Protocol):
    """Delivers one service's events, at least once and in order."""

    name: str

    async def read(self, after: int, limit: int, wait: float) -> Sequence[Event]:
        """Return events behind a position, waiting up to so many seconds for the first.

        Raises:
            SourceUnavailable: and nothing is lost by asking again.
        """
        ...


class FeedSource:
    """Reads another service's HTTP feed; in one box the client calls it in the same process."""

    def __init__(self, name: str, client: httpx.AsyncClient, path: str = "/v1/events") -> None:
        self.name, self._client, self._path = name, client, path

    async def read(self, after: int, limit: int, wait: float) -> Sequence[Event]:
        try:
            response = await self._client.get(
                self._path,
                params={"after": after, "limit": limit, "wait": wait},
                timeout=httpx.Timeout(10.0, read=wait + 10.0),
            )
            response.raise_for_status()
            return _EVENTS.validate_json(response.content)
        except (httpx.HTTPError, ValueError) as error:
            raise SourceUnavailable(self.name) from error
