"""From the registration to the day two officers have looked, over HTTP."""

import asyncio
from typing import Any

import pytest

ROSA = ("rosa", "registry", "registry-officer")


async def test_provider_is_verified_when_two_officers_have_looked(registry: Any) -> None:
    registered = await registry.register()
    assert (registered.status_code, registered.headers["ETag"]) == (201, '"1"')
    assert registered.headers["Location"] == "../v1/providers/oarsmen"
    submitted = await registry.submit(
        "oarsmen", registry.document("a", "2027-03-02"), registry.document("b", "2026-12-31")
    )
    # Ten working days from Monday 2 March 2026, whole days from midnight: due before Tuesday the 17th.
    assert submitted.json()["waiting_until"] == "2026-03-17T00:00:00.000000Z"
    assert (await registry.check()).json()["status"] == "checked"
    registry.service.clock.advance(days=1)
    verified = await registry.verify()
    assert (verified.status_code, verified.headers["ETag"]) == (200, '"4"')
    assert await registry.shown("/v1/providers/oarsmen") == {
        "organisation": "oarsmen",
        "name": "Oarsmen",
        "legal_form": "association",
        "identifier": {"scheme": "XX-REG", "id": "oarsmen"},
        "other_identifiers": [],
        "former_names": [],
        "address": None,
        "people": {},
        "owners": [],
        "owning_persons": 0,
        "members": [],
        "status": "verified",
        "verified_at": "2026-03-03T09:00:00.000000Z",
        "valid_until": "2026-12-31",
        "evidence_documents": 2,
        "waiting_until": None,
        "merged_into": None,
        "absorbed": [],
    }
    events = await registry.told()
    assert [event.type for event in events] == [
        "provider.registered.v1",
        "provider.evidence-submitted.v1",
        "provider.evidence-checked.v1",
        "provider.verified.v1",
    ]
    assert {event.partitionkey for event in events} == {"oarsmen"}
    assert [event.sequence for event in events] == [f"{version:010d}" for version in (1, 2, 3, 4)]
    assert "rosa" not in "".join(event.model_dump_json() for event in events)


async def test_verification_is_refused_when_it_is_the_same_officer(registry: Any) -> None:
    await registry.bring("checked")
    response = await registry.verify("oarsmen", ROSA)
    assert (response.status_code, response.json()["code"]) == (403, "second-person-needed")
    assert response.json()["rule"] == "second-person.verification"
    assert await registry.status() == "checked"
    assert (await registry.verify()).status_code == 200


@pytest.mark.parametrize(("status", "step"), [("submitted", "check"), ("checked", "verify")])
async def test_verification_is_refused_when_the_officer_belongs_to_the_provider(
    registry: Any, status: str, step: str
) -> None:
    await registry.bring(status)
    response = await getattr(registry, step)("oarsmen", ("olga", "oarsmen", "registry-officer"))
    assert (response.status_code, response.json()["code"]) == (403, "own-verification")
    assert await registry.status() == status


@pytest.mark.parametrize(
    ("status", "step", "code"),
    [
        ("registered", "check", "nothing-to-check"),
        ("registered", "verify", "not-checked"),
        ("registered", "refuse", "nothing-to-check"),
        ("submitted", "submit", "provider-being-verified"),
        ("submitted", "verify", "not-checked"),
        ("checked", "submit", "provider-being-verified"),
        ("checked", "check", "nothing-to-check"),
        ("verified", "check", "nothing-to-check"),
        ("verified", "verify", "not-checked"),
        ("verified", "refuse", "nothing-to-check"),
    ],
)
async def test_nothing_happens_when_a_step_is_not_its_turn(registry: Any, status: str, step: str, code: str) -> None:
    await registry.bring(status)
    before = await registry.types()
    response = await getattr(registry, step)()
    assert (response.status_code, response.json()["code"]) == (409, code)
    assert response.headers["content-type"] == "application/problem+json"
    assert (await registry.status(), await registry.types()) == (status, before)


async def test_nothing_is_found_when_the_organisation_is_unknown(registry: Any) -> None:
    for step in (registry.submit, registry.check, registry.verify, registry.refuse):
        response = await step("nobody")
        assert (response.status_code, response.json()["code"]) == (404, "not-found")
    change = await registry.change(1, "nobody")
    assert (change.status_code, change.json()["code"]) == (404, "not-found")
    for path in ("/v1/providers/nobody", "/v1/providers/nobody/record"):
        assert (await registry.service.client.get(path)).json()["code"] == "not-found"


REFUSED_DOCUMENTS: tuple[tuple[list[tuple[str, str]], str, str | None], ...] = (
    ([("a", "2026-03-02")], "evidence-expired", "/body/evidence"),
    ([("a", "2027-01-01"), ("b", "2020-01-01")], "evidence-expired", "/body/evidence"),
    ([("a", "2027-01-01"), ("a", "2028-01-01")], "evidence-repeated", "/body/evidence"),
    ([("A", "2027-01-01")], "value-invalid", None),
    ([("a", "2027-02-30")], "value-invalid", None),
)


