"""Originals, and who may do what with processes of other publishers."""

import os
import zlib
from hashlib import sha256

import httpx
import pytest
from fastapi.routing import APIRoute
from sqlalchemy.exc import DBAPIError

from evaluation.api.routes.external import LARGER_BODIES, router
from shared.testing.services import RunningService

IMPORTER = ("iris", "it-operations", "importer")
OPERATOR = ("otto", "it-operations", "operator")
OTHERS = ("supervisor", "supervision-coordinator", "contract-manager", "accreditation-officer")
CONTENT = b'{"ocid":"ocds-1","buyer":{"contactPoint":{"email":"jane@example.org"}}}' * 10
SHA256 = sha256(CONTENT).hexdigest()
OCTETS = {"Content-Type": "application/octet-stream"}
BOUND = 64 * 2**20

PROCESS = {
    "release": '{"ocid":"ocds-1"}',
    "originals": [{"sha256": SHA256, "file": "a.json"}],
    "sources": [SHA256],
}


async def put(service: RunningService, content: bytes, digest: str | None = None, **headers: str) -> httpx.Response:
    name = digest or sha256(content).hexdigest()
    return await service.client.put(
        f"/v1/originals/{name}", content=content, headers=service.headers(*IMPORTER) | OCTETS | headers
    )


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (CONTENT, "deflate"),
        (zlib.compress(os.urandom(10_000)), "identity"),
        (b"", "identity"),
        (bytes(range(256)), "identity"),
    ],
    ids=["text", "compressed", "empty", "binary"],
)
async def test_the_bytes_come_back_as_they_were_when_a_file_was_kept(
    evaluation: RunningService, content: bytes, encoding: str
) -> None:
    digest = sha256(content).hexdigest()

    first, second = await put(evaluation, content), await put(evaluation, content)

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json() == {"sha256": digest, "size": len(content)}
    answer = await evaluation.client.get(f"/v1/originals/{digest}", headers=evaluation.headers(*OPERATOR))
    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    kept = (await evaluation.execute("SELECT encoding, size, octet_length(content) FROM originals")).one()
    assert (kept[0], kept[1], kept[2] <= len(content)) == (encoding, len(content), True)
    assert not await evaluation.published()


@pytest.mark.parametrize("digest", ["0" * 64, sha256(b"other").hexdigest()])
async def test_a_file_is_refused_when_it_has_another_hash(evaluation: RunningService, digest: str) -> None:
    answer = await put(evaluation, CONTENT, digest)

    assert (answer.status_code, answer.json()["code"]) == (422, "digest-differs")
    gone = await evaluation.client.get(f"/v1/originals/{digest}", headers=evaluation.headers(*IMPORTER))
    assert (gone.status_code, gone.json()["code"]) == (404, "not-found")


@pytest.mark.parametrize("name", ["x", SHA256.upper(), SHA256[:-1], f"{SHA256}0"])
async def test_a_file_is_refused_when_its_name_is_no_hash(evaluation: RunningService, name: str) -> None:
    assert (await put(evaluation, CONTENT, name)).status_code == 422


async def test_a_file_is_refused_when_it_comes_as_something_else(evaluation: RunningService) -> None:
    for media_type in ("application/json", "text/plain"):
        answer = await put(evaluation, b"{}", **{"Content-Type": media_type})
        assert (answer.status_code, answer.json()["code"]) == (415, "media-type-unsupported")


async def test_a_file_is_kept_up_to_the_bound_and_refused_beyond(evaluation: RunningService) -> None:
    kept, refused = await put(evaluation, bytes(BOUND)), await put(evaluation, bytes(BOUND + 1))

    assert (kept.status_code, kept.json()["size"]) == (201, BOUND)
    assert (refused.status_code, refused.json()["code"]) == (413, "body-too-large")


async def test_an_import_is_refused_when_it_is_larger_than_its_bound(evaluation: RunningService) -> None:
    headers = evaluation.headers(*IMPORTER) | {"Content-Type": "application/json"}
    answer = await evaluation.client.post("/v1/external-processes", content=b" " * (40 * 2**20 + 1), headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")
    assert sorted(LARGER_BODIES.values()) == [40 * 2**20, 64 * 2**20]


async def test_nothing_is_kept_when_it_is_a_dry_run_of_a_file(evaluation: RunningService) -> None:
    answer = await evaluation.client.put(
        f"/v1/originals/{SHA256}?dry_run=true", content=CONTENT, headers=evaluation.headers(*IMPORTER) | OCTETS
    )

    assert (answer.status_code, answer.headers["dry-run"]) == (201, "true")
    assert (await evaluation.execute("SELECT count(*) FROM originals")).scalar_one() == 0


@pytest.mark.parametrize("table", ["originals", "compiled_releases"])
@pytest.mark.parametrize("change", ["UPDATE {} SET kept_at = now()", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
async def test_the_database_refuses_when_something_kept_would_be_changed(
    evaluation: RunningService, table: str, change: str
) -> None:
    with pytest.raises(DBAPIError, match="what was kept is never changed"):
        await evaluation.execute_as_owner(change.format(table))


async def test_the_database_refuses_when_a_content_has_another_digest(evaluation: RunningService) -> None:
    for insert in (
        f"compiled_releases VALUES ('{SHA256}', 'x', now())",
        f"originals VALUES ('{SHA256}', 1, 'identity', 'x', now())",
    ):
        with pytest.raises(DBAPIError, match="check constraint"):
            await evaluation.execute(f"INSERT INTO {insert}")


def test_every_route_is_in_these_tests_of_rights() -> None:
    assert {route.name for route in router.routes if isinstance(route, APIRoute)} == {
        "keep_original",
        "read_original",
        "import_processes",
        "list_external_processes",
        "show_external_process",
    }


async def test_each_route_lets_through_those_it_is_for(evaluation: RunningService) -> None:
    client = evaluation.client

    async def keep(headers: dict[str, str]) -> httpx.Response:
        return await client.put(f"/v1/originals/{SHA256}", content=CONTENT, headers=headers | OCTETS)

    async def read(headers: dict[str, str]) -> httpx.Response:
        return await client.get(f"/v1/originals/{SHA256}", headers=headers)

    async def take_in(headers: dict[str, str]) -> httpx.Response:
        return await client.post("/v1/external-processes", json={"processes": [PROCESS]}, headers=headers)

    for ask, parties in ((keep, [IMPORTER]), (take_in, [IMPORTER]), (read, [IMPORTER, OPERATOR])):
        anonymous = await ask({"Idempotency-Key": "1"})
        assert (anonymous.status_code, anonymous.json()["code"]) == (401, "token-refused")
        allowed = {party[2] for party in parties}
        wrong = {*OTHERS, "importer", "operator"} - allowed
        for headers in (evaluation.headers("zoe", "office"), evaluation.headers("zoe", "office", *wrong)):
            refused = await ask(headers)
            assert (refused.status_code, refused.json()["code"]) == (403, "role-missing")
            assert b"jane@" not in refused.content
        for party in parties:
            assert (await ask(evaluation.headers(*party))).status_code in {200, 201}
        # The role counts, whatever the organisation.
        assert (await ask(evaluation.headers("zoe", "elsewhere", parties[0][2]))).status_code in {200, 201}
    for path in ("/v1/external-processes", "/v1/external-processes/ocds-1"):
        assert (await client.get(path)).status_code == 200
