"""A town in a test: several real services, each on a database of its own, that read each other's feeds."""

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
from fastapi import FastAPI

from shared.contracts.event import Event
from shared.platform.consumer import BATCH
from shared.platform.service import Surroundings
from shared.platform.settings import ServiceSettings
from shared.platform.sources import EventSource, FeedSource
from shared.testing.callers import Callers, Person
from shared.testing.clock import ManualClock
from shared.testing.services import PERSONS_KEY, RunningService, ScriptedSource
from shared.testing.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Part:
    """A service of the town, and what it is set up with beyond the database and the issuer."""

    create: Callable[[Any, Surroundings], FastAPI]
    settings: type[ServiceSettings]
    database_url: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Town:
    """The services by name, the one clock that they all go by, and up to where each has been heard by the others."""

    services: Mapping[str, RunningService]
    clock: ManualClock
    heard: dict[str, int] = field(default_factory=dict)


@contextlib.asynccontextmanager
async def running_town(parts: Mapping[str, Part]) -> AsyncIterator[Town]:
    """Run services that read each other's feeds; what a service that is not among them tells, the test says."""
    clock, tokens, services = ManualClock(), Tokens(), dict[str, RunningService]()
    others: dict[str, ScriptedSource] = {}
    async with contextlib.AsyncExitStack() as stack:
        clients = {name: httpx.AsyncClient(transport=_transport(services, name), base_url=_url(name)) for name in parts}
        for client in clients.values():
            await stack.enter_async_context(client)

        def source(name: str, _: str) -> EventSource:
            return FeedSource(name, clients[name]) if name in clients else others.setdefault(name, ScriptedSource(name))

        for name, part in parts.items():
            values: dict[str, Any] = {
                "database_url": part.database_url,
                "issuer": tokens.issuer,
                "pool_size": 4,
                "persons_key": PERSONS_KEY,
            }
            values |= part.values
            app = part.create(part.settings(**values), Surroundings(clock=clock, source=source, keys=tokens.keys))
            services[name] = RunningService(app, clients[name], clock, tokens, others)
            stack.push_async_callback(app.state.runtime.engine.dispose)
        yield Town(services, clock)


async def flow(town: Town) -> None:
    """Let every service hear what the others have told, until nobody has anything more to say."""
    while fresh := {name: events for name, service in town.services.items() if (events := await _news(town, service))}:
        for service in town.services.values():
            for consumer in service.runtime.consumers:
                while consumer.source.name in fresh and await consumer.step() == BATCH:
                    continue
        town.heard.update({name: events[-1].position for name, events in fresh.items()})


async def ask(
    town: Town,
    person: Person | None,
    path: str,
    body: Any = None,
    *,
    method: str = "POST",
    service: str = "tender",
    version: int | None = None,
) -> httpx.Response:
    """Send a request."""
    return await Callers(town.services[service]).send(method, path, person, body, version=version)


async def done(
    town: Town,
    person: Person,
    path: str,
    body: Any = None,
    *,
    method: str = "POST",
    service: str = "tender",
    version: int | None = None,
) -> Any:
    """Send a request that succeeds, and return what was answered.

    Raises:
        AssertionError: if it does not.
    """
    return await Callers(town.services[service]).done(method, path, person, body, version=version)


async def seen(town: Town, path: str, person: Person | None = None, *, service: str = "tender") -> Any:
    """Return what can be read at a path."""
    return await Callers(town.services[service]).shown(path, person)


async def refusal(
    town: Town, person: Person, path: str, body: Any = None, *, service: str = "tender", **options: Any
) -> tuple[int, str, str | None, str | None]:
    """Send a request that is refused; return its status, its code, and the rule and the article that refuse it.

    Raises:
        AssertionError: if it is not refused, or left anything else than it was.
    """
    callers = Callers(town.services[service])
    before = await callers.kept()
    response = await ask(town, person, path, body, service=service, **options)
    if response.is_success or await callers.kept() != before:
        raise AssertionError(f"{path}: {response.status_code} {response.text} is no refusal that changes nothing")
    problem = response.json()
    return response.status_code, problem["code"], problem.get("rule"), problem.get("source")


async def told(town: Town, ocid: str, service: str = "tender") -> list[tuple[str, dict[str, Any]]]:
    """Return what a service has told of a contracting process, by type without its version."""
    events = await town.services[service].published()
    return [(event.type.rpartition(".")[0], event.data) for event in events if event.partitionkey == ocid]


async def told_as(town: Town, ocid: str, kind: str, service: str = "tender") -> list[dict[str, Any]]:
    """Return what a service has told of a contracting process in events of one type."""
    return [data for name, data in await told(town, ocid, service) if name == kind]


async def parked(town: Town) -> list[str]:
    """Return what a service could not handle and has put aside."""
    found: list[str] = []
    for name, service in town.services.items():
        rows = await service.execute("SELECT consumer || ' ' || type || ' ' || state FROM parked")
        found += [f"{name}: {row}" for row in rows.scalars().all()]
    return found


def instant(text: str) -> datetime:
    """Read an instant that an answer names."""
    return datetime.fromisoformat(text).astimezone(UTC)


def decimal(amount: Mapping[str, str]) -> Decimal:
    """Read how much an amount of money is."""
    return Decimal(amount["amount"])


async def _news(town: Town, service: RunningService) -> Sequence[Event]:
    return await service.published(town.heard.get(service.runtime.name, 0))


def _transport(services: Mapping[str, RunningService], name: str) -> httpx.ASGITransport:
    async def call(scope: Any, receive: Any, send: Any) -> None:
        await services[name].app(scope, receive, send)

    return httpx.ASGITransport(call, raise_app_exceptions=False)


def _url(name: str) -> str:
    return f"http://{name}.test"
