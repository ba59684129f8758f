import asyncio
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import event

from evaluation.domain.external.release import read_release
from shared.testing.services import RunningService

IMPORTER = ("iris", "it-operations", "importer")
ORIGINAL = "a" * 64
SOURCE = "b" * 64

Import = Callable[..., Any]


def release(ocid: object = "ocds-1", title: str = "Uniforms", **members: Any) -> str:
    return json.dumps({"ocid": ocid, "date": "2024-05-06T07:08:09Z", "tender": {"title": title}, **members})


def body(*texts: str, **changed: Any) -> dict[str, Any]:
    given = {"originals": [{"sha256": ORIGINAL, "file": "a/b.json"}], "sources": [SOURCE], "notes": []} | changed
    return {"processes": [{"release": text, **given} for text in texts]}


@pytest.fixture
def send(evaluation: RunningService) -> Import:
    async def post(*texts: str, query: str = "", **changed: Any) -> httpx.Response:
        return await evaluation.client.post(
            f"/v1/external-processes{query}", json=body(*texts, **changed), headers=evaluation.headers(*IMPORTER)
        )

    return post


async def rows(service: RunningService) -> tuple[int, int]:
    """Count kept releases and processes."""
    counted = await service.execute(
        "SELECT (SELECT count(*) FROM compiled_releases), (SELECT count(*) FROM external_processes)"
    )
    kept, processes = counted.one()
    return kept, processes


def outcomes(answer: httpx.Response) -> list[tuple[str | None, str, list[str]]]:
    assert answer.status_code == 200
    return [
        (result["ocid"], result["outcome"], [problem["code"] for problem in result["problems"]])
        for result in answer.json()["results"]
    ]


async def test_it_is_published_and_shown_to_anybody_when_a_process_is_imported(
    evaluation: RunningService, send: Import
) -> None:
    text = release(
        parties=[{"id": "B", "name": "Council", "roles": ["buyer"]}],
        awards=[{"id": 1, "status": "active", "value": {"amount": 5, "currency": "DOP"}, "suppliers": [{"name": "S"}]}],
        contracts=[{"id": "C", "awardID": "1", "dateSigned": "2024-06-01"}],
    )

    assert outcomes(await send(text, notes=["A remark."])) == [("ocds-1", "published", [])]

    digest = read_release(text).digest
    (told,) = await evaluation.published()
    assert (told.type, told.partitionkey, told.sequence) == ("audit.process-imported.v1", "ocds-1", "0000000001")
    assert (told.data["release"], told.data["originals"]) == (digest, [ORIGINAL])
    assert told.data["notes"][0] == "A remark."
    answer = await evaluation.client.get("/v1/external-processes/ocds-1")
    assert (answer.status_code, answer.headers["etag"]) == (200, '"1"')
    shown = answer.json()
    assert (shown["version"], shown["release"], shown["id"]) == (1, digest, told.subject)
    assert shown["provenance"] == {
        "originals": [{"sha256": ORIGINAL, "file": "a/b.json"}],
        "sources": [SOURCE],
        "remarks": ["A remark."],
    }
    process = shown["process"]
    assert (process["title"], process["buyer"], process["published_at"]) == (
        "Uniforms",
        {"id": "B", "name": "Council"},
        "2024-05-06T07:08:09.000000Z",
    )
    assert process["awards"][0]["value"] == {"amount": "5", "currency": "DOP"}
    assert process["contracts"][0]["award_id"] == "1"
    assert {
        "path": "/contracts/0/dateSigned",
        "code": "time-missing",
        "detail": "The date has no time; the start of the day in UTC is taken.",
    } in process["notes"]
    assert (await evaluation.client.get("/v1/external-processes")).json() == {"items": [shown], "next": None}


async def test_there_is_no_new_event_when_a_release_says_what_is_known(
    evaluation: RunningService, send: Import
) -> None:
    await send(release())
    # The same value, written another way and found elsewhere.
    again = json.dumps(json.loads(release()), indent=2, sort_keys=True)

    assert outcomes(await send(again, sources=["c" * 64])) == [("ocds-1", "unchanged", [])]

    assert len(await evaluation.published()) == 1
    shown = (await evaluation.client.get("/v1/external-processes/ocds-1")).json()
    assert (shown["version"], shown["provenance"]["sources"]) == (1, [SOURCE])


