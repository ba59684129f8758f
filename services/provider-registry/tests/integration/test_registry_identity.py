"""Who an organisation is, over HTTP: numbers, names, people, owners, and what of it is public."""

import asyncio
from typing import Any

PERSON = {"name": "Ann Lee", "role": "head", "since": "2020-01-01"}
SEAT = {"street": "1 Quay Road", "locality": "Lakeside", "country": "GB"}
CONTACT = {"name": "Bo Lin", "email": "bo@oarsmen.test"}


def owner(**changes: Any) -> dict[str, Any]:
    return {"name": "Parent", "kind": "organisation", "control": ["shareholding"], "since": "2020-01-01", **changes}


async def test_entry_holds_several_numbers_each_in_the_form_of_its_register(registry: Any) -> None:
    lei = {"scheme": "XI-LEI", "id": "7245 00pmk2a2m1sqq2 28"}
    answer = await registry.register(
        legal_form="charitable-company",
        identifier={"scheme": "GB-CHC", "id": "1090095"},
        other_identifiers=[lei, {"scheme": "GB-COH", "id": "09506232"}],
        former_names=[{"name": "Rowers", "until": "2020-12-31"}],
        address=SEAT,
        contact=CONTACT,
    )
    assert answer.status_code == 201
    shown = await registry.shown("/v1/providers/oarsmen")
    written = {"scheme": "XI-LEI", "id": "724500PMK2A2M1SQQ228"}
    assert shown["identifier"] == {"scheme": "GB-CHC", "id": "1090095"}
    assert shown["other_identifiers"] == [written, {"scheme": "GB-COH", "id": "09506232"}]
    assert shown["former_names"] == [{"name": "Rowers", "since": None, "until": "2020-12-31"}]
    assert "bo@oarsmen.test" not in str(shown)
    (event,) = await registry.service.published()
    assert event.data["other_identifiers"][0] == written
    assert event.data["address"]["locality"] == "Lakeside"
    assert "Bo Lin" not in event.model_dump_json()
    for number in (lei, written):
        taken = await registry.register("sunrise", other_identifiers=[number])
        assert (taken.status_code, taken.json()["code"]) == (409, "identifier-taken")


async def test_entry_is_refused_when_its_numbers_cannot_be(registry: Any) -> None:
    refusals: tuple[tuple[dict[str, Any], str, str], ...] = (
        (
            {"identifier": {"scheme": "ZZ-NONE", "id": "1"}},
            "identifier-scheme-unknown",
            "/body/identifier/scheme",
        ),
        ({"identifier": {"scheme": "CN-USCI", "id": "9111"}}, "identifier-malformed", "/body/identifier/id"),
        (
            {"other_identifiers": [{"scheme": "CN-USCI", "id": "91110000600037341M"}]},
            "identifier-check-digit-wrong",
            "/body/other_identifiers/0/id",
        ),
        (
            {"other_identifiers": [{"scheme": "XX-REG", "id": "oarsmen"}]},
            "identifier-repeated",
            "/body/other_identifiers",
        ),
        ({"legal_form": "guild"}, "legal-form-unknown", "/body/legal_form"),
        (
            {"legal_form": "social-group", "identifier": {"scheme": "GB-CHC", "id": "1090095"}},
            "identifier-not-of-legal-form",
            "/body/identifier/scheme",
        ),
        ({"former_names": [{"name": "Rowers", "until": "2026-03-03"}]}, "date-in-future", "/body/former_names/0"),
        (
            {"former_names": [{"name": "Rowers", "since": "2021-01-01", "until": "2020-12-31"}]},
            "dates-reversed",
            "/body/former_names/0",
        ),
    )
    for changes, code, pointer in refusals:
        answer = await registry.register(**changes)
        problem = answer.json()
        assert (answer.status_code, problem["code"], problem.get("pointer")) == (422, code, pointer), changes
        assert "91110000600037341M" not in answer.text
    assert await registry.types() == []


