"""Lists over HTTP: every provider is held against them, matches are reviewed by persons, and false ones remembered."""

from typing import Any

from fastapi.routing import APIRoute

from provider_registry.api.screening import router

OLGA = ("olga", "office", "sanctions-officer")
OTTO = ("otto", "office", "sanctions-officer")
AUDIT = ("ada", "audit", "auditor")
NAMES = "id,name,aliases\n1,Oarsmen,Rowers\n2,Nobody Here,\n"
COMMANDS = {"enter_list", "reject_match", "propose_match", "confirm_match"}
READ = {"list_lists", "list_matches", "show_match"}


def listed(content: str = NAMES, day: str = "2026-03-01", **changes: Any) -> dict[str, Any]:
    return {"publisher": "Union", "title": "All", "day": day, "format": "csv", "content": content, **changes}


async def enter(registry: Any, content: str = NAMES, day: str = "2026-03-01") -> None:
    entered = await registry.post("/v1/screening-lists", OLGA, listed(content, day))
    assert entered.status_code == 201, entered.text
    await settle(registry)


async def settle(registry: Any) -> None:
    while await registry.service.let_time_act():
        continue


async def matches(registry: Any, status: str | None = None) -> list[dict[str, Any]]:
    query = f"?status={status}" if status else ""
    answer = await registry.ask("GET", f"/v1/matches{query}", OLGA)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def listed_in(registry: Any) -> bool:
    found = (await registry.shown("/v1/providers/oarsmen/eligibility?for=payments"))["findings"]
    return any(one["code"] == "listed" and one["verdict"] == "unresolved" for one in found)


def test_every_route_is_in_this_matrix() -> None:
    assert {route.name for route in router.routes if isinstance(route, APIRoute)} == COMMANDS | READ


async def test_false_match_is_remembered_over_editions_until_a_name_changes(registry: Any) -> None:
    await registry.bring("registered")
    await enter(registry)
    (match,) = await matches(registry)
    assert (match["organisation"], match["entry"], match["part"], match["similarity"]) == ("oarsmen", "1", "name", 100)
    assert await listed_in(registry)
    path = f"/v1/matches/{match['id']}"
    detail = (await registry.ask("GET", path, AUDIT)).json()
    assert detail["entry_names"] == ["Oarsmen", "Rowers"]
    done = await registry.post(f"{path}/rejection", OLGA, {"reason": "Another country."})
    assert done.json()["status"] == "false"
    assert not await listed_in(registry)
    registry.service.clock.advance(days=1)
    await enter(registry, NAMES + "3,Somebody Else,\n", "2026-03-02")
    assert await matches(registry, "open") == []
    # The entry says something new: another question.
    registry.service.clock.advance(days=1)
    await enter(registry, NAMES.replace("Rowers", "Rowing Crew"), "2026-03-03")
    assert [one["id"] for one in await matches(registry, "open")] == [match["id"]]
    assert [name for name in await registry.types() if "match" in name] == [
        "provider.match-found.v1",
        "provider.match-decided.v1",
        "provider.match-found.v1",
    ]


async def test_new_provider_is_held_against_lists_and_a_confirmed_match_leads_to_a_case_with_a_reply(
    registry: Any,
) -> None:
    await registry.bring("registered", "scullers")
    await enter(registry)
    assert await matches(registry) == []
    await registry.bring("registered")
    await settle(registry)
    (match,) = await matches(registry, "open")
    path = f"/v1/matches/{match['id']}"
    early = await registry.post(f"{path}/confirmation", OLGA)
    assert (early.status_code, early.json()["code"]) == (409, "match-not-proposed")
    assert (await registry.post(f"{path}/proposal", OLGA, {"reason": "It is."})).json()["status"] == "proposed"
    same = await registry.post(f"{path}/confirmation", OLGA)
    assert (same.status_code, same.json()["code"]) == (403, "second-person-needed")
    confirmed = (await registry.post(f"{path}/confirmation", OTTO)).json()
    (case,) = (await registry.shown("/v1/providers/oarsmen/cases"))["items"]
    assert (confirmed["case"], case["kind"], case["status"]) == (case["id"], "suspension", "notified")
    assert await listed_in(registry)
    restricted = await registry.shown("/v1/providers/oarsmen/restrictions")
    assert not restricted["payments"]["restricted"]
    carl = ("carl", "court", "sanctions-authority")
    registry.service.clock.advance(days=30)
    decision = {"upheld": True, "reasons": "It is."}
    decided = (await registry.post(f"/v1/cases/{case['id']}/decision", carl, decision)).json()
    assert decided["until"] is not None
    assert not await listed_in(registry)
    assert (await registry.shown("/v1/providers/oarsmen/restrictions"))["payments"]["restricted"]


async def test_lists_and_matches_are_for_their_roles_alone(registry: Any) -> None:
    await registry.bring("registered")
    wrong = ("zoe", "office", "provider", "registry-officer", "sanctions-authority")
    refused = await registry.service.client.post(
        "/v1/screening-lists", json=listed(), headers=registry.service.headers(*wrong)
    )
    assert refused.json()["code"] == "role-missing"
    await enter(registry)
    (match,) = await matches(registry)
    for step, body in (("rejection", {"reason": "No."}), ("proposal", {"reason": "Yes."}), ("confirmation", None)):
        path = f"/v1/matches/{match['id']}/{step}"
        answer = await registry.service.client.post(path, json=body, headers=registry.service.headers(*wrong))
        assert (answer.status_code, answer.json()["code"]) == (403, "role-missing")
        own = await registry.post(path, ("oz", "oarsmen", "sanctions-officer"), body)
        assert (own.status_code, own.json()["code"]) == (403, "own-case")
    for path in ("/v1/matches", f"/v1/matches/{match['id']}"):
        assert (await registry.service.client.get(path)).json()["code"] == "token-refused"
        assert (await registry.ask("GET", path, registry.clerk("oarsmen"))).json()["code"] == "role-missing"
    (edition,) = await registry.shown("/v1/screening-lists")
    assert (edition["entries"], edition["finished"]) == (2, True)


async def test_list_is_refused_with_its_own_problem(registry: Any) -> None:
    await registry.bring("registered")
    await enter(registry)
    for changes, status, code in (
        ({}, 409, "list-known"),
        ({"content": NAMES + "9,Nine,\n", "day": "2026-02-28"}, 409, "list-older"),
        ({"day": "2026-04-01"}, 422, "day-in-future"),
        ({"content": "id\n"}, 422, "list-malformed"),
        ({"content": "id,name\n"}, 422, "list-empty"),
        ({"content": "id,name\n1,A\n1,B\n"}, 422, "entry-repeated"),
        ({"format": "xml"}, 422, "value-invalid"),
    ):
        answer = await registry.post("/v1/screening-lists", OLGA, listed() | changes)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