async def test_there_is_a_new_version_when_a_release_says_something_else(
    evaluation: RunningService, send: Import
) -> None:
    await send(release(title="Old"))
    evaluation.clock.advance(days=1)

    assert outcomes(await send(release(title="New"), sources=["c" * 64])) == [("ocds-1", "changed", [])]
    assert outcomes(await send(release(title="Old"))) == [("ocds-1", "changed", [])]

    told = await evaluation.published()
    assert [(item.sequence[-1], item.data["title"]) for item in told] == [("1", "Old"), ("2", "New"), ("3", "Old")]
    assert len({item.subject for item in told}) == 1
    shown = (await evaluation.client.get("/v1/external-processes/ocds-1")).json()
    assert (shown["version"], shown["process"]["title"], shown["release"]) == (3, "Old", told[0].data["release"])
    assert await rows(evaluation) == (2, 1)


async def test_the_others_are_taken_in_when_some_are_refused(evaluation: RunningService, send: Import) -> None:
    answer = await send(
        release("ocds-1"),
        "not json",
        release(5),
        release("ocds-2\x00"),
        release("ocds-3", title="\ud800"),
        release("ocds-1", title="Another release"),
        release("ocds-4", title="a\x00b"),
        '{"ocid":"ocds-5","tender":{"value":{"amount":0.10000000000000000001,"currency":"DOP"}}}',
        '{"ocid":"ocds-6","tender":{"numberOfTenderers":99999999999999999999}}',
    )

    assert outcomes(answer) == [
        ("ocds-1", "published", []),
        (None, "refused", ["invalid-json"]),
        (None, "refused", ["ocid-missing"]),
        (None, "refused", ["ocid-not-printable"]),
        (None, "refused", ["invalid-unicode"]),
        (None, "refused", ["ocid-repeated"]),
        ("ocds-4", "published", []),
        ("ocds-5", "published", []),
        ("ocds-6", "published", []),
    ]
    told = {item.partitionkey: item.data for item in await evaluation.published()}
    assert told.keys() == {"ocds-1", "ocds-4", "ocds-5", "ocds-6"}
    assert await rows(evaluation) == (4, 4)
    assert told["ocds-1"]["title"] == "Uniforms"
    assert told["ocds-4"]["title"] == "ab"
    assert told["ocds-5"]["estimate"] == {"amount": "0.10000000000000000001", "currency": "DOP"}
    shown = (await evaluation.client.get("/v1/external-processes/ocds-6")).json()
    assert shown["process"]["number_of_tenderers"] is None


async def test_the_compiled_release_is_kept_under_its_digest_when_it_is_taken_in(
    evaluation: RunningService, send: Import
) -> None:
    await send('{"z":1.10, "ocid":"ocds-ñ"}')

    kept = (await evaluation.execute("SELECT convert_from(content, 'UTF8') FROM compiled_releases")).scalar_one()
    assert kept == '{"ocid":"ocds-ñ","z":1.1}'


@pytest.mark.parametrize("ocid", ["ocds-6550wx-OISOE B&S/1 ñ", "100%", "a//b", "é" * 200, "?#"])
async def test_a_process_is_found_by_its_ocid_when_that_is_odd(
    evaluation: RunningService, send: Import, ocid: str
) -> None:
    assert outcomes(await send(release(ocid))) == [(ocid, "published", [])]

    answer = await evaluation.client.get(f"/v1/external-processes/{quote(ocid, safe='')}")
    assert (answer.status_code, answer.json().get("process", {}).get("ocid")) == (200, ocid)


@pytest.mark.parametrize(("ocid", "status"), [("nothing", 404), ("a%00b", 404), ("x" * 201, 422)])
async def test_no_process_is_found_when_there_is_none(evaluation: RunningService, ocid: str, status: int) -> None:
    assert (await evaluation.client.get(f"/v1/external-processes/{ocid}")).status_code == status


