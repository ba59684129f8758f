import asyncio
import random  # noqa: TID251 - shuffles with a fixed seed, decides nothing
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.award import Confirmed, Proposed
from shared.contracts.budget import Committed, Held, Paid
from shared.contracts.contract import Signed
from shared.contracts.event import Event, EventData, Organisation
from shared.contracts.tender import Delivery, PinnedPack, Published, Service
from shared.kernel.ids import derived_id
from shared.kernel.money import Money
from shared.testing.services import RunningService, ScriptedSource

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
AWARD = UUID(int=2)
COOPERATIVE = Organisation(id="meals-coop", name="Meals Cooperative")
MakeSigned = Callable[..., Signed]


def published(ocid: str) -> Published:
    return Published(
        ocid=ocid,
        tender=UUID(int=1),
        plan=UUID(int=4),
        title="Meals",
        description="Meals on wheels for people who cannot cook.",
        buyer=Organisation(id="county", name="The County"),
        service=Service(code="meals", title="Meals on wheels"),
        value=Money(1_200_000, "EUR"),
        lots=(),
        criteria=(),
        delivery=Delivery(start=START.date(), end=START.date(), periods=2),
        published_at=START,
        closes_at=START + timedelta(days=30),
        pack=PinnedPack(id="model", version="1.0.0"),
        acceleration=1,
    )


def awarded(ocid: str, contract: UUID) -> tuple[EventData, ...]:
    value = Money(1_000_000, "EUR")
    return (
        Proposed(
            ocid=ocid,
            tender=UUID(int=1),
            award=AWARD,
            supplier=COOPERATIVE,
            value=value,
            ranking=(),
            formula="ratio_to_lowest",
            derivation=(),
            standstill_ends_at=START + timedelta(days=45),
        ),
        Confirmed(
            ocid=ocid,
            tender=UUID(int=1),
            award=AWARD,
            contract=contract,
            supplier=COOPERATIVE,
            value=value,
            signature_due=START + timedelta(days=75),
        ),
    )


def spent(ocid: str, contract: UUID) -> tuple[EventData, ...]:
    about: dict[str, Any] = {"ocid": ocid, "contract": contract}
    period = {"period": "2026-03", "payee": "meals-coop", "grade": "B"}
    return (
        Committed(**about, line=UUID(int=7), amount=Money(1_000_000, "EUR")),
        Paid(
            **about,
            **period,
            payment=UUID(int=8),
            amount=Money(475_000, "EUR"),
            share="0.95",
            paid_at=START + timedelta(days=120),
        ),
        Held(**about, **period, amount=Money(25_000, "EUR"), reason="Small shortcomings."),
    )


@pytest.fixture
def journeys(signed: MakeSigned) -> dict[str, list[Event]]:
    """Two contracting processes, as the two sources published them: the second got as far as the award."""
    events: dict[str, list[tuple[datetime, EventData]]] = {"tender": [], "budget": []}
    for number in (1, 2):
        contract = UUID(int=20 + number)
        agreement = signed(contract)
        tender = [published(agreement.ocid), *awarded(agreement.ocid, contract), *([agreement] if number == 1 else [])]
        events["tender"] += [(START + timedelta(hours=10 * step), data) for step, data in enumerate(tender)]
        budget = spent(agreement.ocid, contract)
        events["budget"] += [(START + timedelta(hours=35 + 10 * step), data) for step, data in enumerate(budget)]
    return {source: [_event(source, at, data) for at, data in timed] for source, timed in events.items()}


def _event(source: str, at: datetime, data: EventData) -> Event:
    return Event(
        id=derived_id("test", source, data.TYPE, data.key()),
        source=f"/{source}",
        type=data.TYPE,
        subject="x",
        time=at,
        dataschema="x",
        partitionkey=data.key(),
        sequence="0000000001",
        position=0,
        data=data.model_dump(mode="json"),
    )


async def consume(service: RunningService, order: Sequence[Event]) -> None:
    """Let the events arrive one after the other, each source's in the order given."""
    for event in order:
        name = event.source.removeprefix("/")
        source = service.sources.setdefault(name, ScriptedSource(name))
        source.events.append(event.model_copy(update={"position": len(source.events) + 1}))
        await catch_up(service)


async def catch_up(service: RunningService) -> None:
    for consumer in service.runtime.consumers:
        while await consumer.step():
            continue


def interleaving(journeys: dict[str, list[Event]], number: int) -> list[Event]:
    """Mix the sources as seed `number` says; the order within a source is its own."""
    queues = [iter(journeys["tender"]), iter(journeys["budget"])]
    turns = [0] * len(journeys["tender"]) + [1] * len(journeys["budget"])
    random.Random(number).shuffle(turns)  # noqa: S311 - no secret is made
    return [event for turn in turns for event in islice(queues[turn], 1)]


