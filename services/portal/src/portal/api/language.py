"""The published language for partners: the AsyncAPI document, the JSON Schema of each event type, and a page."""

import json
from functools import cache
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from portal.api.caching import PAGE, CachedRoute
from portal.api.forms import WRITTEN_FORMS
from portal.api.reference import reference
from portal.api.rendering import render
from shared.contracts import asyncapi, catalogue
from shared.kernel.errors import NotFound
from shared.platform.access import public

router = APIRouter(route_class=CachedRoute)

# It changes with the product's version alone.
_KEPT = {"Cache-Control": "public, max-age=3600"}


class SchemaResponse(JSONResponse):
    """A JSON Schema."""

    media_type = "application/schema+json"


@router.head("/asyncapi.json", dependencies=[public()], include_in_schema=False)
@router.get("/asyncapi.json", dependencies=[public()], tags=["events"], response_model=dict[str, Any])
async def show_asyncapi() -> Response:
    """Show every topic, event type and example, and how to read them (AsyncAPI 3.0)."""
    return Response(_asyncapi(), media_type="application/json", headers=_KEPT)


@router.head("/schemas/{event_type}.json", dependencies=[public()], include_in_schema=False)
@router.get(
    "/schemas/{event_type}.json",
    dependencies=[public()],
    tags=["events"],
    response_class=SchemaResponse,
    response_model=dict[str, Any],
)
async def show_schema(event_type: str) -> Response:
    """Show the JSON Schema (2020-12) of the data of an event type."""
    if event_type not in catalogue.event_types():
        raise NotFound("not-found", "There is no such event type.")
    return SchemaResponse(catalogue.published_schema(event_type), headers=_KEPT)


@router.api_route("/events", **PAGE)
async def events_page(request: Request) -> HTMLResponse:
    return render(request, "events.html", language=reference(), written_forms=WRITTEN_FORMS)


@cache
def _asyncapi() -> bytes:
    return json.dumps(asyncapi.document(), ensure_ascii=False).encode()
