"""One request, one transaction: it takes effect once, or not at all."""

import asyncio
from typing import Any

import httpx
import pytest
from notes_service import LOCKS, REFUSED_AT_COMMIT, create, until
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import make_url
from structlog.testing import capture_logs

from shared.platform.answers import KeptAnswers
from shared.platform.settings import ServiceSettings
from shared.testing.postgres import PostgresForTests, as_owner
from shared.testing.services import RunningService, running

WRITER = ("person", "org", "writer")
EFFECTS = "SELECT (SELECT count(*) FROM notes) + (SELECT count(*) FROM events) + (SELECT count(*) FROM idempotency)"


async def post(
    service: RunningService, content: str = "1", *, key: str | None = None, query: str = "", path: str = "/v1/notes/a",
    person: tuple[str, ...] = WRITER,
) -> httpx.Response:  # fmt: skip
    headers = service.headers(*person)
    if key:
        headers["Idempotency-Key"] = key
    return await service.client.post(path + query, json={"text": content}, headers=headers)


async def left(service: RunningService) -> int:
    """Count what a request may have left behind."""
    return int((await service.execute(EFFECTS)).scalar())


async def versions(service: RunningService) -> list[int]:
    return [int(event.sequence) for event in await service.published()]


async def test_answer_is_given_again_when_the_same_request_comes_again(notes: RunningService) -> None:
    first = await post(notes, key="k1")
    again = await post(notes, key="k1")
    assert first.status_code == again.status_code == 201
    assert first.content == again.content == b'{"key":"a","version":1}'
    for name in ("etag", "location", "content-type"):
        assert first.headers[name] == again.headers[name]
    assert "idempotency-hit" not in first.headers
    assert again.headers["idempotency-hit"] == "true"
    assert await versions(notes) == [1]


async def test_body_is_read_once_when_a_route_takes_it(notes: RunningService, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[bytes] = []

    def parse(body: bytes) -> Any:
        read.append(body)
        return {"text": "as it was read"}

    monkeypatch.setattr("shared.platform.strict_json.parse", parse)
    response = await post(notes, "as it was sent", key="k1")
    assert (response.status_code, len(read)) == (201, 1)
    assert (await notes.execute("SELECT text FROM notes")).scalar() == "as it was read"


async def test_effect_is_one_when_the_same_request_comes_many_times_at_once(notes: RunningService) -> None:
    answers = await asyncio.gather(*(post(notes, key="k1") for _ in range(6)))
    assert {answer.status_code for answer in answers} == {201}
    assert {answer.content for answer in answers} == {b'{"key":"a","version":1}'}
    assert sum("idempotency-hit" in answer.headers for answer in answers) == 5
    assert await versions(notes) == [1]


@pytest.mark.parametrize(
    ("changed"),
    [
        pytest.param({"content": "2"}, id="body"),
        pytest.param({"path": "/v1/notes/b"}, id="path"),
        pytest.param({"query": "?dry_run=false"}, id="query"),
    ],
)
async def test_request_is_refused_when_its_key_was_used_for_another(
    notes: RunningService, changed: dict[str, Any]
) -> None:
    await post(notes, key="k1")
    answer = await post(notes, **{"key": "k1", **changed})
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-key-reused")
    assert await versions(notes) == [1]


async def test_keys_of_persons_are_apart_when_two_use_the_same(notes: RunningService) -> None:
    await post(notes, key="k1")
    other = await post(notes, "2", key="k1", person=("other", "org", "writer"))
    assert other.status_code == 201
    assert await versions(notes) == [1, 2]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [("forbidden", 409, "text-forbidden"), ("", 422, "value-invalid"), (REFUSED_AT_COMMIT, 500, "unexpected")],
)
async def test_key_is_free_again_when_the_request_was_refused(
    notes: RunningService, content: str, status: int, code: str
) -> None:
    refused = await post(notes, content, key="k1")
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert await left(notes) == 0
    assert (await post(notes, "good", key="k1")).status_code == 201