async def tables(service: RunningService) -> list[str]:
    """Read the projection's tables, byte for byte as PostgreSQL writes their rows."""
    facts = await service.execute("SELECT contract_facts::text AS row FROM contract_facts ORDER BY event_id")
    contracts = await service.execute("SELECT contracts::text AS row FROM contracts ORDER BY id")
    return [row.row for result in (facts, contracts) for row in result]


def restart(service: RunningService) -> None:
    """Let every consumer begin at its cursor, as it does when the service starts."""
    for consumer in service.runtime.consumers:
        consumer.positions = None


async def rebuild(service: RunningService) -> None:
    headers = service.headers("o", "ops", "operator")
    answer = await service.client.post("/v1/projections/contracts/rebuild", headers=headers)
    assert (answer.status_code, answer.json()) == (202, {"projection": "contracts", "sources": ["tender", "budget"]})
    assert await tables(service) == []
    restart(service)
    await catch_up(service)


async def test_contract_is_shown_as_others_published_it(
    evaluation: RunningService, journeys: dict[str, list[Event]]
) -> None:
    await consume(evaluation, interleaving(journeys, 1))
    shown = (await evaluation.client.get(f"/v1/contracts/{UUID(int=21)}")).json()
    amounts = {key: shown[key]["amount"] for key in ("value", "committed", "paid", "held")}
    assert amounts == {"value": "10000.00", "committed": "10000.00", "paid": "4750.00", "held": "250.00"}
    assert (shown["state"], shown["title"], shown["buyer"]["id"]) == ("signed", "Meals on wheels", "county")
    assert (shown["supplier"], shown["service"]["code"]) == ({"id": "meals-coop", "name": "Meals Cooperative"}, "meals")
    assert shown["closes_at"] == "2026-02-04T09:00:00.000000Z"
    assert [milestone["period"] for milestone in shown["milestones"]] == ["2026-03", "2026-04"]
    other = (await evaluation.client.get(f"/v1/contracts/{UUID(int=22)}")).json()
    assert (other["state"], other["title"], other["signed_at"]) == ("awarded", "Meals", None)
    assert (await evaluation.client.get(f"/v1/contracts/{UUID(int=23)}")).status_code == 404


async def test_contracts_are_listed_page_after_page(
    evaluation: RunningService, journeys: dict[str, list[Event]]
) -> None:
    await consume(evaluation, interleaving(journeys, 1))
    first = (await evaluation.client.get("/v1/contracts?limit=1")).json()
    assert [item["id"] for item in first["items"]] == [str(UUID(int=21))]
    second = (await evaluation.client.get(f"/v1/contracts?limit=1&cursor={first['next']}")).json()
    assert ([item["id"] for item in second["items"]], second["next"]) == ([str(UUID(int=22))], None)


@pytest.mark.parametrize("number", range(6))
async def test_tables_are_the_same_whatever_order_the_sources_are_read_in(
    evaluation: RunningService, journeys: dict[str, list[Event]], number: int
) -> None:
    await consume(evaluation, interleaving(journeys, number))
    shuffled = await tables(evaluation)
    assert len(shuffled) == 13 + 2
    await rebuild(evaluation)
    assert await tables(evaluation) == shuffled
    for table in ("contract_facts", "contracts"):
        await evaluation.execute(f"DELETE FROM {table}")
    for table in ("key_positions", "cursors"):
        await evaluation.execute(f"DELETE FROM {table} WHERE consumer LIKE 'contracts:%'")
    # Budget first, then tender: the order that is furthest from what happened.
    restart(evaluation)
    consumers = {consumer.name: consumer for consumer in evaluation.runtime.consumers}
    for name in ("contracts:budget", "contracts:tender"):
        await consumers[name].step()
    assert await tables(evaluation) == shuffled


async def test_no_fact_is_missed_when_both_sources_are_consumed_at_once(
    evaluation: RunningService, journeys: dict[str, list[Event]]
) -> None:
    await consume(evaluation, interleaving(journeys, 1))
    expected = await tables(evaluation)
    for _ in range(10):
        await evaluation.execute("DELETE FROM contract_facts")
        await evaluation.execute("DELETE FROM contracts")
        await evaluation.execute("DELETE FROM key_positions")
        await evaluation.execute("DELETE FROM cursors")
        restart(evaluation)
        projecting = [consumer for consumer in evaluation.runtime.consumers if consumer.projection == "contracts"]
        await asyncio.gather(*(consumer.step() for consumer in projecting))
        assert await tables(evaluation) == expected


async def test_fact_counts_once_when_it_is_delivered_again(
    evaluation: RunningService, journeys: dict[str, list[Event]]
) -> None:
    order = interleaving(journeys, 1)
    await consume(evaluation, order)
    once = await tables(evaluation)
    await evaluation.execute("DELETE FROM key_positions WHERE consumer LIKE 'contracts:%'")
    await consume(evaluation, order)
    assert await tables(evaluation) == once
