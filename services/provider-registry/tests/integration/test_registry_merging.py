"""Entries that may be of one organisation: suggested, remembered, merged by two officers with their history."""

from typing import Any

from registry_facts import graded, signed

ROSA, ROLF = ("rosa", "registry", "registry-officer"), ("rolf", "registry", "registry-officer")


async def listed(registry: Any, query: str = "") -> list[dict[str, Any]]:
    answer = await registry.ask("GET", f"/v1/duplicates{query}", ROSA)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def test_entries_are_suggested_when_their_names_are_alike(registry: Any) -> None:
    await registry.register("oarsmen", name="Oarsmen Neighbourhood Care")
    await registry.register("scullers", name="Scullers Meals")
    await registry.register("sunrise", name="OARSMEN Neighborhood Care Ltd.")
    (found,) = await listed(registry)
    assert ({found["organisation"], found["other"]}, found["reasons"]) == ({"oarsmen", "sunrise"}, ["similar-name"])
    assert 90 <= found["score"] < 100
    # A name that becomes the same is compared again, and one that was left is remembered.
    await registry.change(1, "sunrise", name="Oarsmen Neighbourhood Care", legal_form="company")
    assert (await listed(registry))[0]["score"] == 100
    await registry.change(1, "scullers", name="Quay Meals", legal_form="company")
    await registry.register("meals", name="Scullers Meals Company")
    assert sorted(one["reasons"][0] for one in await listed(registry)) == ["similar-former-name", "similar-name"]
    assert len(await registry.types()) == 6


async def test_same_head_makes_names_alike_enough(registry: Any) -> None:
    await registry.register("oarsmen", name="Oarsmen Care North")
    await registry.register("sunrise", name="Oarsmen Care")
    head = {"people": [{"name": "Ann Lee", "role": "head", "since": "2020-01-01"}]}
    await registry.put("people", head, 1)
    assert await listed(registry) == []
    await registry.put("people", head, 1, "sunrise")
    (found,) = await listed(registry)
    assert found["reasons"] == ["similar-name", "same-head"]


async def test_pair_that_was_judged_different_is_not_suggested_again(registry: Any) -> None:
    pair = await registry.bring_pair("suggested")
    judged = await registry.post(f"/v1/duplicates/{pair}/dismissal", ROSA, {"reason": "Two towns."})
    assert (judged.status_code, judged.json()["status"], judged.json()["because"]) == (200, "different", "Two towns.")
    await registry.change(1, "sunrise", name="Oarsmen Neighbourhood Care", legal_form="company")
    assert await listed(registry) == []
    assert [one["id"] for one in await listed(registry, "?status=different")] == [pair]
    # Nor under the entry that takes the place of one of them.
    await registry.register("third", name="Oarsmen Neighbourhood Care e.V.")
    body = {"given_up": "sunrise", "kept": "third", "reason": "The same."}
    merge = (await registry.post("/v1/merges", ROSA, body)).json()["id"]
    assert (await registry.post(f"/v1/merges/{merge}/confirmation", ROLF)).status_code == 200
    assert {frozenset((one["organisation"], one["other"])) for one in await listed(registry)} == {
        frozenset(("oarsmen", "third"))
    }


async def test_merge_takes_two_officers_and_keeps_the_history_of_both(registry: Any) -> None:
    clock = registry.service.clock
    await registry.service.deliver("tender", signed(1, "sunrise"), signed(2, "oarsmen"))
    await registry.service.deliver("evaluation", graded("1", "80.00", "B", number=2))
    pair = await registry.bring_pair("merge-proposed")
    before = clock.now().isoformat().replace("+00:00", "Z")
    clock.advance(hours=1)
    same = await registry.post(f"/v1/merges/{pair}/confirmation", ROSA)
    assert (same.status_code, same.json()["code"], same.json()["rule"]) == (
        403,
        "second-person-needed",
        "second-person.merge",
    )
    published = len(await registry.types())
    assert (await registry.post(f"/v1/merges/{pair}/confirmation", ROLF)).json()["status"] == "merged"
    events = (await registry.service.published())[published:]
    assert [(event.type, event.partitionkey) for event in events] == [
        ("provider.merged.v1", "sunrise"),
        ("provider.absorbed.v1", "oarsmen"),
        ("provider.record-updated.v1", "sunrise"),
        ("provider.record-updated.v1", "oarsmen"),
        ("provider.eligibility-changed.v1", "sunrise"),
    ]
    assert "rosa" not in "".join(event.model_dump_json() for event in events)
    gone, kept = [await registry.shown(f"/v1/providers/{one}") for one in ("sunrise", "oarsmen")]
    assert (gone["merged_into"], gone["status"]) == ("oarsmen", "registered")
    assert (kept["absorbed"], kept["other_identifiers"]) == (["sunrise"], [{"scheme": "XX-REG", "id": "sunrise"}])
    assert kept["former_names"][0]["name"] == "Oarsmen Neighbourhood Care Ltd"
    assert (await registry.shown("/v1/providers/oarsmen/record"))["contracts"] == 2
    earlier = await registry.shown(f"/v1/providers/sunrise?at={before}")
    assert (earlier["merged_into"], earlier["identifier"]["id"]) == (None, "sunrise")
    assert (await registry.shown(f"/v1/providers/sunrise/record?at={before}"))["contracts"] == 1
    assert (await registry.shown("/v1/providers/sunrise/record"))["contracts"] == 0
    # What is told of it from now on is of the entry that is kept.
    await registry.service.deliver("tender", signed(3, "sunrise"))
    assert (await registry.shown("/v1/providers/oarsmen/record"))["contracts"] == 3
    for step in (registry.change(2, "sunrise"), registry.submit("sunrise")):
        answer = await step
        assert (answer.status_code, answer.json()["code"]) == (409, "provider-merged")
    taken = await registry.register("another", identifier={"scheme": "XX-REG", "id": "sunrise"})
    assert taken.json()["code"] == "identifier-taken"
    assert await listed(registry) == []


