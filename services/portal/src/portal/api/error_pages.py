"""Errors of the pages for people, in the pages' own layout; everything else keeps its problem details."""

import json
from collections.abc import Awaitable, Callable
from typing import cast

from fastapi import FastAPI, Request, Response

from portal.api.rendering import render
from shared.platform.problems import ProblemResponse

_FOR_PROGRAMS = ("/v1/", "/health/", "/schemas/", "/openapi.json", "/asyncapi.json")
_JSON = ("application/json", "application/problem+json")

Handler = Callable[[Request, Exception], Awaitable[Response]]


def install(app: FastAPI) -> None:
    """Show problems as pages to those who asked for a page."""
    # Every handler here is a coroutine, FastAPI's own ones too.
    for kind, handler in list(app.exception_handlers.items()):
        app.add_exception_handler(kind, _as_page(cast("Handler", handler)))


def _as_page(handler: Handler) -> Handler:
    async def handle(request: Request, error: Exception) -> Response:
        response = await handler(request, error)
        if not isinstance(response, ProblemResponse) or not _is_for_a_person(request):
            return response
        problem = json.loads(bytes(response.body))
        page = render(request, "problem.html", response.status_code, problem=problem)
        kept = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
        page.headers.update(kept)
        return page

    return handle


def _is_for_a_person(request: Request) -> bool:
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    return not path.startswith(_FOR_PROGRAMS) and prefers_html(request.headers.get("accept", ""))


def prefers_html(accept: str) -> bool:
    """Tell whether HTML is asked for by name, and not less than JSON (RFC 9110, 12.5.1)."""
    wanted: dict[str, float] = {}
    for part in accept.split(","):
        media_type, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((value[2:] for value in parameters if value.startswith("q=")), "1")
        wanted[media_type] = _quality(quality)
    html = wanted.get("text/html", 0)
    return html > 0 and html >= max(wanted.get(kind, 0) for kind in _JSON)


def _quality(written: str) -> float:
    try:
        return float(written)
    except ValueError:
        return 0
