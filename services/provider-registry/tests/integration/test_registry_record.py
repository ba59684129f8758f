"""What a provider has done, from contracts and grades in whatever order they come."""

from datetime import UTC, date, datetime
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.contract import Assigned, Milestone, Signed
from shared.contracts.event import EventData, Organisation
from shared.contracts.inspection import PeriodGraded
from shared.contracts.tender import PinnedPack, Service
from shared.kernel.ids import derived_id
from shared.kernel.money import Money


def contract(number: int) -> UUID:
    return derived_id("contract", number)


def signed(number: int = 1, supplier: str = "oarsmen") -> Signed:
    return Signed(
        ocid=f"ocds-test-{number}",
        tender=derived_id("tender", number),
        award=derived_id("award", number),
        contract=contract(number),
        title="Meals on wheels",
        buyer=Organisation(id="county", name="The County"),
        supplier=Organisation(id=supplier, name=supplier.title()),
        service=Service(code="meals", title="Meals on wheels"),
        value=Money(100_000, "EUR"),
        milestones=(
            Milestone(period="1", start=date(2026, 3, 1), end=date(2026, 3, 31), amount=Money(100_000, "EUR")),
        ),
        signed_at=datetime(2026, 3, 2, 9, tzinfo=UTC),
        pack=PinnedPack(id="model", version="1.0.0"),
        acceleration=1,
    )


def graded(period: str = "1", score: str = "90.00", grade: str = "A", number: int = 1) -> PeriodGraded:
    return PeriodGraded(
        ocid=f"ocds-test-{number}",
        contract=contract(number),
        period=period,
        provider="oarsmen",
        score=score,
        grade=grade,
        derivation=(),
    )


def source_of(fact: EventData) -> str:
    return "tender" if isinstance(fact, Signed) else "evaluation"


async def updates(registry: Any) -> list[dict[str, Any]]:
    published = await registry.service.published()
    return [event.data for event in published if event.type == "provider.record-updated.v1"]


async def test_record_is_empty_when_nothing_was_done_yet(registry: Any) -> None:
    await registry.bring("registered")
    assert await registry.shown("/v1/providers/oarsmen/record") == {
        "organisation": "oarsmen",
        "contracts": 0,
        "periods": [],
        "mean_score": None,
        "rated_from": 3,
    }


async def test_provider_is_rated_when_three_periods_are_graded(registry: Any) -> None:
    await registry.bring("verified")
    await registry.service.deliver("tender", signed())
    await registry.service.deliver("evaluation", graded("1", "87.87", "B"), graded("2", "90.00"), graded("3", "91.00"))
    record = await registry.shown("/v1/providers/oarsmen/record")
    # (87.87 + 90.00 + 91.00) / 3 = 89.6233...
    assert (record["contracts"], record["mean_score"]) == (1, "89.62")
    assert record["periods"][0] == {"ocid": "ocds-test-1", "period": "1", "score": "87.87", "grade": "B"}
    assert await updates(registry) == [
        {
            "provider": "oarsmen",
            "contracts": 1,
            "periods_graded": count,
            "rated": count == 3,
            "mean_score": "89.62" if count == 3 else None,
            "latest_grade": grade,
            "latest_ocid": "ocds-test-1" if grade else None,
        }
        for count, grade in enumerate((None, "B", "A", "A"))
    ]


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_record_is_the_same_in_whatever_order_its_facts_come(registry: Any, order: tuple[int, ...]) -> None:
    await registry.bring("registered")
    facts = (signed(1), signed(2), graded("1", "80.00", "B", number=2))
    for place in order:
        await registry.service.deliver(source_of(facts[place]), facts[place])
    record = await registry.shown("/v1/providers/oarsmen/record")
    assert (record["contracts"], [period["ocid"] for period in record["periods"]]) == (2, ["ocds-test-2"])
    assert len(await updates(registry)) == 3


async def test_record_changes_once_when_a_fact_is_told_twice(registry: Any) -> None:
    await registry.bring("registered")
    for fact in (signed(), graded(), signed(), graded()):  # as new events, which nobody has seen
        await registry.service.deliver(source_of(fact), fact)
    assert len(await updates(registry)) == 2
    registry.service.sources["tender"].events[1:] = []
    await registry.service.execute("UPDATE cursors SET position = 0")
    for consumer in registry.service.runtime.consumers:
        consumer.positions = None
        assert await consumer.step() > 0
    assert len(await updates(registry)) == 2
    parked = await registry.service.execute("SELECT count(*) FROM parked")
    assert parked.scalar_one() == 0


async def test_record_is_kept_when_the_supplier_is_not_in_the_registry_yet(registry: Any) -> None:
    await registry.service.deliver("tender", signed())
    assert (await registry.service.client.get("/v1/providers/oarsmen/record")).status_code == 404
    await registry.bring("registered")
    assert (await registry.shown("/v1/providers/oarsmen/record"))["contracts"] == 1


async def test_update_is_marked_a_sandbox_event_when_its_cause_is_one(registry: Any) -> None:
    await registry.service.deliver("tender", signed(), sandbox=True)
    await registry.service.deliver("evaluation", graded())
    assert [event.sandbox for event in await registry.service.published()] == [True, False]


async def test_a_contract_is_counted_for_both_when_it_goes_over_to_another(registry: Any) -> None:
    await registry.bring("registered")
    assigned = Assigned(
        ocid="ocds-test-1",
        contract=contract(1),
        before=Organisation(id="galleymen", name="Galleymen"),
        supplier=Organisation(id="oarsmen", name="Oarsmen"),
        ground="succession",
        reason="A merger.",
        assigned_at=datetime(2026, 4, 1, 9, tzinfo=UTC),
        rule="contract-assignment.grounds",
        source="An act",
    )
    await registry.service.deliver("tender", signed(supplier="galleymen"), assigned, assigned)
    counted = {event["provider"]: event["contracts"] for event in await updates(registry)}
    assert counted == {"galleymen": 1, "oarsmen": 1}