async def test_evidence_is_refused_when_it_cannot_hold(registry: Any) -> None:
    await registry.bring("registered")
    for documents, code, pointer in REFUSED_DOCUMENTS:
        response = await registry.submit("oarsmen", *(registry.document(*each) for each in documents))
        problem = response.json()
        assert (response.status_code, problem["code"], problem.get("pointer")) == (422, code, pointer), documents
    assert await registry.status() == "registered"


async def test_submission_is_refused_when_it_has_another_form(registry: Any) -> None:
    await registry.bring("registered")
    others: tuple[tuple[dict[str, Any], str], ...] = (
        ({"evidence": []}, "value-invalid"),
        ({}, "field-missing"),
        ({"evidence": "all"}, "value-invalid"),
        ({"evidence": [], "urgent": True}, "request-invalid"),
    )
    for body, code in others:
        response = await registry.post("/v1/providers/oarsmen/evidence", registry.clerk("oarsmen"), body)
        assert (response.status_code, response.json()["code"]) == (422, code), body


async def test_verification_is_refused_when_a_document_has_expired_meanwhile(registry: Any) -> None:
    await registry.register()
    await registry.submit("oarsmen", registry.document("a", "2026-03-04"))
    await registry.check()
    registry.service.clock.advance(days=2)
    response = await registry.verify()
    assert (response.status_code, response.json()["code"]) == (422, "evidence-expired")
    assert await registry.status() == "checked"


async def test_provider_tries_again_when_its_evidence_was_refused(registry: Any) -> None:
    await registry.bring("checked")
    refused = await registry.refuse("oarsmen", "The statutes lack a page.")
    assert (refused.json()["status"], refused.json()["waiting_until"]) == ("registered", None)
    event = (await registry.told())[-1]
    assert (event.type, event.data["reason"]) == ("provider.verification-refused.v1", "The statutes lack a page.")
    for step in (registry.submit, registry.check, registry.verify):
        assert (await step()).status_code == 200
    assert await registry.status() == "verified"


async def test_earlier_verification_ends_when_renewed_evidence_is_refused(registry: Any) -> None:
    await registry.bring("verified")
    renewing = (await registry.submit("oarsmen", registry.document("b", "2028-03-02"))).json()
    assert (renewing["status"], renewing["valid_until"]) == ("submitted", "2027-03-02")
    refused = (await registry.refuse()).json()
    assert (refused["status"], refused["verified_at"], refused["valid_until"]) == ("registered", None, None)


async def test_change_needs_a_new_verification_when_the_provider_was_verified(registry: Any) -> None:
    await registry.bring("verified")
    changed = await registry.change(4)
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"5"')
    shown = changed.json()
    assert (shown["name"], shown["legal_form"]) == ("Oarsmen Care and Nursing", "foundation")
    assert (shown["status"], shown["verified_at"], shown["valid_until"]) == ("registered", None, None)
    event = (await registry.told())[-1]
    assert (event.type, event.data["name"]) == ("provider.registered.v1", "Oarsmen Care and Nursing")
    assert (await registry.verify()).json()["code"] == "not-checked"
    for step in (registry.submit, registry.check, registry.verify):
        assert (await step()).status_code == 200
    assert await registry.status() == "verified"


@pytest.mark.parametrize("status", ["submitted", "checked"])
async def test_change_is_refused_while_officers_look(registry: Any, status: str) -> None:
    await registry.bring(status)
    version = ("submitted", "checked").index(status) + 2
    response = await registry.change(version)
    assert (response.status_code, response.json()["code"]) == (409, "provider-being-verified")
    assert response.json()["satisfied_by"] == "The end of the verification."


async def test_only_one_step_counts_when_two_officers_act_at_once(registry: Any) -> None:
    await registry.bring("submitted")
    answers = await asyncio.gather(
        registry.check("oarsmen", ROSA), registry.check("oarsmen", ("rolf", "registry", "registry-officer"))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert (await registry.types()).count("provider.evidence-checked.v1") == 1


async def test_waiting_is_overdue_when_its_term_is_over(registry: Any) -> None:
    await registry.bring("submitted", "oarsmen")
    await registry.bring("checked", "sunrise")
    await registry.bring("verified", "harbour")
    await registry.bring("registered", "newcomer")
    # Both are due on Tuesday 17 March at midnight; the clock stands at Monday 2 March, 9:00.
    registry.service.clock.advance(days=14, hours=14, minutes=59, seconds=59)
    assert await registry.shown("/v1/overdue") == []
    registry.service.clock.advance(seconds=1)
    overdue = await registry.shown("/v1/overdue")
    assert {(item["kind"], item["state"], item["waiting_for"], item["due_at"]) for item in overdue} == {
        ("provider", "submitted", "a registry officer's check", "2026-03-17T00:00:00.000000Z"),
        ("provider", "checked", "a second registry officer's verification", "2026-03-17T00:00:00.000000Z"),
    }
    await registry.verify("sunrise")
    await registry.refuse("oarsmen")
    assert await registry.shown("/v1/overdue") == []
