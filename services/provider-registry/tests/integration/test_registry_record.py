"""What a provider has done, from contracts and grades in whatever order they come."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from registry_facts import contract, graded, signed

from shared.contracts.contract import Assigned, Signed, Suspended, Terminated
from shared.contracts.event import EventData, Organisation
from shared.contracts.tender import PinnedPack
from shared.kernel.money import Money


def source_of(fact: EventData) -> str:
    return "tender" if isinstance(fact, Signed) else "evaluation"


async def updates(registry: Any) -> list[dict[str, Any]]:
    published = await registry.service.published()
    return [event.data for event in published if event.type == "provider.record-updated.v1"]


async def test_record_is_empty_when_nothing_was_done_yet(registry: Any) -> None:
    await registry.bring("registered")
    record = await registry.shown("/v1/providers/oarsmen/record")
    assert (record["contracts"], record["engagements"], record["periods"], record["categories"]) == (0, [], [], [])
    assert (record["mean_score"], record["rated_from"], record["pack"]["id"]) == (None, 3, "model")


async def test_provider_is_rated_when_three_periods_are_graded(registry: Any) -> None:
    await registry.bring("verified")
    await registry.service.deliver("tender", signed())
    await registry.service.deliver("evaluation", graded("1", "87.87", "B"), graded("2", "90.00"), graded("3", "91.00"))
    record = await registry.shown("/v1/providers/oarsmen/record")
    # (87.87 + 90.00 + 91.00) / 3 = 89.6233...
    assert (record["contracts"], record["mean_score"]) == (1, "89.62")
    assert record["periods"][0] == {
        "ocid": "ocds-test-1",
        "contract": str(contract(1)),
        "period": "1",
        "score": "87.87",
        "grade": "B",
        "graded_at": "2026-03-02T09:00:00.000000Z",
        "category": "meals",
        "reply": None,
    }
    assert await updates(registry) == [
        {
            "provider": "oarsmen",
            "contracts": 1,
            "periods_graded": count,
            "rated": count == 3,
            "mean_score": "89.62" if count == 3 else None,
            "latest_grade": grade,
            "latest_ocid": "ocds-test-1" if grade else None,
            "ended_early": 0,
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
    assert [event.sandbox for event in await registry.service.published()] == [True, False, False]


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


async def rated(registry: Any, query: str = "") -> dict[str, Any]:
    record = await registry.shown(f"/v1/providers/oarsmen/record{query}")
    (category,) = record["categories"]
    return dict(category)


async def ratings(registry: Any) -> list[tuple[str, int, str | None, str | None]]:
    events = [event for event in await registry.service.published() if event.type == "provider.rating-changed.v1"]
    return [
        (event.partitionkey, *(event.data[name] for name in ("observations", "score", "level"))) for event in events
    ]


async def test_rating_is_drawn_to_the_peers_and_can_be_worked_out_again(registry: Any) -> None:
    await registry.bring("registered")
    await registry.service.deliver("tender", signed(), signed(2, "galleymen"))
    await registry.service.deliver("evaluation", *(graded(period, "60", "C", 2, "galleymen") for period in "12"))
    newcomer = await rated(registry)
    assert (newcomer["rated"], newcomer["score"], newcomer["level"]) == (False, None, None)
    assert (newcomer["ranking"], newcomer["peer_mean"]) == ("60.00", "60.00")
    await registry.service.deliver("evaluation", *(graded(period, "90") for period in "123"))
    category = await rated(registry)
    # Five periods in all: peers (2 x 60 + 3 x 90) / 5 = 78; (3 x 90 + 5 x 78) / (3 + 5) = 82.5
    assert (category["observations"], category["weight"], category["mean"]) == (3, "3", "90.00")
    assert (category["peer_observations"], category["peer_mean"], category["score"]) == (5, "78.00", "82.50")
    assert (category["level"], category["steps"][-2]["exact"]) == ("satisfactory", "165/2")
    assert {"past-performance.shrinkage", "past-performance.expiry"} <= {rule["rule"] for rule in category["rules"]}
    assert await ratings(registry) == [
        ("galleymen", 1, None, None),
        ("galleymen", 2, None, None),
        ("oarsmen", 1, None, None),
        ("oarsmen", 2, None, None),
        ("oarsmen", 3, "82.50", "satisfactory"),
    ]


async def test_rating_of_a_past_instant_stays_whatever_is_graded_later(registry: Any) -> None:
    await registry.bring("registered")
    await registry.service.deliver("tender", signed())
    await registry.service.deliver("evaluation", *(graded(period, "90") for period in "123"))
    asked = f"?at={registry.service.clock.now().isoformat().replace('+00:00', 'Z')}"
    before = await rated(registry, asked)
    registry.service.clock.advance(days=365)
    await registry.service.deliver("evaluation", graded("3", "30", "D"), graded("4", "30", "D"))
    assert await rated(registry, asked) == before
    present = await rated(registry)
    # Two periods of 90 have half their weight, two of 30 all of it: (90 + 60) / 3 = 50, which is the peers' mean too.
    assert (present["weight"], present["mean"], present["peer_mean"], present["level"]) == (
        "3",
        "50.00",
        "50.00",
        "marginal",
    )
    other = await registry.shown("/v1/providers/oarsmen/record?pack=uk-2023")
    assert (other["categories"][0]["level"], other["pack"]["id"]) == ("requires-improvement", "uk-2023")


async def test_provider_is_rated_by_the_pack_in_force_when_its_contract_was_made_under_an_older_one(
    registry: Any,
) -> None:
    await registry.service.deliver("tender", signed(pack=PinnedPack(id="uk-2023", version="0.9.0")))
    await registry.service.deliver("evaluation", *(graded(period, "90") for period in "123"))
    assert (await ratings(registry))[-1] == ("oarsmen", 3, "90.00", "good")
    parked = await registry.service.execute("SELECT count(*) FROM parked")
    assert parked.scalar_one() == 0


async def test_everything_expires_and_a_category_nobody_served_has_no_mean(registry: Any) -> None:
    await registry.bring("registered")
    await registry.service.deliver("tender", signed())
    await registry.service.deliver("evaluation", *(graded(period, "90") for period in "123"))
    registry.service.clock.advance(days=1097)
    expired = await rated(registry)
    assert (expired["rated"], expired["peer_mean"], len(expired["left_out"])) == (False, None, 3)
    unknown = await rated(registry, "?category=night-watch")
    assert (unknown["category"], unknown["observations"], unknown["ranking"]) == ("night-watch", 0, None)


async def test_record_shows_what_became_of_each_contract(registry: Any) -> None:
    await registry.bring("registered")
    now = registry.service.clock.now()
    about = {"ocid": "ocds-test-1", "contract": contract(1)}
    await registry.service.deliver(
        "tender",
        signed(),
        Suspended(**about, reason="A flood.", suspended_from=now, suspended_until=now + timedelta(days=3)),
        Terminated(
            **about,
            supplier=Organisation(id="oarsmen", name="Oarsmen"),
            ground="supplier-breach",
            reason="Nobody came.",
            amount_paid=Money(0, "EUR"),
            last_day=now.date(),
            terminated_at=now,
            without_handover=None,
        ),
    )
    ((engagement,), updated) = (
        (await registry.shown("/v1/providers/oarsmen/record"))["engagements"],
        await updates(registry),
    )
    assert (engagement["category"], engagement["suspensions"], engagement["ending"]) == ("meals", 1, "supplier-breach")
    assert [event["ended_early"] for event in updated] == [0, 0, 1]


async def test_reply_stands_beside_the_grade_once_and_within_its_term(registry: Any) -> None:
    await registry.bring("graded")
    body = {"contract": str(contract(1)), "period": "1", "text": "It snowed."}

    async def reply(**changes: str) -> tuple[int, str | None]:
        answer = await registry.post(
            "/v1/providers/oarsmen/record/replies", registry.clerk("oarsmen"), {**body, **changes}
        )
        return answer.status_code, answer.json().get("code")

    assert await reply(period="2") == (404, "period-unknown")
    assert await reply() == (201, None)
    assert await reply(text="And it thawed.") == (409, "reply-given")
    (period,) = (await registry.shown("/v1/providers/oarsmen/record"))["periods"]
    assert period["reply"] == {"text": "It snowed.", "replied_at": "2026-03-02T09:00:00.000000Z"}
    await registry.service.deliver("evaluation", graded("2"))
    registry.service.clock.advance(days=15)
    assert await reply(period="2") == (409, "reply-too-late")
    assert (await registry.types()).count("provider.reply-given.v1") == 1


async def test_record_of_the_future_or_by_an_unknown_pack_is_refused(registry: Any) -> None:
    await registry.bring("registered")
    for query, status, code in (("at=2199-01-01T00:00:00Z", 422, "at-in-future"), ("pack=none", 404, "pack-unknown")):
        answer = await registry.service.client.get(f"/v1/providers/oarsmen/record?{query}")
        assert (answer.status_code, answer.json()["code"]) == (status, code)
