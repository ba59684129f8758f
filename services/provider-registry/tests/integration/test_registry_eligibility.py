"""The eligibility answer over HTTP and as an event: explained, as it was at any instant, and told when it changes."""

from typing import Any

SUSPENSION: dict[str, Any] = {
    "kind": "suspension",
    "scopes": ["tenders"],
    "facts": "Fraud is looked into.",
    "evidence": ["a" * 64],
    "event_day": "2026-01-05",
}
OLGA = ("olga", "office", "sanctions-officer")
CARL = ("carl", "court", "sanctions-authority")


async def declare(registry: Any) -> None:
    criteria = await registry.shown("/v1/criteria/model")
    answers = [{"criterion": one["id"], "answer": one["kind"] == "selection"} for one in criteria]
    path = "/v1/providers/oarsmen/declarations/model"
    assert (await registry.ask("PUT", path, registry.clerk("oarsmen"), {"answers": answers})).is_success


async def answer(registry: Any, **asked: str) -> Any:
    response = await registry.service.client.get("/v1/providers/oarsmen/eligibility", params=asked)
    assert response.status_code == 200, response.text
    return response.json()


def instant(registry: Any) -> str:
    return str(registry.service.clock.now().isoformat().replace("+00:00", "Z"))


async def suspend(registry: Any) -> None:
    case = (await registry.post("/v1/providers/oarsmen/cases", OLGA, SUSPENSION)).json()["id"]
    assert (await registry.post(f"/v1/cases/{case}/notice", OLGA)).is_success
    assert (await registry.post(f"/v1/cases/{case}/reply", registry.clerk("oarsmen"), {"statement": "No."})).is_success
    decision = {"upheld": True, "reasons": "So.", "last_day": "2026-06-30"}
    assert (await registry.post(f"/v1/cases/{case}/decision", CARL, decision)).is_success


async def told(registry: Any) -> list[tuple[str, bool]]:
    return [
        (event.data["changed_at"], one["eligible"])
        for event in await registry.service.published()
        if event.type == "provider.eligibility-changed.v1"
        for one in event.data["answers"]
        if (one["pack"], one["purpose"]) == ("model", "tenders")
    ]


async def test_answer_is_explained_and_that_of_a_past_instant_stays_when_all_has_changed(registry: Any) -> None:
    clock = registry.service.clock
    unknown = await registry.service.client.get("/v1/providers/oarsmen/eligibility")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not-found")
    before = instant(registry)
    clock.advance(hours=1)
    await registry.bring("verified")
    assert {one["verdict"] for one in (await answer(registry))["findings"]} == {"pass", "unresolved"}
    await declare(registry)
    verified = instant(registry)
    first = await answer(registry)
    assert (first["eligible"], first["pack"], first["purpose"]) == (True, "model", "tenders")
    assert first["findings"][0]["rule"] == "bidder-verified"
    clock.advance(hours=1)
    await suspend(registry)
    suspended = await answer(registry)
    (against,) = [one for one in suspended["findings"] if one["verdict"] == "fail"]
    assert (against["code"], against["rule"]) == ("suspended", "suspension.longest")
    assert (suspended["eligible"], against["until"]) == (False, "2026-07-01T00:00:00.000000Z")
    assert (await answer(registry, **{"for": "payments"}))["eligible"]
    # Corrected, the entry is verified no more; what was true stays true of its instant.
    clock.advance(hours=1)
    version = int((await registry.ask("GET", "/v1/providers/oarsmen")).headers["ETag"].strip('"'))
    assert (await registry.change(version)).is_success
    against = [one["code"] for one in (await answer(registry))["findings"] if one["verdict"] == "fail"]
    assert against == ["provider-not-verified", "suspended"]
    assert await answer(registry, at=verified) == first
    assert (await answer(registry, at=before))["eligible"] is False
    for asked, code in (({"pack": "no-such"}, "pack-unknown"), ({"for": "fun"}, "value-invalid")):
        refused = await registry.service.client.get("/v1/providers/oarsmen/eligibility", params=asked)
        assert refused.json()["code"] == code


async def test_change_is_told_in_the_transaction_of_its_cause_and_by_the_clock(registry: Any) -> None:
    for status in ("register", "submit", "check"):
        await getattr(registry, status)()
    assert await told(registry) == []
    await declare(registry)
    assert [eligible for _, eligible in await told(registry)] == [False]
    await registry.verify()
    await suspend(registry)
    assert [eligible for _, eligible in await told(registry)] == [False, True, False]
    await registry.service.let_time_act()  # holds the new name against lists
    assert await registry.service.let_time_act() == 0
    registry.service.clock.advance(days=200)
    assert await registry.service.let_time_act() > 0
    assert (await told(registry))[-1] == ("2026-07-01T00:00:00.000000Z", True)
    registry.service.clock.advance(days=300)
    assert await registry.service.let_time_act() > 0
    assert await registry.service.let_time_act() == 0
    assert (await told(registry))[-1] == ("2027-03-03T00:00:00.000000Z", False)  # document and declaration


async def test_who_was_entered_before_eligibility_was_told_is_told_of_by_the_clock(registry: Any) -> None:
    await registry.bring("verified")
    await declare(registry)
    # As the migration leaves it; its versions go on after those of the events that were told.
    await registry.service.execute("""
        UPDATE eligibilities SET version = 7, clock_at = '2026-01-01',
            document = document || '{"version": 7, "answers": [], "next_change": null}'
    """)
    assert await registry.service.let_time_act() > 0
    assert await registry.service.let_time_act() == 0
    assert [eligible for _, eligible in await told(registry)] == [False, True, True]
