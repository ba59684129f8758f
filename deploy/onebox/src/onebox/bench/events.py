"""`coxswain bench events`: from a command's commit to the evaluation's effect, over Kafka or on the feed of one box."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
from fastapi import FastAPI
from pydantic import SecretStr
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncEngine

import evaluation.main
import evaluation.settings
import tender.main
import tender.settings
from onebox.bench import measures, peers
from onebox.bench.report import Figure, percentile, show
from onebox.bench.stage import Stage, staged
from onebox.persons_key import persons_key
from onebox.receipt_key import receipt_key
from shared.kernel.clock import SystemClock
from shared.platform import logging
from shared.platform.auth import DEMO_ISSUER
from shared.platform.runtime import Runtime
from shared.platform.service import Surroundings
from shared.platform.settings import Role
from shared.platform.sources import FeedSource

RELAY_AIM, EFFECTS_AIM, P99_AIM = 5_000, 1_500, 500
A_SECOND, RATE = 200, "events/s"


def bench(console: Console, *, kafka: bool, events: int, workers: int, seconds: int, as_json: bool) -> None:
    """Measure, and print what was measured."""
    with staged(kafka=kafka) as stage:
        figures = asyncio.run(_figures(stage, events, workers, seconds))
    title = f"Events over Kafka, {workers} workers" if kafka else "Events on the feed of one box"
    show(console, title, figures, as_json=as_json)


async def _figures(stage: Stage, events: int, workers: int, seconds: int) -> list[Figure]:
    async with stage.engine("tender") as log, stage.engine("evaluation") as effects:
        if stage.kafka is None:
            figures = [figure async for figure in in_one_box(stage, log, effects, events, seconds)]
        else:
            figures = [figure async for figure in over_kafka(stage, log, effects, events, workers, seconds)]
        if await measures.read(effects, measures.PARKED):
            raise RuntimeError("Some events could not be handled, so the figures say nothing.")
        return figures


async def over_kafka(
    stage: Stage, log: AsyncEngine, effects: AsyncEngine, events: int, workers: int, seconds: int
) -> AsyncIterator[Figure]:
    """Measure the parts one after the other, then the whole; relay and workers are processes of their own."""
    assert stage.kafka is not None  # noqa: S101 - staged with it
    appended = await measures.fill(log, events)
    with contextlib.ExitStack() as processes:
        processes.enter_context(stage.process("tender", Role.RELAY))
        relayed = await measures.rate(log, measures.RELAYED, events)
        bare = await peers.bare_producer(log, stage.kafka, events)
        yield Figure("relay: log to Kafka", relayed, RATE, RELAY_AIM, "bare aiokafka producer", bare)
        for _ in range(workers):
            processes.enter_context(stage.process("evaluation", Role.WORKER))
        taken = await measures.rate(effects, measures.TAKEN, events)
        inserts = await peers.bare_inserts(stage.postgres.owner_url("evaluation"), events)
        yield Figure("effects: Kafka to read model", taken, RATE, EFFECTS_AIM, "bare insert loop", inserts)
        async for figure in _whole_way(log, effects, events, seconds, appended, _nobody_to_tell):
            yield figure


async def in_one_box(
    stage: Stage, log: AsyncEngine, effects: AsyncEngine, events: int, seconds: int
) -> AsyncIterator[Figure]:
    """Measure the same on the feed: both services in this process, as in the one-box."""
    appended = await measures.fill(log, events)
    async with _both(stage) as wake:
        taken = await measures.rate(effects, measures.TAKEN, events)
        inserts = await peers.bare_inserts(stage.postgres.owner_url("evaluation"), events)
        yield Figure("effects: feed to read model", taken, RATE, EFFECTS_AIM, "bare insert loop", inserts)
        async for figure in _whole_way(log, effects, events, seconds, appended, wake):
            yield figure


async def _whole_way(
    log: AsyncEngine, effects: AsyncEngine, events: int, seconds: int, alone: float, appended: Callable[[], None]
) -> AsyncIterator[Figure]:
    before, began = await measures.read(effects, measures.TAKEN), time.perf_counter()
    await measures.fill(log, events, appended=appended)
    await measures.until(effects, measures.TAKEN, before + events)
    whole = events / (time.perf_counter() - began)
    yield Figure("append to effect, all at once", whole, RATE, None, "appending alone", alone)
    taken = await measures.latencies(log, effects, a_second=A_SECOND, seconds=seconds, appended=appended)
    for percent in (50, 99):
        what = f"commit to effect at {A_SECOND} events/s, p{percent}"
        yield Figure(what, 1000 * percentile(taken, percent), "ms", P99_AIM)


@contextlib.asynccontextmanager
async def _both(stage: Stage) -> AsyncIterator[Callable[[], None]]:
    """Run both services in this process; yield what a command does after its commit."""
    apps: dict[str, FastAPI] = {}

    async def call(scope: Any, receive: Any, send: Any) -> None:
        await apps["tender"](scope, receive, send)

    async def no_keys() -> dict[str, Any]:
        return {"keys": []}

    client = httpx.AsyncClient(transport=httpx.ASGITransport(call), base_url="http://tender.box")
    silent = httpx.AsyncClient(transport=httpx.MockTransport(_nothing), base_url="http://silent.box")
    surroundings = Surroundings(
        clock=SystemClock(),
        source=lambda name, _: FeedSource(name, client if name == "tender" else silent),
        keys=no_keys,
    )
    key = SecretStr(persons_key(stage.folder / "persons-key"))
    common: dict[str, Any] = {"issuer": DEMO_ISSUER, "one_box": True, "persons_key": key}
    apps["tender"] = tender.main.create(
        tender.settings.Settings(
            database_url=SecretStr(stage.postgres.url("tender")),
            receipt_key=SecretStr(receipt_key(stage.folder / "receipt-key.pem")),
            **common,
        ),
        surroundings,
    )
    apps["evaluation"] = evaluation.main.create(
        evaluation.settings.Settings(database_url=SecretStr(stage.postgres.url("evaluation")), **common), surroundings
    )
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(contextlib.closing(logging.configure(stage.folder / "services.log")))
        for closing in (client, silent):
            await stack.enter_async_context(closing)
        for app in apps.values():
            await stack.enter_async_context(app.router.lifespan_context(app))
        runtime: Runtime = apps["tender"].state.runtime
        yield runtime.sequencer.wake


async def _nothing(_: httpx.Request) -> httpx.Response:
    await asyncio.sleep(1)
    return httpx.Response(200, json=[])


def _nobody_to_tell() -> None:
    """Do nothing: the relay looks by itself."""
