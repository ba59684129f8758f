"""The door of a cluster before small applications: what comes in goes on, and what comes back goes out, unchanged."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from onebox.cluster.door import Behind, create_client, create_door
from onebox.listening import Server
from shared.platform.settings import Role

Endpoint = Callable[[Request], Awaitable[Response]]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


@dataclass
class Town:
    """Small applications on Unix sockets, and a door before them."""

    folder: Path
    stack: contextlib.AsyncExitStack
    behind: list[Behind] = field(default_factory=list)
    servers: dict[str, Server] = field(default_factory=dict)

    async def add(self, service: str, endpoint: Endpoint, role: Role = Role.API, root_path: str = "") -> None:
        app = Starlette(routes=[Route("/{path:path}", endpoint, methods=METHODS)])
        name = f"{service}-{role.value}"
        await self.serve(name, app, root_path=root_path)
        self.behind.append(Behind(name, service, role, f"http://{name}"))

    async def serve(self, name: str, app: Any, **options: Any) -> None:
        config = uvicorn.Config(app, uds=str(self.folder / name), lifespan="off", log_config=None, **options)
        server = Server(config)
        task = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 - a flag only
            await asyncio.sleep(0.005)
        self.servers[name] = server

        async def stop() -> None:
            server.should_exit = server.force_exit = True
            await task

        self.stack.push_async_callback(stop)

    def client(self, name: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(uds=str(self.folder / name)), base_url="http://door"
        )

    async def open_door(self) -> httpx.AsyncClient:
        issuer = Starlette(routes=[Route("/jwks.json", said("keys"))])
        passing = await self.stack.enter_async_context(create_client(ByName(self.folder)))
        await self.serve("door", create_door(lambda: self.behind, passing, issuer))
        return await self.stack.enter_async_context(self.client("door"))


class ByName(httpx.AsyncBaseTransport):
    """Finds the socket of a host in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._transports = folder, dict[str, httpx.AsyncHTTPTransport]()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        if host not in self._transports:
            limits = httpx.Limits(max_connections=None)
            self._transports[host] = httpx.AsyncHTTPTransport(uds=str(self._folder / host), limits=limits)
        return await self._transports[host].handle_async_request(request)

    async def aclose(self) -> None:
        for transport in self._transports.values():
            await transport.aclose()


def said(text: str) -> Endpoint:
    async def say(_: Request) -> Response:
        return PlainTextResponse(text)

    return say


async def told(request: Request) -> Response:
    """Say what has arrived."""
    return JSONResponse(
        {
            "method": request.method,
            "path": request.scope["raw_path"].decode(),
            "root": request.scope["root_path"],
            "query": request.scope["query_string"].decode(),
            "headers": [[name.decode(), value.decode()] for name, value in request.headers.raw],
            "body": (await request.body()).decode(),
        }
    )


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with contextlib.AsyncExitStack() as stack:
        yield Town(tmp_path, stack)


async def test_path_names_the_service_and_everything_else_is_the_portals(town: Town) -> None:
    for service in ("tender", "provider-registry", "portal"):
        await town.add(service, said(service))
    await town.add("tender", said("a worker"), Role.WORKER)
    door = await town.open_door()
    expected = {
        "/tender/v1/tenders": "tender",
        "/tender/": "tender",
        "/provider-registry/v1/providers": "provider-registry",
        "/": "portal",
        "/procedures/ocds-1": "portal",
        "/tender": "portal",
        "/tenders/x": "portal",
        "/portal/x": "portal",
        "/worker/x": "portal",
        "/identity/jwks.json": "keys",
    }
    assert {path: (await door.get(path)).text for path in expected} == expected


async def test_request_arrives_as_it_was_sent(town: Town) -> None:
    await town.add("tender", told, root_path="/tender")
    door = await town.open_door()
    sent = {"Authorization": "Bearer x", "If-Match": '"3"', "Idempotency-Key": "k", "Host": "county.example"}
    answer = await door.put("/tender/v1/a%2Fb%20c/ü?q=1&q=%26&empty=", headers=sent, content="a body")
    arrived = answer.json()
    assert (arrived["method"], arrived["body"]) == ("PUT", "a body")
    assert (arrived["root"], arrived["path"]) == ("/tender", "/tender/v1/a%2Fb%20c/%C3%BC")
    assert arrived["query"] == "q=1&q=%26&empty="
    headers = dict(arrived["headers"])
    assert headers.items() >= {name.lower(): value for name, value in sent.items()}.items()
    assert headers["content-length"] == "6"
    assert "transfer-encoding" not in headers


@pytest.mark.parametrize("method", METHODS)
async def test_method_is_passed_on(town: Town, method: str) -> None:
    await town.add("portal", told)
    door = await town.open_door()
    answer = await door.request(method, "/x")
    assert answer.status_code == 200
    arrived = answer.json() if method != "HEAD" else {"method": "HEAD", "headers": []}
    assert arrived["method"] == method
    assert "transfer-encoding" not in dict(arrived["headers"])


async def test_headers_of_one_connection_and_forged_origins_are_left_behind(town: Town) -> None:
    await town.add("portal", told)
    door = await town.open_door()
    sent = {
        "Connection": "close, X-Mine",
        "X-Mine": "1",
        "Keep-Alive": "timeout=5",
        "TE": "trailers",
        "Proxy-Authorization": "Basic x",
        "Forwarded": "for=1.2.3.4",
        "X-Forwarded-For": "1.2.3.4",
        "X-Forwarded-Proto": "https",
        "X-Kept": "yes",
    }
    headers = dict((await door.get("/", headers=sent)).json()["headers"])
    assert headers["x-kept"] == "yes"
    assert headers["x-forwarded-proto"] == "http"
    assert headers.keys().isdisjoint({"x-mine", "keep-alive", "te", "proxy-authorization", "forwarded"})
    assert "1.2.3.4" not in headers.values()


