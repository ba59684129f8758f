"""Journey: what was answered of an instant is answered again to the byte, whatever has become of everything since."""

from collections.abc import Mapping

from provider_registry.main import create
from provider_registry.settings import Settings
from shared.testing.course import REGISTRY, clerk, verify
from shared.testing.registration import (
    COURT,
    SERVICE,
    change,
    declare,
    enter,
    hand_in,
    head,
    let_time_act,
    named_in_events,
    notify,
    paper,
    provider_path,
)
from shared.testing.services import RunningService, running
from shared.testing.town import Town, done

PACKS = ("model", "uk-2023", "eu-light")
PEOPLE = ("Hyacinth Oldershaw", "Balthasar Quickenden")
SUSPENSION = {
    "kind": "suspension",
    "scopes": ["tenders", "orders", "payments"],
    "facts": "Fraud is looked into.",
    "evidence": ["c" * 64],
    "event_day": "2026-03-01",
}


async def answers(service: RunningService, at: str) -> Mapping[str, bytes]:
    """Return all that is answered of an instant, as it goes over the wire."""
    paths = [
        *(f"/eligibility?pack={pack}&for={name}&" for pack in PACKS for name in ("tenders", "orders", "payments")),
        *(f"{rest}?" for rest in ("", "/restrictions", "/next-steps", "/record")),
    ]
    found = {}
    for path in paths:
        response = await service.client.get(f"{provider_path('seedling', path)}at={at}")
        assert response.status_code == 200, response.text
        found[path] = response.content
    return found


def instant(town: Town) -> str:
    return town.clock.now().isoformat().replace("+00:00", "Z")


async def change_everything(town: Town, document: str) -> None:
    """Withdraw a document, suspend the provider, change its people, its name, and its entry for another."""
    town.clock.advance(hours=1)
    await done(town, clerk("seedling"), f"{document}/withdrawal", {"reason": "It was another's."}, service=SERVICE)
    town.clock.advance(hours=1)
    case = await notify(town, "seedling", SUSPENSION)
    await done(town, clerk("seedling"), f"{case}/reply", {"statement": "No."}, service=SERVICE)
    decision = {"upheld": True, "reasons": "It is.", "last_day": "2026-06-30"}
    await done(town, COURT, f"{case}/decision", decision, service=SERVICE)
    town.clock.advance(hours=1)
    await change(town, "seedling", "/people", head(PEOPLE[1]))
    await change(town, "seedling", "", {"name": "Sapling Neighbours", "legal_form": "foundation"})
    town.clock.advance(hours=1)
    await enter(town, "sapling", name="Sapling Care")
    body = {"given_up": "seedling", "kept": "sapling", "reason": "The same."}
    merge = (await done(town, REGISTRY[0], "/v1/merges", body, service=SERVICE))["id"]
    await done(town, REGISTRY[1], f"/v1/merges/{merge}/confirmation", service=SERVICE)


async def test_past_answer_is_the_same_to_the_byte_after_everything_has_changed_and_a_restart(town: Town) -> None:
    registry = town.services[SERVICE]
    await enter(town, "seedling", name="Seedling Neighbours")
    await change(town, "seedling", "/people", head(PEOPLE[0]))
    await verify(town, "seedling")
    for pack in PACKS:
        await declare(town, "seedling", pack)
    span = {"first": "2026-03-01", "last": "2027-02-28"}
    document = await hand_in(town, "seedling", paper("tax-clearance", ["taxes-unpaid"], **span))
    then = instant(town)
    first = await answers(registry, then)
    assert b'"eligible":true' in first["/eligibility?pack=model&for=tenders&"]
    issue = {"pack": "model", "at": then}
    issued = await done(town, clerk("seedling"), provider_path("seedling", "/evidence-pack"), issue, service=SERVICE)

    await change_everything(town, document)
    now = await answers(registry, instant(town))
    assert not any(b'"eligible":true' in answer for answer in now.values())
    assert (b"Seedling Neighbours" in first["?"], b'"merged_into":"sapling"' in now["?"]) == (True, True)
    assert await answers(registry, then) == first
    # The United Kingdom's pack has another version by then; what was asked of an instant goes by that of the instant.
    town.clock.advance(days=280)
    await let_time_act(town)
    assert b'"pack_version":"1.1.0"' in first["/eligibility?pack=uk-2023&for=tenders&"]
    assert await answers(registry, then) == first
    again = await done(town, clerk("seedling"), provider_path("seedling", "/evidence-pack"), issue, service=SERVICE)
    assert again["digest"] == issued["digest"]

    url = registry.runtime.engine.url.render_as_string(hide_password=False)
    async with running(create, Settings, url, objects="memory:///") as restarted:
        restarted.clock.set(town.clock.now())
        assert await answers(restarted, then) == first
    assert await named_in_events(town, *PEOPLE, "seedling-clerk", '"rosa"', '"rolf"') == []
