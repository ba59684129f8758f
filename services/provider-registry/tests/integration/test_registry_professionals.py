"""Professionals, from employer to employer, and what may be asked about them, over HTTP."""

from typing import Any

import pytest

ROSA = ("rosa", "registry", "registry-officer")
NURSE = {
    "certificate_type": "registered-nurse",
    "issuer": "Chamber of Nurses",
    "number": "N-1",
    "issued_on": "2020-01-10",
    "valid_from": "2020-01-10",
    "valid_until": "2026-06-30",
}
WORKED = {"first_day": "2025-03-03", "last_day": "2026-02-27", "hours": "1600.5"}
ASKED = {"certificate_type": "registered-nurse", "at_least": 1}


@pytest.fixture
async def two(registry: Any) -> Any:
    await registry.register("oarsmen")
    await registry.register("sunrise")
    return registry


def another(organisation: str) -> tuple[str, str, str]:
    return (f"head-of-{organisation}", organisation, "provider")


async def done(registry: Any, path: str, party: Any, body: Any = None) -> Any:
    response = await registry.post(path, party, body)
    assert response.is_success, response.text
    return response.json()


async def employed(registry: Any, organisation: str = "oarsmen", since: str = "2024-01-01") -> str:
    body = {"name": "Nora Nordin", "since": since}
    entered = await done(registry, f"/v1/providers/{organisation}/professionals", registry.clerk(organisation), body)
    return f"/v1/professionals/{entered['id']}"


async def confirmed(registry: Any, person: str, organisation: str = "oarsmen", **changes: Any) -> None:
    entered = await done(registry, f"{person}/certificates", registry.clerk(organisation), {**NURSE, **changes})
    certificate = entered["certificates"][-1]["id"]
    await done(registry, f"{person}/certificates/{certificate}/confirmation", ROSA)


async def counted(registry: Any, *organisations: str, **asked: Any) -> Any:
    response = await registry.service.client.post(
        "/v1/professionals/count", json={"organisations": list(organisations), **ASKED, **asked}
    )
    assert response.status_code == 200, response.text
    return response.json()


async def test_practice_comes_along_when_the_employer_of_the_time_has_confirmed_it(two: Any) -> None:
    person = await employed(two)
    await confirmed(two, person)
    # Sunrise takes over; Oarsmen still answers for the hours there.
    assert (await done(two, f"{person}/departure", two.clerk("oarsmen"), {"until": "2026-02-27"}))["employments"] == [
        {"employer": "oarsmen", "since": "2024-01-01", "until": "2026-02-27"}
    ]
    move = {"issuer": NURSE["issuer"], "number": NURSE["number"], "since": "2026-03-02"}
    moved = await done(two, "/v1/providers/sunrise/professionals/moves", two.clerk("sunrise"), move)
    assert (moved["organisation"], moved["name"]) == ("sunrise", "Nora Nordin")
    logged = await done(two, f"{person}/hours", two.clerk("sunrise"), WORKED)
    hours = f"{person}/hours/{logged['hours'][0]['id']}/confirmation"
    practice = {"hours": "1600", "years": 2}
    assert (await counted(two, "sunrise", practice=practice))["satisfied"] is False
    refused = await two.post(hours, another("sunrise"))
    assert (refused.status_code, refused.json()["code"]) == (403, "not-employer-then")
    (waiting,) = (await two.ask("GET", "/v1/providers/oarsmen/undecided-hours", two.clerk("oarsmen"))).json()
    assert (waiting["name"], waiting["hours"]["hours"]) == ("Nora Nordin", "1600.5")
    assert (await done(two, hours, another("oarsmen")))["state"] == "confirmed"
    answer = await counted(two, "sunrise", "oarsmen", practice=practice)
    assert answer == {
        "at": "2026-03-02T09:00:00.000000Z",
        "organisations": [
            {"organisation": "sunrise", "professionals": 1},
            {"organisation": "oarsmen", "professionals": 0},
        ],
        "professionals": 1,
        "at_least": 1,
        "satisfied": True,
    }
    assert (await counted(two, "sunrise", practice={"hours": "1601", "years": 2}))["professionals"] == 0
    assert (await counted(two, "sunrise", practice={"hours": "1", "years": 1}))["professionals"] == 1
    # At the deadline of a tender the certificate will have expired.
    assert (await counted(two, "sunrise", at="2026-06-30T12:00:00Z"))["professionals"] == 1
    assert (await counted(two, "sunrise", at="2026-07-01T12:00:00Z"))["professionals"] == 0
    told = [event for event in await two.service.published() if event.type == "provider.professionals-changed.v1"]
    assert [(event.partitionkey, event.data["professionals"], event.data["practice_hours"]) for event in told] == [
        ("oarsmen", 1, 0),
        ("oarsmen", 1, 0),
        ("oarsmen", 0, 0),
        ("sunrise", 1, 0),
        ("sunrise", 1, 1600),
    ]
    assert told[-1].data["certificates"] == [{"certificate_type": "registered-nurse", "certificates": 1}]
    everything = "".join(event.model_dump_json() for event in await two.service.published())
    assert [word for word in ("Nora", "N-1", person.rpartition("/")[2]) if word in everything] == []


async def test_counts_of_a_past_instant_stay_when_people_leave(two: Any) -> None:
    person = await employed(two)
    await confirmed(two, person)
    then = "2026-03-02T09:00:00Z"
    two.service.clock.advance(days=10)
    await done(two, f"{person}/departure", two.clerk("oarsmen"), {"until": "2026-03-01"})
    assert (await counted(two, "oarsmen"))["professionals"] == 0
    assert (await counted(two, "oarsmen", at=then))["professionals"] == 1


