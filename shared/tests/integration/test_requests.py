"""What is sent is bounded, unambiguous, from a known party, and never sent back."""

import io
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import structlog
from notes_service import UPSTREAM, NoteBody, echo_of, note, router
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.platform import edge
from shared.platform import logging as platform_logging
from shared.platform.edge import LARGEST_BODY
from shared.testing.services import RunningService
from shared.testing.tokens import Tokens

WRITER = ("person", "org", "writer")
CANARY = "CANARY-5f2b9c"
JSON = "application/json"


async def send(service: RunningService, content: Any, media_type: str | None = JSON, **headers: str) -> tuple[int, str]:
    sent = service.headers(*WRITER) | headers | ({"Content-Type": media_type} if media_type else {})
    answer = await service.client.post("/v1/notes/a", content=content, headers=sent)
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json().get("code", "done")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"text": "a", "text": "b"}', id="member twice"),
        pytest.param(b'{"text": "a", "count": NaN}', id="NaN"),
        pytest.param(b'{"text": "a", "count": 99999999999999999999}', id="integer beyond 64 bits"),
        pytest.param(b'{"text": "a", "count": 1e999}', id="number beyond any"),
        pytest.param(b'{"text": "a\\u0000"}', id="NUL"),
        pytest.param(b'{"text": "\\ud83d"}', id="half a surrogate pair"),
        pytest.param(b'{"text": ' + b"[" * 200_000 + b"}", id="deep nesting"),
        pytest.param(b'{"text": "\xff"}', id="not UTF-8"),
        pytest.param("{}".encode("utf-16"), id="UTF-16"),
        pytest.param(b'{"text": "a"', id="cut off"),
    ],
)
async def test_body_is_refused_when_it_is_ambiguous(notes: RunningService, body: bytes) -> None:
    assert await send(notes, body) == (400, "json-malformed")
    assert await notes.published() == []


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/merge-patch+json",
        "application/problem+json",
        "application/jsonp",
        None,
        "",
    ],
)
async def test_body_is_refused_when_its_media_type_is_not_read(notes: RunningService, media_type: str | None) -> None:
    assert await send(notes, b'{"text": "a"}', media_type) == (415, "media-type-unsupported")


