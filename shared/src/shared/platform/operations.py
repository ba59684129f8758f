"""What the operator sees and does: health, readiness, parked events."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared.contracts.fields import Instant, ShortText
from shared.kernel.access import Actor, Policy, rule
from shared.kernel.errors import NotFound
from shared.platform import parking
from shared.platform.access import allow, public
from shared.platform.commands import CommandRoute, CurrentWork
from shared.platform.consumer import Consumer
from shared.platform.runtime import Runtime, runtime_of
from shared.platform.settings import Role

POLICY: Policy = {
    "projection.rebuild": rule("operator"),
    "parked.read": rule("operator"),
    "parked.replay": rule("operator"),
    "parked.propose-discard": rule("operator"),
    "parked.confirm-discard": rule("operator"),
}
ConsumerPath = Annotated[str, Path(pattern=r"^[a-z:-]{1,80}$", description="The consumer, as the list names it.")]
ProjectionPath = Annotated[str, Path(pattern=r"^[a-z-]{1,80}$")]
health = APIRouter(tags=["health"])
parked = APIRouter(tags=["operations"], route_class=CommandRoute)


class Health(BaseModel):
    """How a service is."""

    service: str
    ready: bool
    database: bool
    feed: bool
    sources: dict[str, bool]
    kafka: bool | None = None


class ParkedEvent(BaseModel):
    """An event that was put aside."""

    model_config = ConfigDict(from_attributes=True)

    consumer: str
    event_id: UUID
    position: int
    key: str
    type: str
    state: str
    problem: str
    parked_at: datetime
    discard_reason: str | None
    discard_proposed_by: str | None


class ShownParkedEvent(ParkedEvent):
    """An event that was put aside, and what it says."""

    event: dict[str, Any]


class OverdueItem(BaseModel):
    """Something that has waited longer than its term: what it is, and for what it waits."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    id: UUID
    state: str
    waiting_for: str
    due_at: Instant


class RebuildStarted(BaseModel):
    """A read model that is being built again."""

    projection: str
    sources: list[str]


class DiscardReason(BaseModel):
    """Why an event need never be handled."""

    model_config = ConfigDict(extra="forbid")

    reason: ShortText


@health.get("/health/live", dependencies=[public()])
async def live() -> dict[str, str]:
    """Say that the process runs."""
    return {"status": "live"}


@health.get("/health/ready", dependencies=[public()], responses={503: {"model": Health}})
async def ready(request: Request, response: Response) -> Health:
    """Say whether the service can do its work: its database answers, its feed moves, its sources are read."""
    state = await readiness(runtime_of(request))
    response.status_code = 200 if state.ready else 503
    return state


async def readiness(runtime: Runtime) -> Health:
    """Look at a service, or at one process of it."""
    try:
        async with runtime.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
        database = True
    except (DBAPIError, PoolTimeoutError, OSError):
        database = False
    consumers = runtime.consumers if runtime.role in {Role.ALL, Role.WORKER} else ()
    sources = {consumer.name: consumer.reachable for consumer in consumers}
    kafka = None if runtime.relay is None else runtime.relay.reachable
    return Health(
        service=runtime.name,
        ready=database and all(sources.values()) and kafka is not False,
        database=database,
        feed=runtime.sequencer.leading,
        sources=sources,
        kafka=kafka,
    )


@parked.get("/v1/parked")
async def list_parked(request: Request, _: Annotated[Actor, allow("parked.read")]) -> list[ParkedEvent]:
    """List events that wait because they could not be handled."""
    async with runtime_of(request).engine.connect() as connection:
        return [ParkedEvent.model_validate(row) for row in await parking.listed(connection)]


@parked.get("/v1/parked/{consumer}/{event_id}")
async def show_parked(
    request: Request, consumer: ConsumerPath, event_id: UUID, _: Annotated[Actor, allow("parked.read")]
) -> ShownParkedEvent:
    """Show one such event and what is wrong with it."""
    async with runtime_of(request).engine.connect() as connection:
        return ShownParkedEvent.model_validate(await parking.shown(connection, consumer, event_id))


@parked.post("/v1/parked/{consumer}/{event_id}/replay")
async def replay_parked(
    request: Request,
    work: CurrentWork,
    consumer: ConsumerPath,
    event_id: UUID,
    _: Annotated[Actor, allow("parked.replay")],
) -> ShownParkedEvent:
    """Handle a parked event again, and those queued behind it."""
    await _consumer(runtime_of(request), consumer).replay(work.connection, event_id)
    return ShownParkedEvent.model_validate(await parking.shown(work.connection, consumer, event_id))


@parked.post("/v1/parked/{consumer}/{event_id}/discard-proposal")
async def propose_discard(
    work: CurrentWork,
    consumer: ConsumerPath,
    event_id: UUID,
    body: DiscardReason,
    actor: Annotated[Actor, allow("parked.propose-discard")],
) -> ShownParkedEvent:
    """Propose, with a reason, that a parked event is never handled."""
    await parking.propose_discard(work.connection, consumer, event_id, reason=body.reason, person=actor.person)
    return ShownParkedEvent.model_validate(await parking.shown(work.connection, consumer, event_id))


@parked.post("/v1/parked/{consumer}/{event_id}/discard")
async def confirm_discard(
    request: Request,
    work: CurrentWork,
    consumer: ConsumerPath,
    event_id: UUID,
    actor: Annotated[Actor, allow("parked.confirm-discard")],
) -> ShownParkedEvent:
    """Discard a parked event as a second person."""
    await _consumer(runtime_of(request), consumer).discard(work.connection, event_id, actor.person)
    return ShownParkedEvent.model_validate(await parking.shown(work.connection, consumer, event_id))


@parked.post("/v1/projections/{projection}/rebuild", status_code=202)
async def rebuild_projection(
    request: Request, work: CurrentWork, projection: ProjectionPath, _: Annotated[Actor, allow("projection.rebuild")]
) -> RebuildStarted:
    """Empty a read model and build it again from the first event of every source."""
    runtime = runtime_of(request)
    consumers = [consumer for consumer in runtime.consumers if consumer.projection == projection]
    if not consumers:
        raise NotFound("not-found", "This service has no such read model.")
    for consumer in consumers:
        await consumer.forget(work.connection)
    for table in runtime.projections[projection].tables:
        await work.connection.execute(table.delete())
    return RebuildStarted(projection=projection, sources=[consumer.source.name for consumer in consumers])


def _consumer(runtime: Runtime, name: str) -> Consumer:
    for consumer in runtime.consumers:
        if consumer.name == name:
            return consumer
    raise NotFound("not-found", "This service has no such consumer.")