async def test_each_process_is_on_one_page_when_the_list_is_walked(evaluation: RunningService, send: Import) -> None:
    names = {f"ocds-{number}-{'ñ' * 150}" for number in range(7)}
    await send(*map(release, names))

    seen, cursor = [], None
    for _ in range(4):
        parameters = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await evaluation.client.get("/v1/external-processes", params=parameters)).json()
        seen += [item["process"]["ocid"] for item in page["items"]]
        cursor = page["next"]

    assert (sorted(seen), cursor) == (sorted(names), None)
    malformed = await evaluation.client.get("/v1/external-processes", params={"cursor": "x"})
    assert (malformed.status_code, malformed.json()["code"]) == (422, "cursor-malformed")


@pytest.mark.parametrize(
    ("changed", "count"),
    [
        ({}, 0),
        ({}, 201),
        ({"originals": []}, 1),
        ({"originals": [{"sha256": "x", "file": "f"}]}, 1),
        ({"originals": [{"sha256": ORIGINAL, "file": " "}]}, 1),
        ({"sources": []}, 1),
        ({"sources": ["A" * 64]}, 1),
        ({"notes": ["x" * 201]}, 1),
        ({"extra": 1}, 1),
    ],
)
async def test_nothing_is_taken_in_when_the_request_has_another_form(
    evaluation: RunningService, send: Import, changed: dict[str, Any], count: int
) -> None:
    answer = await send(*(release(f"ocds-{number}") for number in range(count)), **changed)

    assert answer.status_code == 422
    assert await rows(evaluation) == (0, 0)
    assert not await evaluation.published()


async def test_nothing_is_taken_in_when_the_request_is_ambiguous(evaluation: RunningService) -> None:
    for text in ('{"processes":[{"release":"\\ud800"}]}', '{"processes":[{"release":"\\u0000"}]}', "{"):
        answer = await evaluation.client.post(
            "/v1/external-processes",
            content=text,
            headers=evaluation.headers(*IMPORTER) | {"Content-Type": "application/json"},
        )
        assert (answer.status_code, answer.json()["code"]) == (400, "json-malformed")


async def test_the_number_of_statements_is_the_same_when_two_hundred_are_imported(
    evaluation: RunningService, send: Import
) -> None:
    counted: list[str] = []

    @event.listens_for(evaluation.runtime.engine.sync_engine, "before_cursor_execute")
    def count(_: object, __: object, statement: str, *___: object) -> None:
        counted.append(statement)

    await send(release("ocds-0"), release("ocds-1"))
    two = len(counted)
    counted.clear()
    answer = await send(*(release(f"x-{number}") for number in range(200)))

    assert {outcome for _, outcome, _ in outcomes(answer)} == {"published"}
    assert len(counted) == two < 12
    assert len(await evaluation.published()) == 202


async def test_each_change_has_a_version_of_its_own_when_two_import_at_once(
    evaluation: RunningService, send: Import
) -> None:
    answers = await asyncio.gather(*(send(release("ocds-1", title=str(number))) for number in range(3)))

    assert sorted(outcomes(answer)[0][1] for answer in answers) == ["changed", "changed", "published"]
    assert [item.sequence[-1] for item in await evaluation.published()] == ["1", "2", "3"]


async def test_nothing_is_kept_when_it_is_a_dry_run(evaluation: RunningService, send: Import) -> None:
    answer = await send(release(), query="?dry_run=true")

    assert (outcomes(answer), answer.headers["dry-run"]) == ([("ocds-1", "published", [])], "true")
    assert await rows(evaluation) == (0, 0)
    assert not await evaluation.published()


async def test_the_answer_is_the_same_when_a_request_is_sent_again(evaluation: RunningService) -> None:
    headers = evaluation.headers(*IMPORTER)
    first, second = [
        await evaluation.client.post("/v1/external-processes", json=body(release()), headers=headers) for _ in range(2)
    ]

    assert first.json() == second.json()
    assert second.headers["idempotency-hit"] == "true"
    keyless = {"Authorization": headers["Authorization"]}
    refused = await evaluation.client.post("/v1/external-processes", json=body(release()), headers=keyless)
    assert (refused.status_code, refused.json()["code"]) == (400, "idempotency-key-missing")