@pytest.mark.parametrize("media_type", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
async def test_body_is_read_when_it_is_json(notes: RunningService, media_type: str) -> None:
    assert await send(notes, b'{"text": "a"}', media_type) == (201, "done")


async def test_body_is_refused_when_it_is_bytes_and_the_route_reads_json(notes: RunningService) -> None:
    assert (await send(notes, b'{"text": "a", "text": "b"}', "application/octet-stream"))[0] == 422


async def test_body_is_refused_when_it_is_too_large_however_it_is_sent(notes: RunningService) -> None:
    large = b'{"text": "' + b"x" * LARGEST_BODY + b'"}'

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 65536):
            yield large[start : start + 65536]

    assert await send(notes, large) == (413, "body-too-large")
    assert await send(notes, chunks()) == (413, "body-too-large")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("GET", "/v1/notes/a", 405, "no-such-method-here"),
        ("DELETE", "/v1/notes", 405, "no-such-method-here"),
        ("POST", "/v1/events", 405, "no-such-method-here"),
    ],
)
async def test_problem_is_said_when_there_is_no_such_route(
    notes: RunningService, method: str, path: str, status: int, code: str
) -> None:
    answer = await notes.client.request(method, path, headers=notes.headers(*WRITER))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert ("allow" in answer.headers) == (status == 405)


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything that is logged, as it is written in production."""
    stream = io.StringIO()
    before = structlog.get_config()
    platform_logging.configure()
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(stream))
    yield stream
    structlog.configure(**before)


GOOD: dict[str, Any] = {"text": "a"}
FIELDS = sorted(NoteBody.model_fields)
WRONG_VALUES: list[Any] = [
    CANARY, [CANARY], {"deep": CANARY}, {"amount": CANARY, "currency": "EUR"}, {"amount": "1.00", "currency": CANARY},
    CANARY * 200, CANARY + "\u2603",
]  # fmt: skip


@pytest.mark.parametrize("field", [*FIELDS, "unknown"])
async def test_value_is_not_echoed_when_a_field_is_wrong(
    notes: RunningService, written: io.StringIO, field: str
) -> None:
    for value in WRONG_VALUES:
        answer = await notes.client.post("/v1/notes/a", json={**GOOD, field: value}, headers=notes.headers(*WRITER))
        assert CANARY not in answer.text + str(answer.headers)
        assert answer.status_code in {201, 422}
    assert "request" in written.getvalue()
    assert CANARY not in written.getvalue()


@pytest.mark.parametrize(
    ("method", "path", "headers", "content"),
    [
        ("POST", "/v1/notes/a", {}, f'{{"text": "{CANARY}", "text": 1}}'),
        ("POST", "/v1/notes/a", {}, f'{{"text": "{CANARY}'),
        ("POST", "/v1/notes/a", {}, f'{{"text": {CANARY}}}'),
        ("POST", "/v1/notes/a", {"Content-Type": f"text/{CANARY}"}, "x"),
        ("POST", "/v1/notes/a", {"Idempotency-Key": f"{CANARY} x"}, '{"text": "a"}'),
        ("PUT", "/v1/notes/a", {"If-Match": CANARY}, '{"text": "a"}'),
        ("POST", f"/v1/notes/a?dry_run={CANARY}", {}, '{"text": "a"}'),
        ("POST", "/v1/notes/a", {"Authorization": f"Bearer {CANARY}"}, '{"text": "a"}'),
        ("POST", "/v1/notes/a", {"Authorization": f"Basic {CANARY}"}, '{"text": "a"}'),
        ("POST", "/v1/notes/a", {"traceparent": CANARY}, '{"text": 1}'),
        ("POST", "/v1/broken", {}, "{}"),
        ("GET", f"/v1/notes?since={CANARY}", {}, ""),
        ("GET", f"/v1/events?after={CANARY}", {}, ""),
        ("GET", f"/v1/events?key={CANARY * 30}", {}, ""),
        ("GET", "/v1/events/stream", {"Last-Event-ID": CANARY}, ""),
    ],
)
async def test_request_is_not_echoed_when_it_is_refused(
    notes: RunningService, written: io.StringIO, method: str, path: str, headers: dict[str, str], content: str
) -> None:
    sent = {"Content-Type": JSON, **notes.headers(*WRITER), **headers}
    answer = await notes.client.request(method, path, content=content, headers=sent)
    assert answer.status_code >= 400
    assert CANARY not in answer.text + str(answer.headers)
    assert CANARY not in written.getvalue()


async def test_value_is_not_logged_when_a_handler_fails(notes: RunningService, written: io.StringIO) -> None:
    echo_of(notes).poison.add(CANARY)
    await notes.deliver(UPSTREAM, note("a", CANARY))
    assert "event.parked" in written.getvalue()
    assert CANARY not in written.getvalue()


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Basic dTpw", "bearer x.y.z", "Bearer a b", "Token x"],
)
async def test_request_is_refused_when_nobody_is_named(notes: RunningService, authorization: str | None) -> None:
    headers = {"Idempotency-Key": "k1"} | ({"Authorization": authorization} if authorization is not None else {})
    answer = await notes.client.post("/v1/notes/a", json=GOOD, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "token-refused")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert await notes.published() == []


async def test_request_is_refused_when_its_token_is_for_another_service(notes: RunningService) -> None:
    token = notes.tokens.mint(*WRITER, audience="budget")
    answer = await notes.client.post(
        "/v1/notes/a", json=GOOD, headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "k1"}
    )
    assert answer.status_code == 401


async def test_request_is_refused_when_its_token_is_of_another_issuer(notes: RunningService) -> None:
    token = Tokens(notes.tokens.issuer).mint(*WRITER, audience="notes")
    answer = await notes.client.post(
        "/v1/notes/a", json=GOOD, headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "k1"}
    )
    assert answer.status_code == 401


async def test_request_is_refused_when_the_party_has_no_role_for_it(notes: RunningService) -> None:
    answer = await notes.client.post("/v1/notes/a", json=GOOD, headers=notes.headers("p", "org", "reader"))
    assert (answer.status_code, answer.json()["code"]) == (403, "role-missing")
    assert answer.json()["satisfied_by"] == "One of the roles: writer."


async def test_problem_is_ours_when_the_keys_of_the_issuer_cannot_be_read(
    notes: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unreadable() -> dict[str, Any]:
        raise ValueError(CANARY)

    monkeypatch.setattr(notes.runtime.tokens, "_fetch", unreadable)
    answer = await notes.client.post("/v1/notes/a", json=GOOD, headers=notes.headers(*WRITER))
    assert (answer.status_code, answer.json()["code"]) == (503, "keys-unavailable")
    assert answer.headers["retry-after"] == "2"
    assert CANARY not in answer.text


async def test_problems_are_documented_everywhere_though_no_route_is_made_anew_for_them(notes: RunningService) -> None:
    document = notes.app.openapi()
    assert set(map(id, router.routes)) <= set(map(id, notes.app.routes))
    for answers in (operation["responses"] for path in document["paths"].values() for operation in path.values()):
        assert answers["409"] == {"$ref": "#/components/responses/Problem409"}
    assert "code" in document["components"]["schemas"]["Problem"]["required"]


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """What is traced in this test alone: a provider stays for a process, and trace ids stand in every problem."""
    provider, exported = TracerProvider(), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exported))
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
    monkeypatch.setattr(edge, "tracer", provider.get_tracer("coxswain.edge"))
    return exported


async def test_a_request_has_one_span_and_that_does_not_name_the_path(
    notes: RunningService, spans: InMemorySpanExporter
) -> None:
    # The example of the W3C recommendation "Trace Context", section 3.2.
    parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    await send(notes, b'{"text": "a"}', traceparent=parent)
    (span,) = spans.get_finished_spans()
    assert span.name == "POST notes"
    assert span.parent is not None
    assert trace.format_span_id(span.parent.span_id) == parent.split("-")[2]
    assert not dict(span.attributes or {})