async def test_certificate_is_refused_when_it_is_another_persons(two: Any) -> None:
    first, second = await employed(two), await employed(two, "sunrise")
    await confirmed(two, first)
    refused = await two.post(f"{second}/certificates", two.clerk("sunrise"), NURSE)
    assert (refused.status_code, refused.json()["code"]) == (409, "certificate-of-another-person")
    overlapping = {**NURSE, "valid_from": "2026-06-30", "valid_until": "2030-01-01"}
    refused = await two.post(f"{first}/certificates", two.clerk("oarsmen"), overlapping)
    assert (refused.status_code, refused.json()["code"]) == (409, "validity-overlaps")
    await confirmed(two, first, valid_from="2026-07-01", valid_until="2030-01-01")
    assert (await counted(two, "oarsmen", at="2026-08-01T12:00:00Z"))["professionals"] == 1


async def test_certificate_counts_only_once_another_person_has_confirmed_it(two: Any) -> None:
    person = await employed(two)
    entered = await done(two, f"{person}/certificates", two.clerk("oarsmen"), NURSE)
    assert (await counted(two, "oarsmen"))["professionals"] == 0
    confirmation = f"{person}/certificates/{entered['certificates'][0]['id']}/confirmation"
    refused = await two.post(confirmation, ("olga", "oarsmen", "registry-officer"))
    assert (refused.status_code, refused.json()["code"]) == (403, "own-verification")
    await done(two, confirmation, ROSA)
    assert (await counted(two, "oarsmen"))["professionals"] == 1
    again = await two.post(confirmation, ROSA)
    assert (again.status_code, again.json()["code"]) == (409, "certificate-confirmed")


async def test_step_is_refused_when_it_cannot_be_so(two: Any) -> None:
    person, clerk = await employed(two), two.clerk("oarsmen")
    for path, body, status, code in (
        ("hours", {**WORKED, "first_day": "2023-12-31"}, 409, "not-employed-then"),
        ("hours", {**WORKED, "last_day": "2026-03-03"}, 422, "period-in-future"),
        ("hours", {**WORKED, "last_day": "2025-03-02"}, 422, "period-reversed"),
        ("hours", {"first_day": "2026-03-01", "last_day": "2026-03-01", "hours": "24.5"}, 422, "hours-above-period"),
        ("hours", {**WORKED, "hours": "0"}, 422, "hours-not-positive"),
        ("certificates", {**NURSE, "issued_on": "2026-03-03"}, 422, "issued-in-future"),
        ("certificates", {**NURSE, "valid_until": "2026-03-01"}, 422, "document-expired"),
        ("certificates", {**NURSE, "valid_until": "2019-03-01"}, 422, "validity-reversed"),
        ("departure", {"until": "2026-03-03"}, 422, "employment-in-future"),
        ("departure", {"until": "2023-12-31"}, 422, "employment-reversed"),
        (
            "skills",
            {"skill": "wound-care", "assessor": "School", "result": "passed", "assessed_on": "2026-03-03"},
            422,
            "assessed-in-future",
        ),
    ):
        response = await two.post(f"{person}/{path}", clerk, body)
        assert (response.status_code, response.json()["code"]) == (status, code), body
    logged = await done(two, f"{person}/hours", clerk, WORKED)
    overlap = await two.post(f"{person}/hours", clerk, {**WORKED, "first_day": "2026-02-27", "hours": "1"})
    assert (overlap.status_code, overlap.json()["code"]) == (409, "hours-overlap")
    hours = f"{person}/hours/{logged['hours'][0]['id']}"
    refused = await two.post(f"{hours}/confirmation", clerk)
    assert (refused.status_code, refused.json()["code"]) == (403, "second-person-needed")
    await done(two, f"{hours}/rejection", another("oarsmen"))
    assert (await two.post(f"{hours}/confirmation", another("oarsmen"))).json()["code"] == "hours-decided"
    # What was rejected may be logged as it was.
    await done(two, f"{person}/hours", clerk, {**WORKED, "hours": "1500"})
    stranger = await two.post(f"{person}/hours", two.clerk("sunrise"), WORKED)
    assert (stranger.status_code, stranger.json()["code"]) == (404, "not-found")


async def test_nobody_is_taken_over_who_has_an_employer(two: Any) -> None:
    person = await employed(two)
    await confirmed(two, person)
    moves, move = "/v1/providers/sunrise/professionals/moves", {"issuer": NURSE["issuer"], "number": "N-1"}
    for changes, status, code in (
        ({"since": "2026-03-02"}, 409, "employed-elsewhere"),
        ({"since": "2026-03-03"}, 422, "employment-in-future"),
        ({"since": "2026-03-02", "number": "N-2"}, 404, "not-found"),
    ):
        response = await two.post(moves, two.clerk("sunrise"), {**move, **changes})
        assert (response.status_code, response.json()["code"]) == (status, code), changes
    refused = await two.ask("GET", "/v1/providers/oarsmen/professionals", two.clerk("sunrise"))
    assert (refused.status_code, refused.json()["code"]) == (403, "not-own-organisation")
    for party in (two.clerk("oarsmen"), ROSA, ("ada", "audit", "auditor")):
        (listed,) = (await two.ask("GET", "/v1/providers/oarsmen/professionals", party)).json()
        assert listed["name"] == "Nora Nordin"


async def test_question_is_refused_when_it_makes_no_sense(two: Any) -> None:
    for changes in ({"organisations": []}, {"at_least": 0}, {"practice": {"hours": "0", "years": 1}}, {"name": "Nora"}):
        response = await two.service.client.post(
            "/v1/professionals/count", json={"organisations": ["oarsmen"], **ASKED, **changes}
        )
        assert response.status_code == 422, changes
