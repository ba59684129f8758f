"""What stands before every route: a bound on bodies, a trace, a line in the log. Pure ASGI, for speed."""

import time
from collections.abc import Mapping

import structlog
from opentelemetry import trace
from opentelemetry.propagate import extract
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.platform.problems import respond, unexpected

log = structlog.get_logger()
tracer = trace.get_tracer("coxswain.edge")

LARGEST_BODY = 1024 * 1024
_SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
)


class Edge:
    """Bounds, traces and logs every request.

    Paths that hold one of the sealed parts are not logged: that a request came is itself the secret.
    """

    def __init__(
        self, app: ASGIApp, *, service: str, larger_bodies: Mapping[str, int], sealed: tuple[str, ...] = ()
    ) -> None:
        self._app, self._service, self._larger, self._sealed = app, service, larger_bodies, sealed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        with tracer.start_as_current_span(f"{scope['method']} {self._service}", context=extract(headers)):
            await self._bounded(scope, receive, send, headers)

    async def _bounded(self, scope: Scope, receive: Receive, send: Send, headers: Mapping[str, str]) -> None:
        started = time.perf_counter()
        status: int | None = None

        async def respond_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), *_SECURITY_HEADERS]
            await send(message)

        path: str = scope["path"]
        bound = next((size for prefix, size in self._larger.items() if prefix in path), LARGEST_BODY)
        try:
            body = await _read(receive, headers.get("content-length"), bound)
            if body is None:
                problem = respond(413, "body-too-large", f"A body here is at most {bound} bytes.")
                await problem(scope, receive, respond_with_headers)
            else:
                await self._app(scope, _replay(body, receive), respond_with_headers)
        except Exception as error:  # noqa: BLE001 - every failure is answered here
            # Passed on, it would be printed with its message, and a message may quote the request.
            problem = unexpected(error)
            if status is None:
                await problem(scope, receive, respond_with_headers)
        finally:
            if not any(part in path for part in self._sealed):
                milliseconds = round((time.perf_counter() - started) * 1000, 1)
                log.info(
                    "request", service=self._service, method=scope["method"], path=path, status=status, ms=milliseconds
                )


async def _read(receive: Receive, declared: str | None, bound: int) -> bytes | None:
    if declared is not None and declared.isdecimal() and (len(declared) > 18 or int(declared) > bound):
        return None
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(chunks)
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > bound:
            return None
        if not message.get("more_body", False):
            return b"".join(chunks)


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