async def test_former_name_is_kept_and_the_entry_of_every_instant_stays_readable(registry: Any) -> None:
    clock = registry.service.clock
    await registry.bring("verified")
    before = clock.now().isoformat().replace("+00:00", "Z")
    clock.advance(days=2)
    identifier = {"scheme": "GB-CHC", "id": "1090095"}
    assert (await registry.change(4, identifier=identifier)).status_code == 200
    shown = await registry.shown("/v1/providers/oarsmen")
    assert shown["former_names"] == [{"name": "Oarsmen", "since": None, "until": "2026-03-04"}]
    assert shown["identifier"] == identifier
    # The number that was left is free for whose it is.
    assert (await registry.register("rowers", identifier={"scheme": "XX-REG", "id": "oarsmen"})).status_code == 201
    earlier = await registry.shown(f"/v1/providers/oarsmen?at={before}")
    assert (earlier["name"], earlier["status"], earlier["identifier"]["scheme"]) == ("Oarsmen", "verified", "XX-REG")
    for at, status, code in (
        ("2026-03-01T00:00:00Z", 404, "not-found"),
        ("2027-01-01T00:00:00Z", 422, "at-in-future"),
        ("yesterday", 422, "value-invalid"),
    ):
        answer = await registry.service.client.get(f"/v1/providers/oarsmen?at={at}")
        assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_people_and_owners_are_hidden_but_from_those_inside(registry: Any) -> None:
    await registry.bring("verified")
    await registry.register("parent")
    assert (await registry.put("contact", {"address": SEAT, "contact": CONTACT}, 4)).status_code == 200
    assert (await registry.put("people", {"people": [PERSON]}, 5)).json()["status"] == "verified"
    owners = [
        owner(share="60.5", organisation="parent"),
        owner(name="Cy Ray", kind="person", share="39.5", control=["shareholding", "voting-rights"]),
    ]
    answer = await registry.put("owners", {"owners": owners}, 6)
    assert (answer.status_code, answer.json()["status"], answer.headers["ETag"]) == (200, "registered", '"7"')
    public = (await registry.service.client.get("/v1/providers/oarsmen")).text
    published = "".join(event.model_dump_json() for event in await registry.service.published())
    for personal in ("Ann Lee", "Bo Lin", "Cy Ray", "bo@oarsmen.test", "39.5"):
        assert personal not in public
        assert personal not in published
    inside = await registry.ask("GET", "/v1/providers/oarsmen/people", ("rosa", "registry", "registry-officer"))
    assert [one["name"] for one in inside.json()["people"]] == ["Ann Lee"]
    assert [one["name"] for one in inside.json()["owners"]] == ["Parent", "Cy Ray"]
    assert inside.json()["contact"]["email"] == "bo@oarsmen.test"
    told = [event for event in await registry.service.published() if event.type == "provider.details-changed.v1"]
    last = told[-1]
    assert [event.data["verification_ended"] for event in told] == [False, False, True]
    assert (last.data["owners"][0]["organisation"], last.data["owning_persons"]) == ("parent", 1)
    assert (await registry.put("people", {"people": []}, 6)).status_code == 412


async def test_ownership_is_refused_when_it_leads_back_over_others(registry: Any) -> None:
    for organisation in ("a", "b", "c"):
        await registry.register(organisation)
    assert (await registry.put("owners", {"owners": [owner(organisation="b")]}, 1, "a")).status_code == 200
    by_number = {"owners": [owner(identifier={"scheme": "XX-REG", "id": "c"})]}
    assert (await registry.put("owners", by_number, 1, "b")).status_code == 200
    for body in ([owner(organisation="a")], [owner(organisation="c")], [owner(organisation="b")]):
        answer = await registry.put("owners", {"owners": body}, 1, "c")
        assert (answer.status_code, answer.json()["code"]) == (409, "ownership-cyclic"), body
    former = [owner(organisation="a", until="2024-12-31")]
    assert (await registry.put("owners", {"owners": former}, 1, "c")).status_code == 200
    unknown = await registry.put("owners", {"owners": [owner(organisation="nobody")]}, 2, "c")
    assert (unknown.status_code, unknown.json()["code"]) == (422, "organisation-unknown")
    assert unknown.json()["pointer"] == "/body/owners/0/organisation"


async def test_only_one_counts_when_two_name_each_other_as_owner_at_once(registry: Any) -> None:
    for organisation in ("a", "b"):
        await registry.register(organisation)
    answers = await asyncio.gather(
        registry.put("owners", {"owners": [owner(organisation="b")]}, 1, "a"),
        registry.put("owners", {"owners": [owner(organisation="a")]}, 1, "b"),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_consortium_is_formed_by_organisations_of_the_registry(registry: Any) -> None:
    for organisation in ("a", "b"):
        await registry.register(organisation)
    await registry.register("together", legal_form="consortium")
    await registry.register("others", legal_form="consortium")
    members = [{"organisation": "a", "share": "66.6"}, {"organisation": "b", "share": "33.4"}]
    for wrong, code in (
        ([members[0], {"organisation": "nobody", "share": "33.4"}], "organisation-unknown"),
        ([members[0], {"organisation": "others", "share": "33.4"}], "member-is-consortium"),
        ([members[0], {"organisation": "b", "share": "33.40001"}], "value-invalid"),
    ):
        answer = await registry.put("members", {"members": wrong}, 1, "together")
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert (await registry.put("members", {"members": members}, 1, "together")).json()["members"] == members


async def test_forms_and_schemes_are_shown(registry: Any) -> None:
    forms = {one["id"]: one for one in await registry.shown("/v1/legal-forms")}
    assert forms["community-interest-company"]["schemes"] == ["GB-COH"]
    schemes = {one["code"]: one for one in await registry.shown("/v1/identifier-schemes")}
    assert schemes["CN-USCI"]["check"] == "gb-32100"
