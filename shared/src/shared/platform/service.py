"""Assembles a service: the same house for all five."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import APIRouter, FastAPI
from fastapi_swagger import patch_fastapi

from shared.kernel.access import Policy
from shared.kernel.clock import Clock, SystemClock
from shared.platform import feed, logging, operations, problems, roles, telemetry
from shared.platform.answers import KeptAnswers
from shared.platform.auth import FetchKeys, TokenVerifier, fetch_keys
from shared.platform.consumer import Consumer, Fold, Handlers, Projection, consumer_name
from shared.platform.database import create_engine
from shared.platform.edge import Edge
from shared.platform.kafka.relay import Relay
from shared.platform.kafka.source import KafkaSource
from shared.platform.openapi import DocumentedAPI
from shared.platform.problems import Problem
from shared.platform.runtime import Runtime
from shared.platform.sequencer import Sequencer
from shared.platform.settings import Role, ServiceSettings
from shared.platform.sources import EventSource, FeedSource
from shared.platform.timekeeper import Timed, Timekeeper
from shared.platform.work import Publish

Problems = dict[int | str, dict[str, Any]]
_PROBLEMS: Problems = {
    status: {"content": {problems.MEDIA_TYPE: {}}, "description": description}
    for status, description in (
        (400, "The request cannot be read."),
        (401, "No valid access token."),
        (403, "Not allowed to this party."),
        (404, "There is no such thing, or not for this party."),
        (409, "A rule or the present state refuses."),
        (412, "Changed in the meantime."),
        (413, "The body is too large."),
        (415, "The media type is not read here."),
        (422, "The request makes no sense."),
        (428, "The If-Match condition is missing."),
        (503, "Not available at the moment; nothing was changed."),
    )
}


@dataclass(frozen=True, slots=True)
class Definition:
    """What is particular to one service."""

    name: str
    title: str
    summary: str
    routers: Sequence[APIRouter]
    policy: Policy
    publish: Publish
    handlers: Mapping[str, Handlers] = field(default_factory=dict)
    projections: Mapping[str, Projection] = field(default_factory=dict)
    timed: Sequence[Timed] = ()
    larger_bodies: Mapping[str, int] = field(default_factory=dict)
    sealed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a service finds around it: the time, the other services' events, the keys of the token issuer.

    `source` is asked for another service's events by that service's name and the consumer's.
    """

    clock: Clock
    source: Callable[[str, str], EventSource]
    keys: FetchKeys
    close: Callable[[], Awaitable[None]] | None = None


def create_service(definition: Definition, settings: ServiceSettings, surroundings: Surroundings) -> FastAPI:
    """Put a service together; its lifespan starts and stops everything that runs beside the API."""
    settings.refuse_demo_outside_one_box()
    engine = create_engine(settings.database_url.get_secret_value(), pool_size=settings.pool_size)
    roles.refuse_owner(engine)
    # Nobody tells a relay's sequencer that another process has committed, so it looks often.
    sequencer = Sequencer(engine, poll_seconds=0.03 if settings.role is Role.RELAY else 0.25)
    runtime = Runtime(
        name=definition.name,
        engine=engine,
        clock=surroundings.clock,
        sandbox=settings.sandbox,
        policy={**definition.policy, **operations.POLICY},
        publish=definition.publish,
        tokens=TokenVerifier(settings.issuer, definition.name, surroundings.keys),
        sequencer=sequencer,
        projections=definition.projections,
        role=settings.role,
        persons_key=settings.persons_key.get_secret_value().encode() if settings.persons_key else None,
    )
    runtime.consumers = tuple(
        Consumer(
            surroundings.source(name, consumer_name(name, consumed.projection if isinstance(consumed, Fold) else None)),
            consumed,
            engine=engine,
            clock=surroundings.clock,
            sandbox=settings.sandbox,
            publish=definition.publish,
            sequencer=sequencer,
        )
        for name, consumed in _consumed(definition)
    )
    if definition.timed:
        runtime.timekeeper = Timekeeper(
            engine,
            definition.timed,
            clock=surroundings.clock,
            sandbox=settings.sandbox,
            publish=definition.publish,
            sequencer=sequencer,
        )
    answers = KeptAnswers(engine, surroundings.clock, days=settings.answers_kept_days)
    if settings.kafka is not None and settings.role in {Role.ALL, Role.RELAY}:
        runtime.relay = Relay(engine, definition.name, sequencer, settings.kafka)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        tasks = [
            asyncio.create_task(run(), name=f"{definition.name}:{kind}") for kind, run in _background(runtime, answers)
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await engine.dispose()
            if surroundings.close is not None:
                await surroundings.close()

    app = DocumentedAPI(
        title=definition.title,
        summary=definition.summary,
        version="0.1.0",
        lifespan=lifespan,
        responses=_PROBLEMS,
        docs_url=None,
        redoc_url=None,
        # The edge traces and logs every request; these would name sealed paths and quote what was sent.
        telemetry={"tracing": False, "logs": False},
        swagger_ui_oauth2_redirect_url=None,
        generate_unique_id_function=lambda route: route.name.replace("_", "-"),
    )
    app.state.runtime = runtime
    problems.install(app)
    # The documentation's scripts come from us: no page of ours asks a third party for anything.
    patch_fastapi(app, redirect_from_root_to_docs=False)
    answering = settings.role in {Role.ALL, Role.API}
    for router in (*definition.routers, feed.router, operations.parked) if answering else ():
        app.answer(router)
    # The document takes the model of a problem from here, once: FastAPI makes it anew for every answer that names it.
    app.answer(operations.health, responses={400: {**_PROBLEMS[400], "model": Problem}})
    app.add_middleware(Edge, service=definition.name, larger_bodies=definition.larger_bodies, sealed=definition.sealed)
    return app


def _consumed(definition: Definition) -> Iterator[tuple[str, Handlers | Fold]]:
    yield from definition.handlers.items()
    for name, projection in definition.projections.items():
        for source, types in projection.types.items():
            yield source, Fold(name, types, projection.enter)


def _background(runtime: Runtime, answers: KeptAnswers) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield what runs beside the API in a process of this role."""
    role = runtime.role
    yield "sequencer", runtime.sequencer.run if role in {Role.ALL, Role.RELAY} else runtime.sequencer.watch
    if role in {Role.ALL, Role.RELAY}:
        yield "answers", answers.run
    if runtime.relay is not None:
        yield "relay", runtime.relay.run
    if role in {Role.ALL, Role.WORKER}:
        for consumer in runtime.consumers:
            yield f"consumer:{consumer.name}", consumer.run
        if runtime.timekeeper is not None:
            yield "timekeeper", runtime.timekeeper.run


def standing_alone(service: str, settings: ServiceSettings) -> Surroundings:
    """Begin the log of a process of its own, and return its surroundings: others are found in Kafka, or by URL."""
    logging.configure()
    telemetry.configure(f"coxswain-{service}")
    # What was imported stays as long as the process: looked through for garbage again and again, it would hold up some
    # request or other for half a second.
    gc.collect()
    gc.freeze()
    client = httpx.AsyncClient()

    def source(name: str, consumer: str) -> EventSource:
        if settings.kafka is not None:
            group = f"{settings.kafka.topic_prefix}coxswain.{service}.{consumer.replace(':', '.')}"
            return KafkaSource(name, group, settings.kafka)
        return FeedSource(name, client, f"{settings.feeds[name].rstrip('/')}/v1/events")

    return Surroundings(
        clock=SystemClock(), source=source, keys=fetch_keys(client, settings.jwks_url), close=client.aclose
    )