async def test_merge_is_refused_when_it_cannot_be(registry: Any) -> None:
    pair = await registry.bring_pair("merge-proposed")
    body = {"given_up": "sunrise", "kept": "oarsmen", "reason": "One."}
    again = await registry.post("/v1/merges", ROLF, body)
    assert (again.status_code, again.json()["code"]) == (409, "duplicate-decided")
    for given_up, status, code in (("oarsmen", 422, "merge-with-itself"), ("nobody", 404, "not-found")):
        answer = await registry.post("/v1/merges", ROLF, {**body, "given_up": given_up})
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    own = await registry.post(f"/v1/merges/{pair}/confirmation", ("olga", "oarsmen", "registry-officer"))
    assert (own.status_code, own.json()["code"]) == (403, "own-merge")
    rejected = await registry.post(f"/v1/merges/{pair}/rejection", ROLF, {"reason": "Two."})
    assert rejected.json()["status"] == "different"
    # Mother and daughter are two, however alike.
    mother = {"name": "Oarsmen", "kind": "organisation", "control": ["shareholding"], "since": "2020-01-01"}
    await registry.put("owners", {"owners": [{**mother, "organisation": "oarsmen"}]}, 1, "sunrise")
    assert (await registry.post("/v1/merges", ROSA, body)).status_code == 201
    cyclic = await registry.post(f"/v1/merges/{pair}/confirmation", ROLF)
    assert (cyclic.status_code, cyclic.json()["code"]) == (409, "ownership-cyclic")


async def test_what_is_held_against_the_entry_that_is_given_up_is_held_against_the_one_that_is_kept(
    registry: Any,
) -> None:
    pair = await registry.bring_pair("merge-proposed")
    reporting, deciding = ("olga", "office", "sanctions-officer"), ("carl", "court", "sanctions-authority")
    report = {
        "kind": "debarment",
        "ground": "misrepresentation",
        "scopes": ["tenders"],
        "facts": "Papers were made up.",
        "evidence": ["a" * 64],
        "event_day": "2026-01-05",
    }
    case = (await registry.post("/v1/providers/sunrise/cases", reporting, report)).json()["id"]
    await registry.post(f"/v1/cases/{case}/notice", reporting)
    await registry.post(f"/v1/cases/{case}/reply", registry.clerk("sunrise"), {"statement": "No."})
    decision = {"upheld": True, "reasons": "It was shown.", "last_day": "2027-06-01"}
    decided = await registry.post(f"/v1/cases/{case}/decision", deciding, decision)
    assert decided.json()["status"] == "in-force", decided.text
    clean = await registry.shown("/v1/providers/oarsmen/restrictions")
    before = registry.service.clock.now().isoformat().replace("+00:00", "Z")
    registry.service.clock.advance(hours=1)
    assert (await registry.post(f"/v1/merges/{pair}/confirmation", ROLF)).status_code == 200
    held = await registry.shown("/v1/providers/oarsmen/restrictions")
    assert case in str(held)
    assert case not in str(clean)
    findings = (await registry.shown("/v1/providers/oarsmen/eligibility"))["findings"]
    assert case in str(findings)
    assert case not in str(await registry.shown(f"/v1/providers/oarsmen/eligibility?at={before}"))
    # What becomes of the case concerns the entry that is kept.
    await registry.post(f"/v1/cases/{case}/appeal", registry.clerk("sunrise"), {"grounds": "Wrong."})
    review = ("rita", "review", "sanctions-authority")
    await registry.post(f"/v1/cases/{case}/appeal/decision", review, {"upheld": True, "reasons": "It is."})
    last = [event for event in await registry.service.published() if event.partitionkey == "oarsmen"][-1]
    assert (last.type, case in str(last.data)) == ("provider.eligibility-changed.v1", False)
    assert case not in str(await registry.shown("/v1/providers/oarsmen/restrictions"))
