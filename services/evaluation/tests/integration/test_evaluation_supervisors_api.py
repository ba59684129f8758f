import asyncio
from typing import Any

import pytest

from shared.testing.services import RunningService

RENEWAL = {"name": "Inspect A", "inspection_body_type": "A", "valid_until": "2028-03-02"}


async def test_supervisor_is_accredited_published_and_public(evaluation: RunningService, office: Any) -> None:
    answer = await office.accredit(name="Inspect A", valid_until="2027-03-02")
    expected = {
        "organisation": "inspect-a",
        "name": "Inspect A",
        "inspection_body_type": "A",
        "valid_until": "2027-03-02",
        "conflicts": [],
    }
    assert (answer.status_code, answer.json(), answer.headers["ETag"]) == (201, expected, '"1"')
    assert answer.headers["Location"] == "../v1/supervisors/inspect-a"
    shown = await evaluation.client.get("/v1/supervisors/inspect-a")
    assert (shown.json(), shown.headers["ETag"]) == (expected, '"1"')
    (event,) = await evaluation.published()
    assert event.type == "inspection.supervisor-accredited.v1"
    assert event.partitionkey == "inspect-a"
    assert event.data == {
        "supervisor": "inspect-a",
        "name": "Inspect A",
        "inspection_body_type": "A",
        "valid_until": "2027-03-02",
    }


async def test_accreditation_is_refused_when_it_exists_has_ended_or_is_the_officers_own(office: Any) -> None:
    await office.accredit()
    again = await office.accredit()
    assert (again.status_code, again.json()["code"]) == (409, "already-accredited")
    ended = await office.accredit("inspect-b", valid_until="2026-03-02")
    assert (ended.status_code, ended.json()["code"]) == (422, "accreditation-expired")
    own = await office.accredit("accreditation-office")
    assert (own.status_code, own.json()["code"]) == (403, "own-accreditation")


@pytest.mark.parametrize(
    ("field", "value"),
    [("inspection_body_type", "D"), ("organisation", "a b"), ("valid_until", "soon"), ("name", ""), ("more", 1)],
)
async def test_accreditation_is_refused_when_a_field_is_malformed(office: Any, field: str, value: object) -> None:
    answer = await office.accredit(**{field: value})
    assert answer.status_code == 422


async def test_one_accreditation_counts_when_two_are_made_at_once(evaluation: RunningService, office: Any) -> None:
    answers = await asyncio.gather(office.accredit(), office.accredit())
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert len(await evaluation.published()) == 1


async def test_accreditation_is_renewed_when_the_version_is_named(evaluation: RunningService, office: Any) -> None:
    await office.accredit()
    headers = evaluation.headers(*office.officer)
    path = "/v1/supervisors/inspect-a"
    unconditional = await evaluation.client.put(path, json=RENEWAL, headers=headers)
    assert (unconditional.status_code, unconditional.json()["code"]) == (428, "if-match-missing")
    stale = await evaluation.client.put(
        path,
        json=RENEWAL,
        headers=evaluation.headers(
            *office.officer,
        )
        | {"If-Match": '"7"'},
    )
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    renewed = await evaluation.client.put(
        path, json=RENEWAL, headers=evaluation.headers(*office.officer) | {"If-Match": '"1"'}
    )
    assert (renewed.status_code, renewed.json()["valid_until"], renewed.headers["ETag"]) == (200, "2028-03-02", '"2"')
    assert [event.type for event in await evaluation.published()] == ["inspection.supervisor-accredited.v1"] * 2


async def test_renewal_is_refused_when_there_is_no_such_supervisor_or_it_is_the_officers_own(
    evaluation: RunningService, office: Any
) -> None:
    for organisation, status, code in (
        ("nobody", 404, "not-found"),
        ("accreditation-office", 403, "own-accreditation"),
    ):
        answer = await evaluation.client.put(
            f"/v1/supervisors/{organisation}",
            json=RENEWAL,
            headers=evaluation.headers(*office.officer) | {"If-Match": '"1"'},
        )
        assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_conflict_is_declared_once_by_the_supervisor_itself(evaluation: RunningService, office: Any) -> None:
    await office.accredit()
    path = "/v1/supervisors/inspect-a/conflicts"
    declared = await office.post(office.supervisor, path, {"organisation": "meals-coop"})
    assert (declared.status_code, declared.json()["conflicts"], declared.headers["ETag"]) == (
        200,
        ["meals-coop"],
        '"2"',
    )
    again = await office.post(office.supervisor, path, {"organisation": "meals-coop"})
    assert (again.status_code, again.json()["code"]) == (409, "conflict-already-declared")
    itself = await office.post(office.supervisor, path, {"organisation": "inspect-a"})
    assert (itself.status_code, itself.json()["code"]) == (422, "conflict-with-itself")
    event = (await evaluation.published())[-1]
    assert event.type == "inspection.conflict-declared.v1"
    assert event.data == {"supervisor": "inspect-a", "organisation": "meals-coop"}


async def test_supervisors_are_listed_page_after_page(evaluation: RunningService, office: Any) -> None:
    for organisation in ("c", "a", "b"):
        await office.accredit(organisation)
    first = (await evaluation.client.get("/v1/supervisors?limit=2")).json()
    assert [item["organisation"] for item in first["items"]] == ["a", "b"]
    second = (await evaluation.client.get(f"/v1/supervisors?limit=2&cursor={first['next']}")).json()
    assert ([item["organisation"] for item in second["items"]], second["next"]) == (["c"], None)
    assert (await evaluation.client.get("/v1/supervisors?cursor=%21")).status_code == 422
    assert (await evaluation.client.get("/v1/supervisors/nobody")).status_code == 404


async def test_request_is_answered_once_when_it_is_sent_again(evaluation: RunningService, office: Any) -> None:
    first = await office.accredit()
    key = first.request.headers["Idempotency-Key"]
    body = {"organisation": "inspect-a", "name": "Inspect-A", "inspection_body_type": "A", "valid_until": "2027-03-02"}
    again = await office.post(office.officer, "/v1/supervisors", body, **{"Idempotency-Key": key})
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Idempotency-Hit"] == "true"
    assert len(await evaluation.published()) == 1
