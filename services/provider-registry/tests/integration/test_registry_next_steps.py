"""A newcomer on its way to its first eligible bid: each step is told, and its age is none."""

from typing import Any


async def asked(registry: Any, query: str = "") -> Any:
    return await registry.shown(f"/v1/providers/oarsmen/next-steps{query}")


async def test_newcomer_is_told_each_step_until_it_may_bid(registry: Any) -> None:
    criteria = [one["id"] for one in await registry.shown("/v1/criteria/model")]
    undeclared = [f"declared.{criterion}" for criterion in criteria]
    assert undeclared
    for bring, left in (
        (registry.register, ["evidence", "check", "verification"]),
        (registry.submit, ["check", "verification"]),
        (registry.check, ["verification"]),
        (registry.verify, []),
    ):
        assert (await bring()).is_success
        path = await asked(registry)
        assert sorted(path["lacking"]) == sorted([*left, *undeclared])
        assert path["eligible"] is False
    before = registry.service.clock.now().isoformat().replace("+00:00", "Z")
    registry.service.clock.advance(hours=1)
    answers = [
        {"criterion": one["id"], "answer": one["kind"] == "selection"}
        for one in await registry.shown("/v1/criteria/model")
    ]
    declared = await registry.ask(
        "PUT", "/v1/providers/oarsmen/declarations/model", registry.clerk("oarsmen"), {"answers": answers}
    )
    assert declared.is_success
    path = await asked(registry)
    assert (path["eligible"], path["lacking"]) == (True, [])
    (age,) = (step for step in path["steps"] if step["code"] == "age")
    assert (age["done"], age["rule"]) == (True, "qualification.age-alone")
    assert (await asked(registry, f"?at={before}"))["lacking"] == undeclared
    other = await asked(registry, "?pack=cn-services")
    assert (other["pack"]["id"], other["eligible"]) == ("cn-services", False)


async def test_newcomer_is_told_of_open_calls_and_a_stranger_of_nothing(registry: Any) -> None:
    assert (await registry.service.client.get("/v1/providers/oarsmen/next-steps")).status_code == 404
    await registry.bring("registered")
    call = {
        "title": "First bids",
        "kind": "training",
        "summary": "How to bid.",
        "criteria": ["Has never bid"],
        "categories": ["meals"],
        "opens_at": "2026-03-02T09:00:00Z",
        "closes_at": "2026-03-12T09:00:00Z",
    }
    opened = await registry.post("/v1/programmes", ("paul", "county", "programme-officer"), call)
    assert opened.status_code == 201
    assert [one["title"] for one in (await asked(registry))["programmes"]] == ["First bids"]
    registry.service.clock.advance(days=10)
    assert (await asked(registry))["programmes"] == []
