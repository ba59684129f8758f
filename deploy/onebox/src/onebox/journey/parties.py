"""The parties of the journey: each with its own credentials, each seeing nothing but the public APIs."""

import asyncio
import json
import math
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from shared.kernel.ids import opaque_id

PATIENCE = 20.0
"""Seconds within which what is promised happens."""
ATTEMPTS = 3
_AWAY = (httpx.codes.BAD_GATEWAY, httpx.codes.SERVICE_UNAVAILABLE)


class NotAsPromised(Exception):  # noqa: N818 - what the journey is there to find
    """Something did not happen as the system promises."""


async def answered(
    http: httpx.AsyncClient, method: str, path: str, *, patience: float, **request: Any
) -> httpx.Response:
    """Send a request, and again where the answer asks for it: soon if it was busy, for a while if it was away."""
    until, attempts = time.monotonic() + patience, 0
    while True:
        response = await http.request(method, path, **request)
        attempts += 1
        later = float(response.headers.get("Retry-After", "inf"))
        busy = response.status_code == httpx.codes.CONFLICT and attempts < ATTEMPTS
        away = response.status_code in _AWAY and time.monotonic() + later < until
        if math.isinf(later) or not (busy or away):
            return response
        await asyncio.sleep(later)


@dataclass
class Party:
    """A client of the system."""

    name: str
    client_id: str
    secret: str
    http: httpx.AsyncClient
    patience: float = PATIENCE
    _tokens: dict[str, tuple[str, float]] = field(default_factory=dict)

    async def ask(
        self, method: str, service: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """Send a request with a token and, for a POST, an Idempotency-Key, with which it can be sent again."""
        sent = {"Authorization": f"Bearer {await self._token(service)}", **(headers or {})}
        if method == "POST":
            sent.setdefault("Idempotency-Key", str(opaque_id()))
        where = f"/{service}{path}"
        return await answered(self.http, method, where, patience=self.patience, json=body, headers=sent)

    async def ask_once_known(self, method: str, service: str, path: str) -> httpx.Response:
        """Send a request about what another service has told, and again while that has not arrived."""
        until = time.monotonic() + self.patience
        while True:
            response = await self.ask(method, service, path)
            if response.status_code != httpx.codes.NOT_FOUND or time.monotonic() > until:
                return response
            await asyncio.sleep(0.2)

    async def _token(self, service: str) -> str:
        token, until = self._tokens.get(service, ("", 0.0))
        if time.monotonic() >= until:
            response = await self.http.post(
                "/identity/token",
                data={
                    "grant_type": "client_credentials",
                    "client_id": self.client_id,
                    "client_secret": self.secret,
                    "audience": service,
                },
            )
            if response.status_code != httpx.codes.OK:
                raise NotAsPromised(f"{self.client_id} is given no token for {service} ({response.status_code})")
            answer = response.json()
            token, until = answer["access_token"], time.monotonic() + answer["expires_in"] - 30
            self._tokens[service] = token, until
        return token


@dataclass
class Feeds:
    """Reads the public feeds, and waits for what was promised."""

    http: httpx.AsyncClient
    patience: float = PATIENCE
    positions: dict[str, int] = field(default_factory=dict)

    async def start(self, *services: str) -> None:
        """Begin at the end of each feed."""
        for service in services:
            position = 0
            while events := await self._read(service, position, 0):
                position = events[-1]["position"]
            self.positions[service] = position

    async def wait_for(self, service: str, event_type: str, key: str, nth: int = 1) -> dict[str, Any]:
        """Return the nth event of a type with a key since the start.

        Raises:
            NotAsPromised: if it does not come in time.
        """
        until = time.monotonic() + self.patience
        position, seen = self.positions[service], 0
        while (left := until - time.monotonic()) > 0:
            events = await self._read(service, position, min(left, 5.0))
            for event in events:
                seen += event["type"] == event_type and event["partitionkey"] == key
                if seen == nth:
                    return event
            position = events[-1]["position"] if events else position
        raise NotAsPromised(f"no {event_type} for {key} within {self.patience:.0f} s")

    async def naming(self, service: str, *names: str) -> list[dict[str, Any]]:
        """Return the events since the start that name one of these anywhere."""
        position, found = self.positions[service], list[dict[str, Any]]()
        while events := await self._read(service, position, 0):
            found += [event for event in events if any(name in json.dumps(event) for name in names)]
            position = events[-1]["position"]
        return found

    async def _read(self, service: str, after: int, wait: float) -> list[dict[str, Any]]:
        params = {"after": str(after), "limit": "1000", "wait": f"{wait:.3f}"}
        path = f"/{service}/v1/events"
        response = await answered(self.http, "GET", path, patience=self.patience, params=params)
        response.raise_for_status()
        events: list[dict[str, Any]] = response.json()
        return events


async def sleep_until(instant: float) -> None:
    """Wait for a wall-clock instant (seconds since the epoch), and a moment more."""
    await asyncio.sleep(max(0.0, instant - time.time()) + 0.05)