async def test_body_without_a_length_is_passed_on(town: Town) -> None:
    await town.add("portal", told)
    door = await town.open_door()

    async def pieces() -> AsyncIterator[bytes]:
        yield b"one "
        yield b"two"

    assert (await door.post("/", content=pieces())).json()["body"] == "one two"


async def test_answer_arrives_as_it_was_given(town: Town) -> None:
    async def refuse(_: Request) -> Response:
        answer = Response(b"\x1f\x8bnot really", 409, {"Content-Type": "application/problem+json"})
        answer.raw_headers += [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"), (b"keep-alive", b"timeout=5")]
        answer.raw_headers.append((b"etag", b'"7"'))
        return answer

    await town.add("portal", refuse)
    door = await town.open_door()
    answer = await door.get("/")
    assert (answer.status_code, answer.content) == (409, b"\x1f\x8bnot really")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert answer.headers["etag"] == '"7"'
    assert "keep-alive" not in answer.headers


async def test_stream_is_passed_on_while_it_goes_on(town: Town) -> None:
    goes_on, left = asyncio.Event(), asyncio.Event()

    async def events() -> AsyncIterator[bytes]:
        try:
            yield b"data: 1\n\n"
            await goes_on.wait()
            yield b"data: 2\n\n"
            await asyncio.Event().wait()
        finally:
            left.set()

    async def stream(_: Request) -> Response:
        return StreamingResponse(events(), media_type="text/event-stream")

    await town.add("portal", stream)
    door = await town.open_door()
    async with asyncio.timeout(20):
        async with door.stream("GET", "/") as answer:
            lines = answer.aiter_lines()
            assert await anext(lines) == "data: 1"
            assert not goes_on.is_set()
            goes_on.set()
            assert [await anext(lines) for _ in range(2)] == ["", "data: 2"]
        # Whoever has gone is not streamed to any longer.
        await left.wait()


async def test_many_wait_at_a_time_when_they_poll_for_long(town: Town) -> None:
    arrived, enough = 0, asyncio.Event()

    async def wait_for_all(_: Request) -> Response:
        nonlocal arrived
        arrived += 1
        if arrived == 150:
            enough.set()
        await enough.wait()
        return PlainTextResponse("now")

    await town.add("portal", wait_for_all)
    await town.open_door()
    transport = httpx.AsyncHTTPTransport(uds=str(town.folder / "door"), limits=httpx.Limits(max_connections=None))
    async with httpx.AsyncClient(transport=transport, base_url="http://door", timeout=30) as door:
        answers = await asyncio.gather(*(door.get("/") for _ in range(150)))
    assert {answer.text for answer in answers} == {"now"}


async def test_problem_is_answered_when_the_process_is_not_there(town: Town) -> None:
    town.behind.append(Behind("budget-api", "budget", Role.API, "http://nobody"))
    door = await town.open_door()
    answer = await door.post("/budget/v1/appropriations", json={"secret": "price"})
    assert (answer.status_code, answer.headers["content-type"]) == (502, "application/problem+json")
    problem = answer.json()
    assert (problem["status"], problem["code"]) == (502, "process-unreachable")
    assert problem["detail"] == "The API of budget does not answer at the moment."
    assert answer.headers["retry-after"] == "1"
    assert (await door.get("/")).json()["detail"] == "The API of portal does not answer at the moment."


async def test_problem_is_answered_when_the_process_ends_before_it_answers(town: Town) -> None:
    async def end(request: Request) -> Response:
        town.servers["portal-api"].force_exit = town.servers["portal-api"].should_exit = True
        for connection in town.servers["portal-api"].server_state.connections:
            connection.transport.abort()
        return PlainTextResponse("too late")

    await town.add("portal", end)
    door = await town.open_door()
    answer = await door.get("/")
    assert (answer.status_code, answer.json()["code"]) == (502, "process-unreachable")


async def test_answer_is_cut_off_when_the_process_ends_in_its_middle(town: Town) -> None:
    async def half() -> AsyncIterator[bytes]:
        yield b"half"
        for connection in town.servers["portal-api"].server_state.connections:
            connection.transport.abort()

    async def begin(_: Request) -> Response:
        return StreamingResponse(half(), headers={"Content-Length": "8"})

    await town.add("portal", begin)
    door = await town.open_door()
    with pytest.raises(httpx.RemoteProtocolError):
        await door.get("/")


async def test_everything_is_ready_when_every_process_is(town: Town) -> None:
    async def ready(_: Request) -> Response:
        return JSONResponse({"service": "tender", "ready": True, "database": True})

    async def not_ready(_: Request) -> Response:
        return JSONResponse({"service": "tender", "ready": False, "database": False}, 503)

    door = await town.open_door()
    assert (await door.get("/health/ready")).status_code == 503
    await town.add("tender", ready)
    await town.add("tender", ready, Role.RELAY)
    answer = await door.get("/health/ready")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)
    assert [(one["process"], one["role"], one["ready"]) for one in answer.json()["processes"]] == [
        ("tender-api", "api", True),
        ("tender-relay", "relay", True),
    ]
    await town.add("tender", not_ready, Role.WORKER)
    town.behind.append(Behind("portal-api", "portal", Role.API, "http://nobody"))
    await town.add("budget", said("not JSON"))
    answer = await door.get("/health/ready")
    assert (answer.status_code, answer.json()["ready"]) == (503, False)
    states = {one["process"]: (one["ready"], one.get("database")) for one in answer.json()["processes"]}
    assert states == {
        "tender-api": (True, True),
        "tender-relay": (True, True),
        "tender-worker": (False, False),
        "portal-api": (False, None),
        "budget-api": (False, None),
    }
