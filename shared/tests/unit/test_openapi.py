import threading
from typing import Any

import httpx
from fastapi import FastAPI

from shared.platform.openapi import DocumentedAPI


class Watched(DocumentedAPI):
    """An application that remembers which thread wrote its document."""

    writer: threading.Thread | None = None

    def openapi(self) -> dict[str, Any]:
        self.writer = threading.current_thread()
        return super().openapi()


async def test_the_document_is_not_written_on_the_event_loop_and_says_where_it_is_mounted() -> None:
    app = Watched(title="Oars")
    outside = FastAPI()
    outside.mount("/boat", app)
    transport = httpx.ASGITransport(outside)
    async with httpx.AsyncClient(transport=transport, base_url="http://boat") as client:
        mounted = (await client.get("/boat/openapi.json")).json()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://boat") as client:
        alone = (await client.get("/openapi.json")).json()
    assert app.writer not in {None, threading.current_thread()}
    assert mounted.pop("servers") == [{"url": "/boat"}]
    assert "servers" not in alone
    assert mounted == alone
