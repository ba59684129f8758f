"""The read model comes out the same whatever source is read first, after a redelivery and after a rebuild."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import event as hooks

from portal.messaging.handlers import on_events
from shared.contracts import catalogue
from shared.contracts.audit import ProcessImported, PublishedAmount
from shared.contracts.event import Event, EventData
from shared.kernel.ids import new_id
from shared.platform.consumer import Delivery
from shared.testing.clock import ManualClock
from shared.testing.services import RunningService, ScriptedSource

SOURCES = ("tender", "budget", "evaluation", "provider-registry")
OCID = "ocds-cxswn1-0001"
Journey = Sequence[tuple[str, EventData]]
Feeds = dict[str, list[Event]]


def delivery(event: Event) -> Delivery:
    return Delivery(event, catalogue.read(event.type, event.data))


@pytest.fixture
def feeds(portal_journey: Journey) -> Feeds:
    """The journey as four feeds; pairs of events have the same time."""
    clock, sources = ManualClock(), {name: ScriptedSource(name) for name in SOURCES}
    for number, (source, data) in enumerate(portal_journey):
        clock.advance(minutes=number % 2)
        sources[source].add(data, at=clock)
    return {name: source.events for name, source in sources.items()}


async def tables(service: RunningService) -> list[list[Any]]:
    return [
        [row[0] for row in await service.execute(f"SELECT {table}::text FROM {table} ORDER BY 1")]
        for table in ("timeline", "procedures", "providers")
    ]


async def consume(service: RunningService, source: str) -> None:
    for consumer in service.runtime.consumers:
        while consumer.source.name == source and await consumer.step():
            continue


async def test_the_tables_are_equal_when_the_sources_are_read_in_another_order(
    portal: RunningService, second_portal: RunningService, feeds: Feeds
) -> None:
    for service, order in ((portal, SOURCES), (second_portal, SOURCES[::-1])):
        for source in order:
            service.sources[source].events = feeds[source]
            await consume(service, source)

    assert await tables(portal) == await tables(second_portal)
    assert [len(rows) for rows in await tables(portal)] == [21, 1, 1]


async def test_the_tables_are_equal_when_events_come_one_by_one_from_changing_sources(
    portal: RunningService, second_portal: RunningService, feeds: Feeds
) -> None:
    for source in SOURCES:
        portal.sources[source].events = feeds[source]
        await consume(portal, source)
    for order in permutations(SOURCES):
        for source in order:
            known = second_portal.sources[source].events
            known.extend(feeds[source][len(known) : len(known) + 1])
            await consume(second_portal, source)

    assert await tables(portal) == await tables(second_portal)


async def test_the_tables_are_equal_when_they_are_built_again(portal: RunningService, feeds: Feeds) -> None:
    for source in SOURCES:
        portal.sources[source].events = feeds[source]
        await consume(portal, source)
    before = await tables(portal)
    path = "/v1/projections/procedures/rebuild"

    assert (await portal.client.post(path, headers={"Idempotency-Key": "1"})).status_code == 401
    denied = await portal.client.post(path, headers=portal.headers("bob", "county", "procurement-officer"))
    assert (denied.status_code, denied.json()["code"]) == (403, "role-missing")
    started = await portal.client.post(path, headers=portal.headers("ann", "platform", "operator"))
    assert started.status_code == 202
    assert await tables(portal) == [[], [], []]
    for source in reversed(SOURCES):
        for _ in range(2):  # the first reading finds that the place was forgotten
            await consume(portal, source)

    assert await tables(portal) == before


async def test_nothing_changes_when_an_event_is_delivered_again(portal: RunningService, feeds: Feeds) -> None:
    for source in SOURCES:
        portal.sources[source].events = feeds[source]
        await consume(portal, source)
    before = await tables(portal)
    await portal.execute("DELETE FROM key_positions")
    await portal.execute("UPDATE cursors SET position = 0")
    for consumer in portal.runtime.consumers:
        consumer.positions = {}
    for source in SOURCES:
        await consume(portal, source)

    assert await tables(portal) == before


async def test_no_event_is_missed_when_two_sources_tell_of_one_procedure_at_once(
    portal: RunningService, feeds: Feeds
) -> None:
    reserved = next(event for event in feeds["budget"] if event.type == "budget.reserved.v1")
    asked = next(event for event in feeds["tender"] if event.type == "tender.funding-requested.v1")
    runtime = portal.runtime

    async def second() -> None:
        async with runtime.engine.begin() as connection:
            await on_events(runtime.work(connection), [delivery(reserved)])

    async with runtime.engine.begin() as connection:
        await on_events(runtime.work(connection), [delivery(asked)])
        told_at_once = asyncio.create_task(second())
        await asyncio.sleep(0.3)
    await told_at_once

    (listed,) = (await portal.client.get("/v1/procedures")).json()["items"]
    assert (listed["events"], listed["state"]) == (2, "awaiting-funds")


async def test_nothing_is_parked_when_all_sources_are_read_at_once(portal: RunningService, feeds: Feeds) -> None:
    for source in SOURCES:
        portal.sources[source].events = feeds[source]
    await asyncio.gather(*(consume(portal, source) for source in SOURCES))

    assert (await portal.execute("SELECT count(*) FROM parked")).scalar() == 0
    shown = (await portal.client.get(f"/v1/procedures/{OCID}")).json()
    (listed,) = (await portal.client.get("/v1/procedures")).json()["items"]
    assert listed == {name: value for name, value in shown.items() if name in listed}
    assert listed["events"] == 15


async def test_the_plan_is_linked_when_it_is_told_after_the_tender(
    portal: RunningService, portal_journey: Journey
) -> None:
    planned, asked = portal_journey[3][1], portal_journey[4][1]
    await portal.deliver("tender", asked.model_copy(update={"title": "Asked"}))
    await portal.deliver("tender", planned)

    shown = (await portal.client.get(f"/v1/procedures/{OCID}")).json()
    (listed,) = (await portal.client.get("/v1/procedures")).json()["items"]
    assert shown["course"]["plan"]["data"]["title"] == "Home care"
    assert listed["category"] == "Home care for the elderly (A0301)"


async def test_an_own_procedure_stays_as_it_is_when_its_ocid_is_imported(portal: RunningService, feeds: Feeds) -> None:
    for source in ("tender", "budget"):
        portal.sources[source].events = feeds[source]
        await consume(portal, source)
    false = ProcessImported(
        ocid=OCID, title="False", status="cancelled", buyer=None, procurement_method=None, category=None,
        estimate=PublishedAmount(amount="0.01", currency="EUR"), awards=(), contracts=(), suppliers=(), published=None,
        closes=None, awarded=None, signed=None, bids=None, release="0" * 64, originals=("0" * 64,), notes=(),
    )  # fmt: skip
    portal.clock.advance(days=400)
    await portal.deliver("evaluation", false)

    (listed,) = (await portal.client.get("/v1/procedures")).json()["items"]
    assert (listed["title"], listed["external"], listed["state"]) == ("Home care 2026", False, "contracted")


async def test_an_event_is_parked_when_its_data_is_not_of_its_type(portal: RunningService, feeds: Feeds) -> None:
    broken = feeds["tender"][0].model_copy(
        update={"id": new_id(), "data": {"plan": "x"}, "time": feeds["tender"][0].time + timedelta(hours=1)}
    )
    portal.sources["tender"].events = [broken]
    await consume(portal, "tender")

    parked = await portal.client.get("/v1/parked", headers=portal.headers("ann", "platform", "operator"))
    assert [item["consumer"] for item in parked.json()] == ["procedures:tender"]
    assert await tables(portal) == [[], [], []]


async def test_a_batch_takes_the_same_statements_however_many_procedures_it_is_about(
    portal: RunningService, imported: Any
) -> None:
    written: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "timeline" in statement or "procedures" in statement:
            written.append(statement)

    hooks.listen(portal.runtime.engine.sync_engine, "before_cursor_execute", note)
    await portal.deliver("evaluation", *(imported(f"ocds-zz-{number}") for number in range(2)))
    few = len(written)
    await portal.deliver("evaluation", *(imported(f"ocds-zz-{number}") for number in range(2, 22)))
    assert len(written) == 2 * few
    assert (await portal.execute("SELECT count(*) FROM procedures")).scalar_one() == 22


async def test_an_office_that_calls_for_applications_is_no_provider(portal: RunningService) -> None:
    examples = {event_type: data for event_type, _, data in catalogue.golden_examples()}
    kinds = ("provider.programme-opened.v1", "provider.application-received.v1")
    await portal.deliver("provider-registry", *(catalogue.read(kind, examples[kind]) for kind in kinds))
    timeline, _, providers = await tables(portal)
    assert len(timeline) == 2
    assert len(providers) == 1
    assert "org-oarsmen-care" in providers[0]
