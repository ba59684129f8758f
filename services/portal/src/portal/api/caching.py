"""Answers that a reader may keep, and asks about again with their digest."""

import hashlib
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute

from shared.platform.access import public

# A link checker asks with HEAD; the pages are no part of the API's description.
PAGE: dict[str, Any] = {
    "methods": ["GET", "HEAD"],
    "include_in_schema": False,
    "dependencies": [public()],
    "response_class": HTMLResponse,
}
_KEPT_HEADERS = ("cache-control", "content-security-policy", "etag", "vary")


class CachedRoute(APIRoute):
    """A route whose answer carries the digest of its content, and is not sent again to a reader who has it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the route's own handler."""
        handle = super().get_route_handler()

        async def cached(request: Request) -> Response:
            response = await handle(request)
            if response.status_code != 200:
                return response
            etag = f'"{hashlib.sha256(response.body).hexdigest()[:32]}"'
            response.headers["ETag"] = etag
            # A reader may keep the answer, but asks every time whether it still holds.
            response.headers.setdefault("Cache-Control", "public, no-cache")
            if not _has(request.headers.get("if-none-match", ""), etag):
                return response
            kept = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
            return Response(status_code=304, headers=kept)

        return cached


def _has(if_none_match: str, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in tags or etag in tags
