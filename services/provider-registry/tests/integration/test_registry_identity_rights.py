"""Who may say who an organisation is, and who may judge that two are one: every route x every party."""

from typing import Any

import pytest
from fastapi.routing import APIRoute

from provider_registry.api import details, duplicates
from provider_registry.domain.duplicate import pair

PAIR = pair("oarsmen", "sunrise")
MEMBERS = {"members": [{"organisation": one, "share": "50"} for one in ("sunrise", "harbour")]}
NO: dict[str, str] = {"reason": "No."}
MERGE = {"given_up": "sunrise", "kept": "oarsmen", "reason": "One."}
# route: part of the entry of one's own, body
OWN: dict[str, tuple[str, Any]] = {
    "change_contact": ("contact", {}),
    "name_people": ("people", {"people": []}),
    "name_owners": ("owners", {"owners": []}),
    "form_consortium": ("members", MEMBERS),
}
# route: status the pair is at, path, body, events
# That two entries may be of one organisation is said to nobody; only that they were.
OFFICERS: dict[str, tuple[str, str, Any, int]] = {
    "dismiss_duplicate": ("suggested", f"/v1/duplicates/{PAIR}/dismissal", NO, 0),
    "propose_merge": ("suggested", "/v1/merges", MERGE, 0),
    "confirm_merge": ("merge-proposed", f"/v1/merges/{PAIR}/confirmation", None, 2),
    "reject_merge": ("merge-proposed", f"/v1/merges/{PAIR}/rejection", NO, 0),
}
INSIDE = {"show_people": "/v1/providers/oarsmen/people", "list_duplicates": "/v1/duplicates"}


def test_every_route_is_in_one_of_these() -> None:
    routes = [route for router in (details.router, duplicates.router) for route in router.routes]
    named = {route.name for route in routes if isinstance(route, APIRoute)}
    assert named == OWN.keys() | OFFICERS.keys() | INSIDE.keys()


async def test_entry_is_changed_by_its_own_organisation_alone(registry: Any) -> None:
    for organisation in ("sunrise", "harbour"):
        await registry.register(organisation)
    await registry.register("oarsmen", legal_form="consortium")
    parties = (
        (("zoe", "oarsmen"), "role-missing"),
        (("zoe", "oarsmen", "registry-officer", "auditor"), "role-missing"),
        (("zoe", "sunrise", "provider"), "not-own-organisation"),
    )
    for version, (part, body) in enumerate(OWN.values(), start=1):
        path, read = f"/v1/providers/oarsmen/{part}", {"If-Match": f'"{version}"'}
        anonymous = await registry.ask("PUT", path, None, body, **{"Idempotency-Key": "x"}, **read)
        assert (anonymous.status_code, anonymous.json()["code"]) == (401, "token-refused")
        for party, code in parties:
            refused = await registry.ask("PUT", path, party, body, **read)
            assert (refused.status_code, refused.json()["code"]) == (403, code), path
        assert (await registry.ask("PUT", path, ("olga", "oarsmen", "provider"), body, **read)).status_code == 200
    assert (await registry.types())[3:] == ["provider.details-changed.v1"] * 4


@pytest.mark.parametrize("command", OFFICERS)
async def test_pair_is_judged_by_officers_of_neither_organisation(registry: Any, command: str) -> None:
    status, path, body, events = OFFICERS[command]
    await registry.bring_pair(status)
    before = len(await registry.types())
    anonymous = await registry.ask("POST", path, None, body, **{"Idempotency-Key": "x"})
    assert (anonymous.status_code, anonymous.json()["code"]) == (401, "token-refused")
    for party, code in (
        (("zoe", "registry"), "role-missing"),
        (("zoe", "registry", "provider", "auditor"), "role-missing"),
        (("zoe", "sunrise", "registry-officer"), "own-merge"),
    ):
        refused = await registry.post(path, party, body)
        assert (refused.status_code, refused.json()["code"]) == (403, code)
    assert (await registry.post(path, ("zoe", "registry", "registry-officer"), body)).status_code in {200, 201}
    assert len(await registry.types()) == before + events


async def test_what_is_not_public_is_read_in_oversight_and_by_the_own_organisation(registry: Any) -> None:
    await registry.bring("registered")
    for path in INSIDE.values():
        assert (await registry.ask("GET", path)).status_code == 401, path
        outside = await registry.ask("GET", path, ("zoe", "oarsmen", "procurement-officer"))
        assert (outside.status_code, outside.json()["code"]) == (403, "role-missing"), path
        for role in ("registry-officer", "auditor"):
            assert (await registry.ask("GET", path, ("zoe", "registry", role))).status_code == 200, path
    path = INSIDE["show_people"]
    assert (await registry.ask("GET", path, ("olga", "oarsmen", "provider"))).status_code == 200
    other = await registry.ask("GET", path, ("zoe", "sunrise", "provider"))
    assert (other.status_code, other.json()["code"]) == (403, "not-own-organisation")
