"""Reserved status over HTTP: declared by the provider alone, and as it was at any instant."""

from typing import Any

from fastapi.routing import APIRoute

from provider_registry.api.reserved import router

BODY = {"staff": 10, "disadvantaged": 3, "staff_evidence": "a" * 64}
FACTS, STATUS = "/v1/providers/oarsmen/reserved-facts", "/v1/providers/oarsmen/reserved-status?pack=eu-light"


async def sheltered(registry: Any, more: str = "") -> str:
    (one,) = [one for one in (await registry.shown(STATUS + more))["statuses"] if one["status"] == "sheltered"]
    return str(one["verdict"])


async def test_declared_facts_count_from_their_instant_on(registry: Any) -> None:
    assert {route.name for route in router.routes if isinstance(route, APIRoute)} == {
        "declare_reserved_facts",
        "show_reserved_status",
    }
    await registry.bring("registered")
    before = registry.service.clock.now().isoformat().replace("+00:00", "Z")
    registry.service.clock.advance(hours=1)
    clerk = registry.clerk("oarsmen")
    for party, code in (
        (registry.clerk("scullers"), "not-own-organisation"),
        (("zoe", "oarsmen", "registry-officer"), "role-missing"),
        (None, "token-refused"),
    ):
        assert (await registry.ask("PUT", FACTS, party, BODY)).json()["code"] == code
    assert await sheltered(registry) == "unresolved"
    assert (await registry.ask("PUT", FACTS, clerk, BODY)).status_code == 204
    assert [await sheltered(registry), await sheltered(registry, f"&at={before}")] == ["pass", "unresolved"]
    assert (await registry.ask("PUT", FACTS, clerk, BODY | {"disadvantaged": 2})).status_code == 204
    assert await sheltered(registry) == "fail"
    wrong = await registry.ask("PUT", FACTS, clerk, BODY | {"disadvantaged": 11})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "disadvantaged-above-staff")
