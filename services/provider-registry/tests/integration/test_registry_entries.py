"""The register over HTTP: who is entered under what, lists, conditions, repeated requests."""

import asyncio
from typing import Any

import pytest

from shared.platform.paging import write_cursor


async def test_entry_is_refused_when_the_organisation_is_entered(registry: Any) -> None:
    await registry.register()
    other = {"scheme": "XX-REG", "id": "another"}
    response = await registry.register("oarsmen", identifier=other)
    assert (response.status_code, response.json()["code"]) == (409, "already-registered")
    assert len(await registry.types()) == 1


async def test_entry_is_refused_when_the_identifier_is_another_organisations(registry: Any) -> None:
    identifier = {"scheme": "XX-REG", "id": "4711"}
    assert (await registry.register("oarsmen", identifier=identifier)).status_code == 201
    response = await registry.register("sunrise", identifier=identifier)
    assert (response.status_code, response.json()["code"]) == (409, "identifier-taken")
    assert "oarsmen" not in response.text
    assert len(await registry.types()) == 1


@pytest.mark.parametrize("organisations", [("oarsmen", "oarsmen"), ("oarsmen", "sunrise")])
async def test_one_entry_is_made_when_two_come_at_once(registry: Any, organisations: tuple[str, str]) -> None:
    identifier = {"scheme": "XX-REG", "id": "4711"}
    answers = await asyncio.gather(*(registry.register(one, identifier=identifier) for one in organisations))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert len(await registry.types()) == 1


FORMS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"name": ""}, "value-invalid"),
    ({"name": "   "}, "value-invalid"),
    ({"name": "n" * 201}, "value-invalid"),
    ({"name": 5}, "value-invalid"),
    ({"legal_form": "guild"}, "legal-form-unknown"),
    ({"identifier": {"scheme": "XX-REG"}}, "field-missing"),
    ({"identifier": {"scheme": "XX-REG", "id": "1", "note": "x"}}, "unknown-field"),
    ({"status": "verified"}, "unknown-field"),
)


async def test_entry_is_refused_when_it_has_another_form(registry: Any) -> None:
    for changes, code in FORMS:
        response = await registry.register("oarsmen", **changes)
        assert (response.status_code, response.json()["code"]) == (422, code), changes
    assert (await registry.shown("/v1/providers"))["items"] == []


async def test_change_is_refused_when_it_names_no_or_another_version(registry: Any) -> None:
    await registry.register()
    missing = await registry.change(None)
    assert (missing.status_code, missing.json()["code"]) == (428, "if-match-missing")
    for version in (0, 2):
        stale = await registry.change(version)
        assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert len(await registry.types()) == 1
    assert (await registry.change(1)).status_code == 200
    assert (await registry.change(1)).status_code == 412


async def test_change_is_refused_when_its_condition_is_malformed(registry: Any) -> None:
    await registry.register()
    body = {"name": "New", "legal_form": "company"}
    for condition in ("1", '"one"', "*", 'W/"1"', '""'):
        response = await registry.ask(
            "PUT", "/v1/providers/oarsmen", registry.clerk("oarsmen"), body, **{"If-Match": condition}
        )
        assert (response.status_code, response.json()["code"]) == (412, "stale"), condition


async def test_one_change_counts_when_two_come_at_once(registry: Any) -> None:
    await registry.register()
    answers = await asyncio.gather(*(registry.change(1, name=name) for name in ("Left", "Right")))
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    assert len(await registry.types()) == 2


async def test_condition_holds_for_the_entity_tag_that_was_read(registry: Any) -> None:
    await registry.bring("verified")
    read = await registry.service.client.get("/v1/providers/oarsmen")
    assert read.headers["ETag"] == '"4"'
    assert (await registry.change(4)).headers["ETag"] == '"5"'


async def test_first_answer_comes_again_when_the_request_is_repeated(registry: Any) -> None:
    clerk, body, key = registry.clerk("oarsmen"), registry.registration("oarsmen"), {"Idempotency-Key": "enter-1"}
    first = await registry.post("/v1/providers", clerk, body, **key)
    again = await registry.post("/v1/providers", clerk, body, **key)
    assert (again.status_code, again.json(), again.headers["ETag"]) == (201, first.json(), '"1"')
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotency-Hit"] == "true"
    other = await registry.post("/v1/providers", clerk, {**body, "name": "Other"}, **key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert len(await registry.types()) == 1


async def test_entry_is_refused_when_it_has_no_key(registry: Any) -> None:
    headers = registry.service.headers(*registry.clerk("oarsmen"))
    del headers["Idempotency-Key"]
    response = await registry.service.client.post(
        "/v1/providers", json=registry.registration("oarsmen"), headers=headers
    )
    assert (response.status_code, response.json()["code"]) == (400, "idempotency-key-missing")


async def test_nothing_is_entered_when_it_is_a_dry_run(registry: Any) -> None:
    response = await registry.post(
        "/v1/providers?dry_run=true", registry.clerk("oarsmen"), registry.registration("oarsmen")
    )
    assert (response.status_code, response.headers["Dry-Run"]) == (201, "true")
    assert (await registry.shown("/v1/providers"))["items"] == []
    assert await registry.types() == []


async def test_providers_come_in_order_when_they_are_paged(registry: Any) -> None:
    for organisation in ("delta", "alpha", "echo", "bravo", "charlie"):
        await registry.register(organisation)
    found, query = [], "?limit=2"
    while query:
        page = await registry.shown(f"/v1/providers{query}")
        found.append([item["organisation"] for item in page["items"]])
        query = f"?limit=2&cursor={page['next']}" if page["next"] else ""
    assert found == [["alpha", "bravo"], ["charlie", "delta"], ["echo"]]


async def test_page_is_the_last_when_it_holds_exactly_the_rest(registry: Any) -> None:
    for organisation in ("alpha", "bravo"):
        await registry.register(organisation)
    page = await registry.shown("/v1/providers?limit=2")
    assert (len(page["items"]), page["next"]) == (2, None)


async def test_only_those_are_listed_that_have_the_status_asked_for(registry: Any) -> None:
    await registry.bring("registered", "newcomer")
    await registry.bring("verified", "sunrise")
    await registry.bring("verified", "harbour")
    page = await registry.shown("/v1/providers?status=verified&limit=1")
    assert [item["organisation"] for item in page["items"]] == ["harbour"]
    rest = await registry.shown(f"/v1/providers?status=verified&limit=1&cursor={page['next']}")
    assert ([item["organisation"] for item in rest["items"]], rest["next"]) == (["sunrise"], None)


MALFORMED = ("%", "!!!!", "A", "ä", "_w", write_cursor("a", "b"), write_cursor("\x00"), "ab cd", "=", "YQ===")


async def test_list_is_refused_when_its_cursor_is_malformed(registry: Any) -> None:
    for cursor in MALFORMED:
        response = await registry.service.client.get("/v1/providers", params={"cursor": cursor})
        assert (response.status_code, response.json()["code"]) == (422, "cursor-malformed"), cursor


async def test_list_is_refused_when_it_is_asked_for_what_it_does_not_have(registry: Any) -> None:
    for name, value in (("limit", "0"), ("limit", "201"), ("limit", "all"), ("status", "lost"), ("cursor", "c" * 401)):
        response = await registry.service.client.get("/v1/providers", params={name: value})
        assert (response.status_code, response.json()["code"]) == (422, "value-invalid"), name
