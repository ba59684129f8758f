"""The event log over HTTP: CloudEvents in JSON batches with strictly consecutive positions, waited for or streamed."""

import time
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from shared.contracts.event import Event
from shared.kernel.errors import NotFound
from shared.platform.access import public
from shared.platform.event_log import event_with_id, events_after
from shared.platform.problems import EdgeProblem
from shared.platform.runtime import Runtime, runtime_of

LONGEST_WAIT = 30.0
MOST = 1_000
_BATCH_TYPE = "application/cloudevents-batch+json"
_KEEP_ALIVE_SECONDS = 15.0
router = APIRouter(tags=["events"])

Position = Annotated[int, Query(ge=0, le=2**62, description="Only events behind this position.")]


@router.get(
    "/v1/events",
    dependencies=[public()],
    responses={
        200: {"content": {_BATCH_TYPE: {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Event"}}}}}
    },
    response_class=Response,
    response_model=list[Event],
)
async def read_events(
    request: Request,
    after: Position = 0,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
    wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT, description="Seconds to wait for the first event.")] = 0,
    key: Annotated[
        str | None, Query(max_length=200, pattern=r"^[^\x00]*$", description="Only events with this partition key.")
    ] = None,
) -> Response:
    """Read public events; positions are strictly consecutive, so a reader knows that it has missed none."""
    runtime = runtime_of(request)
    ends_at = time.monotonic() + wait
    while True:
        generation = runtime.sequencer.generation
        events = await _read(runtime, after, limit, key)
        left = ends_at - time.monotonic()
        if events or left <= 0:
            break
        await runtime.sequencer.grown(generation, left)
    body = b"[" + b",".join(_json(event) for event in events) + b"]"
    return Response(body, media_type=_BATCH_TYPE)


@router.get("/v1/events/stream", dependencies=[public()], response_class=StreamingResponse,
            responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}})  # fmt: skip
async def stream_events(
    request: Request,
    after: Position = 0,
    last_event_id: Annotated[str | None, Header(description="The position received last.")] = None,
) -> StreamingResponse:
    """Stream public events (Server-Sent Events); Last-Event-ID resumes behind a position."""
    if last_event_id is not None:
        if not last_event_id.isascii() or not last_event_id.isdigit() or len(last_event_id) > 18:
            raise EdgeProblem(400, "last-event-id-malformed", "Last-Event-ID is the position received last.")
        after = int(last_event_id)
    return StreamingResponse(
        _stream(request, runtime_of(request), after),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store"},
    )


@router.get("/v1/events/{event_id}", dependencies=[public()], responses={404: {"description": "No such event."}})
async def read_event(request: Request, event_id: UUID) -> Event:
    """Read one event by its id."""
    runtime = runtime_of(request)
    async with runtime.engine.connect() as connection:
        event = await event_with_id(connection, runtime.name, event_id)
    if event is None:
        raise NotFound("not-found", "This feed holds no such event.")
    return event


async def _read(runtime: Runtime, after: int, limit: int, key: str | None) -> Sequence[Event]:
    async with runtime.engine.connect() as connection:
        return await events_after(connection, runtime.name, after, limit, key)


async def _stream(request: Request, runtime: Runtime, after: int) -> AsyncIterator[bytes]:
    while not await request.is_disconnected():
        generation = runtime.sequencer.generation
        events = await _read(runtime, after, MOST, None)
        for event in events:
            yield b"id: %d\nevent: %s\ndata: %s\n\n" % (event.position, event.type.encode(), _json(event))
            after = event.position
        if not events:
            yield b": waiting\n\n"
            await runtime.sequencer.grown(generation, _KEEP_ALIVE_SECONDS)


def _json(event: Event) -> bytes:
    document: dict[str, Any] = event.model_dump(mode="json", exclude_none=True)
    return orjson.dumps(document)