async def test_key_is_free_again_when_the_one_that_held_it_is_rolled_back(notes: RunningService) -> None:
    async with notes.runtime.engine.begin() as other:
        await other.execute(
            text("INSERT INTO idempotency (person, key, fingerprint, answered_at) VALUES ('person', 'k1', '', now())")
        )
        waiting = asyncio.create_task(post(notes, key="k1"))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        await other.rollback()
    assert (await waiting).status_code == 201


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 101, "\N{SNOWMAN}", "a\tb"])
async def test_key_is_refused_when_it_is_malformed(notes: RunningService, key: str) -> None:
    headers: Any = {**notes.headers(*WRITER), "Idempotency-Key": key.encode()}
    answer = await notes.client.post("/v1/notes/a", json={"text": "1"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency-key-malformed")


async def test_key_is_asked_for_when_a_post_has_none(notes: RunningService) -> None:
    headers = notes.headers(*WRITER)
    del headers["Idempotency-Key"]
    answer = await notes.client.post("/v1/notes/a", json={"text": "1"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency-key-missing")
    assert await left(notes) == 0


async def test_nothing_is_left_when_a_request_is_a_dry_run(notes: RunningService) -> None:
    tried = await post(notes, key="k1", query="?dry_run=true")
    assert (tried.status_code, tried.json(), tried.headers["dry-run"]) == (201, {"key": "a", "version": 1}, "true")
    assert await left(notes) == 0
    done = await post(notes, key="k1")
    assert done.status_code == 201
    assert "dry-run" not in done.headers


async def test_dry_run_is_refused_as_the_request_would_be_when_a_rule_refuses(notes: RunningService) -> None:
    answer = await post(notes, "forbidden", query="?dry_run=true")
    assert (answer.status_code, answer.json()["code"]) == (409, "text-forbidden")
    assert (answer.json()["rule"], answer.json()["source"]) == ("note.1", "Art. 1")


@pytest.mark.parametrize("value", ["1", "True", "yes", ""])
async def test_request_is_refused_when_dry_run_is_neither_true_nor_false(notes: RunningService, value: str) -> None:
    answer = await post(notes, query=f"?dry_run={value}")
    assert (answer.status_code, answer.json()["code"]) == (422, "value-invalid")
    assert await left(notes) == 0


async def test_answer_is_500_and_never_201_when_the_commit_fails(notes: RunningService) -> None:
    answer = await post(notes, REFUSED_AT_COMMIT)
    assert (answer.status_code, answer.json()["code"]) == (500, "unexpected")
    assert answer.headers["content-type"] == "application/problem+json"
    assert await left(notes) == 0


async def test_answer_is_503_when_the_connection_is_lost_in_the_middle(notes: RunningService) -> None:
    async with notes.runtime.engine.connect() as other:
        await other.execute(text("LOCK TABLE notes"))
        waiting = asyncio.create_task(post(notes))
        await until(lambda: _blocked(notes))
        await other.execute(text(f"SELECT pg_terminate_backend(pid) FROM {LOCKS} WHERE NOT granted"))
        answer = await waiting
    assert (answer.status_code, answer.json()["code"]) == (503, "database-unavailable")
    assert answer.headers["retry-after"] == "2"
    assert await left(notes) == 0


async def _blocked(service: RunningService) -> bool:
    return bool((await service.execute(f"SELECT count(*) FROM {LOCKS} WHERE NOT granted")).scalar())


async def test_answer_is_409_when_somebody_else_holds_the_lock_too_long(notes: RunningService) -> None:
    assert (await notes.execute("SHOW lock_timeout")).scalar() == "8s"

    @event.listens_for(notes.runtime.engine.sync_engine, "begin")
    def impatient(connection: Connection) -> None:
        connection.exec_driver_sql("SET LOCAL lock_timeout = '100ms'")

    async with notes.runtime.engine.connect() as other:
        await other.execute(text("LOCK TABLE notes"))
        answer = await post(notes)
    assert (answer.status_code, answer.json()["code"]) == (409, "busy")
    assert await left(notes) == 0


@pytest.mark.parametrize(
    ("condition", "status", "code"),
    [
        (None, 428, "if-match-missing"),
        ('"2"', 412, "stale"),
        ("1", 412, "stale"),
        ('W/"1"', 412, "stale"),
        ("*", 412, "stale"),
        ('"9999999999"', 412, "stale"),
        ('"1", "2"', 412, "stale"),
    ],
)
async def test_change_is_refused_when_its_condition_does_not_hold(
    notes: RunningService, condition: str | None, status: int, code: str
) -> None:
    await post(notes)
    headers = notes.headers(*WRITER) | ({"If-Match": condition} if condition else {})
    answer = await notes.client.put("/v1/notes/a", json={"text": "2"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await versions(notes) == [1]


async def test_one_change_wins_when_two_start_from_the_same_reading(notes: RunningService) -> None:
    read = (await post(notes)).headers["etag"]

    async def change(content: str) -> httpx.Response:
        headers = {**notes.headers(*WRITER), "If-Match": read}
        del headers["Idempotency-Key"]  # a PUT may have one, and need not
        return await notes.client.put("/v1/notes/a", json={"text": content}, headers=headers)

    answers = await asyncio.gather(change("2"), change("3"))
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    assert await versions(notes) == [1, 2]


async def test_condition_is_refused_when_the_route_checks_none(notes: RunningService) -> None:
    headers = {**notes.headers(*WRITER), "If-Match": '"1"'}
    answer = await notes.client.post("/v1/notes/a", json={"text": "1"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "if-match-not-taken")
    assert await left(notes) == 0


async def test_answers_are_forgotten_when_they_were_kept_for_long_enough(notes: RunningService) -> None:
    await post(notes, key="old")
    notes.clock.advance(days=7)
    await post(notes, key="new")
    kept = KeptAnswers(notes.runtime.engine, notes.clock, days=7)
    assert await kept.forget() == 0
    notes.clock.advance(seconds=1)
    assert await kept.forget() == 1
    assert (await notes.execute("SELECT key FROM idempotency")).scalars().all() == ["new"]
    # What nobody remembers is a new request.
    assert (await post(notes, key="old")).json()["version"] == 3


async def test_answer_is_503_when_the_database_is_down() -> None:
    url = "postgresql+asyncpg://nobody:nothing@127.0.0.1:1/nowhere"
    async with running(create, ServiceSettings, url) as service:
        answers = [
            await post(service),
            await service.client.get("/v1/notes"),
            await service.client.get("/v1/events"),
            await service.client.get("/v1/parked", headers=service.headers("op", "office", "operator")),
        ]
        for answer in answers:
            assert (answer.status_code, answer.json()["code"]) == (503, "database-unavailable")
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["retry-after"] == "2"
        ready = await service.client.get("/health/ready")
        assert (ready.status_code, ready.json()["database"], ready.json()["ready"]) == (503, False, False)
        assert (await service.client.get("/health/live")).status_code == 200


async def test_answer_is_503_when_the_database_does_not_exist(notes_urls: tuple[str, str]) -> None:
    async with running(create, ServiceSettings, notes_urls[0].rpartition("/")[0] + "/nowhere") as service:
        answer = await post(service)
        assert (answer.status_code, answer.json()["code"]) == (503, "database-unavailable")
        assert (await service.client.get("/health/ready")).json()["database"] is False


@pytest.mark.parametrize("role", ["owner", "administrator"])
async def test_service_does_nothing_when_it_is_given_a_role_that_could_change_its_tables(
    notes: RunningService, notes_urls: tuple[str, str], postgres: PostgresForTests, role: str
) -> None:
    url = make_url(as_owner(notes_urls[0]))
    if role == "administrator":
        url = make_url(postgres.administrator_url).set(database=url.database)
    with capture_logs() as logs:
        async with running(create, ServiceSettings, url.render_as_string(hide_password=False)) as service:
            answer = await post(service)
            ready = await service.client.get("/health/ready")
            by_it = f"datname = '{url.database}' AND usename = '{url.username}'"

            async def lets_go() -> bool:
                found = await notes.execute(f"SELECT count(*) FROM pg_stat_activity WHERE {by_it}")
                return bool(found.scalar_one() == 0)

            await until(lets_go)
    assert (answer.status_code, answer.json()["code"]) == (503, "database-unavailable")
    assert (ready.status_code, ready.json()["database"], ready.json()["ready"]) == (503, False, False)
    assert "database.owner" in {line["event"] for line in logs}
    assert (await notes.execute("SELECT count(*) FROM notes")).scalar_one() == 0


async def test_service_is_ready_when_its_sources_have_been_read(notes: RunningService) -> None:
    assert (await notes.client.get("/health/ready")).status_code == 503
    await notes.deliver("upstream")
    ready = await notes.client.get("/health/ready")
    assert ready.status_code == 200
    assert ready.json()["sources"] == {"upstream": True, "tallies:upstream": True}
