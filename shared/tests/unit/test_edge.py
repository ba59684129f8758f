"""Before every route: bodies are bounded however they are sent, and every request is a line in the log."""

from collections.abc import MutableMapping
from typing import Any

import pytest
import structlog
from starlette.types import Receive, Scope, Send

from shared.platform.edge import LARGEST_BODY, Edge

Message = MutableMapping[str, Any]


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the length of the body."""
    if scope["type"] == "lifespan":
        return
    message = await receive()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-kept", b"1")]})
    await send({"type": "http.response.body", "body": str(len(message["body"])).encode()})


async def breaks(scope: Scope, receive: Receive, send: Send) -> None:
    raise RuntimeError("CANARY")


async def call(
    *chunks: bytes, path: str = "/v1/x", headers: dict[str, str] | None = None, app: Any = echo
) -> tuple[int, bytes, dict[bytes, bytes]]:
    waiting = [
        {"type": "http.request", "body": chunk, "more_body": number < len(chunks) - 1}
        for number, chunk in enumerate(chunks)
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    raw = [(name.encode(), value.encode("latin-1")) for name, value in (headers or {}).items()]
    scope = {"type": "http", "method": "POST", "path": path, "headers": raw, "query_string": b"secret=CANARY"}
    edge = Edge(app, service="notes", larger_bodies={"/large": 2 * LARGEST_BODY}, sealed=("/bids",))
    await edge(scope, receive, send)
    start, *bodies = sent
    return start["status"], b"".join(message["body"] for message in bodies), dict(start["headers"])


async def test_body_arrives_whole_when_it_comes_in_chunks() -> None:
    assert (await call(b"ab", b"", b"cde"))[:2] == (200, b"5")


@pytest.mark.parametrize(
    ("chunks", "headers"),
    [
        pytest.param((b"x" * (LARGEST_BODY + 1),), {}, id="in one piece"),
        pytest.param((b"x" * 65536,) * 17, {}, id="in chunks"),
        pytest.param((b"x" * 65536,) * 17, {"content-length": "10"}, id="in chunks, declared small"),
        pytest.param((b"",), {"content-length": str(LARGEST_BODY + 1)}, id="declared large"),
        pytest.param((b"",), {"content-length": "9" * 5000}, id="declared with five thousand digits"),
    ],
)
async def test_body_is_refused_when_it_is_too_large(chunks: tuple[bytes, ...], headers: dict[str, str]) -> None:
    status, body, answered = await call(*chunks, headers=headers)
    assert status == 413
    assert b"body-too-large" in body
    assert answered[b"content-type"] == b"application/problem+json"


async def test_reading_stops_when_a_body_in_chunks_has_passed_the_bound() -> None:
    read = 0

    async def endless() -> Message:
        nonlocal read
        read += 65536
        return {"type": "http.request", "body": b"x" * 65536, "more_body": True}

    async def send(message: Message) -> None:
        pass

    edge = Edge(echo, service="notes", larger_bodies={}, sealed=())
    await edge({"type": "http", "method": "POST", "path": "/", "headers": []}, endless, send)
    assert read <= LARGEST_BODY + 65536


async def test_larger_body_is_read_when_its_path_may_have_one() -> None:
    assert (await call(b"x" * (LARGEST_BODY + 1), path="/v1/large"))[:2] == (200, str(LARGEST_BODY + 1).encode())
    assert (await call(b"x" * (2 * LARGEST_BODY + 1), path="/v1/large"))[0] == 413


@pytest.mark.parametrize("value", ["-1", "1.5", "x", "\N{SUPERSCRIPT TWO}", ""])
async def test_body_is_bounded_as_it_comes_when_its_declared_length_is_no_number(value: str) -> None:
    assert (await call(b"abc", headers={"content-length": value}))[0] == 200


async def test_every_answer_has_the_security_headers_when_it_is_good_or_bad() -> None:
    for answer in (await call(b""), await call(b"x" * (LARGEST_BODY + 1))):
        assert answer[2][b"x-content-type-options"] == b"nosniff"
        assert answer[2][b"x-frame-options"] == b"DENY"
        assert answer[2][b"referrer-policy"] == b"no-referrer"
    assert (await call(b""))[2][b"x-kept"] == b"1"


async def test_request_is_logged_when_it_is_answered_or_breaks() -> None:
    with structlog.testing.capture_logs() as lines:
        await call(b"")
        status, body, answered = await call(b"", app=breaks)
    assert status == 500
    assert b'"code":"unexpected"' in body
    assert answered[b"content-type"] == b"application/problem+json"
    assert [line["event"] for line in lines] == ["request", "request.failed", "request"]
    requests = [line for line in lines if line["event"] == "request"]
    assert [(line["method"], line["path"], line["status"]) for line in requests] == [
        ("POST", "/v1/x", 200),
        ("POST", "/v1/x", 500),
    ]
    assert "CANARY" not in str(lines)


async def test_answer_is_cut_off_when_something_breaks_after_it_has_begun() -> None:
    async def breaks_late(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("CANARY")

    with structlog.testing.capture_logs() as lines:
        status, body, _ = await call(b"", app=breaks_late)
    assert (status, body) == (200, b"")
    assert [(line["event"], line.get("error")) for line in lines] == [
        ("request.failed", "RuntimeError"),
        ("request", None),
    ]
    assert "CANARY" not in str(lines)


async def test_request_is_not_logged_when_that_it_came_is_secret() -> None:
    with structlog.testing.capture_logs() as lines:
        await call(b"", path="/v1/tenders/1/bids")
    assert lines == []


async def test_nothing_is_done_when_the_scope_is_no_request() -> None:
    async def never() -> Message:
        raise AssertionError

    edge = Edge(echo, service="notes", larger_bodies={}, sealed=())
    await edge({"type": "lifespan"}, never, never)  # type: ignore[arg-type]
