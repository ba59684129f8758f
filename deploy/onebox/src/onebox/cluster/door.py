"""The one door of a cluster: the first part of a path names the service, everything else is the portal's."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from onebox.cluster.processes import PORTAL
from shared.platform import problems
from shared.platform.feed import LONGEST_WAIT
from shared.platform.settings import Role

_HEALTH_SECONDS = 3.0
# RFC 9110, 7.6.1: what concerns one connection alone; and what only we may say of whom we speak for.
_OF_ONE_CONNECTION = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding "
    b"upgrade expect".split()
)
_FORWARDED = frozenset(b"forwarded x-forwarded-for x-forwarded-host x-forwarded-proto".split())

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Behind:
    """A process behind the door."""

    name: str
    service: str
    role: Role
    url: str


class Door:
    """Passes requests on, and answers as they come back."""

    def __init__(self, behind: Callable[[], Sequence[Behind]], client: httpx.AsyncClient) -> None:
        self._behind, self._client = behind, client

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        # Whoever asked has gone: there is nobody to tell.
        with contextlib.suppress(ClientDisconnect):
            answer = await self._answer(Request(scope, receive))
            await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        path: bytes = request.scope.get("raw_path") or quote(request.scope["path"]).encode()
        api, rest = self._addressed(path)
        if api is None:
            return _unreachable(PORTAL)
        try:
            received = await self._client.send(self._request(request, api, rest), stream=True)
        except httpx.TransportError:
            return _unreachable(api.service)
        answer = StreamingResponse(_body(received), received.status_code)
        answer.raw_headers = _kept(received.headers.raw)
        return answer

    def _addressed(self, path: bytes) -> tuple[Behind | None, bytes]:
        """Find the API that a path names, and the path as that API knows it."""
        apis = {one.service: one for one in self._behind() if one.role is Role.API}
        first, slash, rest = path[1:].partition(b"/")
        named = apis.get(first.decode("latin-1")) if slash else None
        if named is not None and named.service != PORTAL:
            return named, b"/" + rest
        return apis.get(PORTAL), path

    def _request(self, request: Request, api: Behind, path: bytes) -> httpx.Request:
        query: bytes = request.scope["query_string"]
        url = httpx.URL(api.url).copy_with(raw_path=path + (b"?" + query if query else b""))
        headers = _kept(request.headers.raw, _FORWARDED)
        headers.append((b"x-forwarded-proto", request.url.scheme.encode()))
        if request.client is not None:
            headers.append((b"x-forwarded-for", request.client.host.encode()))
        has_body = "content-length" in request.headers or "transfer-encoding" in request.headers
        return httpx.Request(request.method, url, headers=headers, content=request.stream() if has_body else None)

    async def ready(self, _: Request) -> JSONResponse:
        """Say how every process is."""
        states = await asyncio.gather(*(self._state(one) for one in self._behind()))
        everything = bool(states) and all(state["ready"] for state in states)
        return JSONResponse({"ready": everything, "processes": states}, 200 if everything else 503)

    async def _state(self, one: Behind) -> dict[str, Any]:
        health = await health_of(one, self._client)
        place = {"process": one.name, "service": one.service, "role": one.role.value}
        return {**(health or {}), **place, "ready": health is not None and health.get("ready") is True}


async def health_of(one: Behind, client: httpx.AsyncClient) -> dict[str, Any] | None:
    """Ask a process how it is; None if it does not answer."""
    try:
        answer = await client.get(f"{one.url}/health/ready", timeout=_HEALTH_SECONDS)
        said = answer.json()
    except (httpx.HTTPError, ValueError):
        return None
    return said if isinstance(said, dict) else None


def create_client(transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """Make the client of a door: as many long polls at a time as are asked for."""
    return httpx.AsyncClient(
        transport=transport,
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=50),
        timeout=httpx.Timeout(5.0, read=2 * LONGEST_WAIT, pool=None),
        trust_env=False,  # these are our own processes: no proxy stands between
    )


def create_door(behind: Callable[[], Sequence[Behind]], client: httpx.AsyncClient, issuer: ASGIApp) -> Starlette:
    """Make the application."""
    door = Door(behind, client)
    return Starlette(
        routes=[Route("/health/ready", door.ready), Mount("/identity", issuer), Mount("/", door)],
    )


async def _body(received: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for chunk in received.aiter_raw():
            yield chunk
    finally:
        await received.aclose()


def _kept(headers: Iterable[tuple[bytes, bytes]], dropped: frozenset[bytes] = frozenset()) -> Headers:
    pairs = [(name.lower(), value) for name, value in headers]
    named = {one.strip().lower() for name, value in pairs if name == b"connection" for one in value.split(b",")}
    dropped = dropped | _OF_ONE_CONNECTION | named
    return [(name, value) for name, value in pairs if name not in dropped]


def _unreachable(service: str) -> Response:
    detail = f"The API of {service} does not answer at the moment."
    return problems.respond(502, "process-unreachable", detail, {"Retry-After": "1"})
