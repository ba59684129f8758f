"""A service with nothing but the kit, for the kit's own tests: a note is kept, is an event, and is echoed elsewhere."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, FastAPI, Path, Query, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, insert, pool, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import create_async_engine

from shared.contracts.event import EventData
from shared.contracts.fields import Amount, DecimalText, Instant, OrganisationId, Sha256, ShortText
from shared.contracts.provider import VerificationRefused
from shared.kernel.access import Actor, Policy, rule
from shared.kernel.errors import NotAllowed, RuleReference, Stale
from shared.kernel.events import DomainEvent
from shared.kernel.ids import derived_id
from shared.platform import roles, tables
from shared.platform.access import allow, public
from shared.platform.commands import CommandRoute, CurrentWork, RequiredIfMatch, etag
from shared.platform.consumer import Delivery, Handlers, Projection
from shared.platform.embedded_postgres import execute
from shared.platform.reading import Reading
from shared.platform.service import Definition, Surroundings, create_service
from shared.platform.settings import ServiceSettings
from shared.platform.work import Work
from shared.testing.services import RunningService

UPSTREAM = "upstream"
REFUSED_AT_COMMIT = "refused at commit"
metadata = MetaData()
notes = Table(
    "notes", metadata, Column("key", Text, primary_key=True), Column("version", Integer), Column("text", Text)
)
effects = Table(
    "effects", metadata, Column("serial", Integer, primary_key=True), Column("key", Text), Column("text", Text)
)
tallies = Table("tallies", metadata, Column("key", Text, primary_key=True), Column("texts", Text))
TABLES = f"""
    CREATE TABLE notes (key text PRIMARY KEY, version integer NOT NULL, text text NOT NULL);
    CREATE TABLE effects (
        serial integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key text NOT NULL, text text NOT NULL
    );
    CREATE TABLE tallies (key text PRIMARY KEY, texts text NOT NULL);
    CREATE FUNCTION refuse_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.text = '{REFUSED_AT_COMMIT}' THEN RAISE EXCEPTION 'no' USING ERRCODE = 'check_violation'; END IF;
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER notes_checked AFTER INSERT ON notes DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION refuse_at_commit();
"""
# The log refuses to be emptied, even by a test, unless its triggers are off.
EMPTY = (
    "ALTER TABLE events DISABLE TRIGGER USER",
    "TRUNCATE events, key_positions, cursors, parked, idempotency, notes, effects, tallies RESTART IDENTITY",
    "ALTER TABLE events ENABLE TRIGGER USER",
    "UPDATE sequence SET last_position = 0",
    "UPDATE relayed SET position = 0",
)
# Locks of this database alone: the server has the databases of other tests too, which run at the same time.
LOCKS = """(
    SELECT pg_locks.* FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE datname = current_database()
) AS locks"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted(DomainEvent):
    key: str
    text: str


def published(event: DomainEvent) -> EventData:
    assert isinstance(event, Noted)
    return note(event.key, event.text)


def note(key: str, content: str) -> VerificationRefused:
    """Return the event of a note: any type of the catalogue with a key and a text does."""
    return VerificationRefused(provider=key, reason=content)


async def write(work: Work, key: str, content: str) -> int:
    """Write a note over the last one of its key, and say so."""
    version = await work.connection.scalar(
        upsert(notes)
        .values(key=key, version=1, text=content)
        .on_conflict_do_update(index_elements=["key"], set_={"version": notes.c.version + 1, "text": content})
        .returning(notes.c.version)
    )
    await work.record([Noted(aggregate=derived_id("note", key), version=version, key=key, text=content)])
    return int(version)


class NoteBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: ShortText
    amount: Amount | None = None
    share: DecimalText | None = None
    on: date | None = None
    at: Instant | None = None
    reference: UUID | None = None
    kind: Literal["plain", "urgent"] = "plain"
    count: int = 0
    flag: bool = False
    digest: Sha256 | None = None
    tags: list[ShortText] = []
    points: dict[str, DecimalText] = {}


class NoteView(BaseModel):
    key: str
    version: int


router = APIRouter(route_class=CommandRoute)
KeyPath = Annotated[OrganisationId, Path()]


@router.post("/v1/notes/{key}", status_code=201)
async def write_note(
    work: CurrentWork, key: KeyPath, body: NoteBody, response: Response, _: Annotated[Actor, allow("note.write")]
) -> NoteView:
    version = await write(work, key, body.text)
    if body.text == "forbidden":
        raise NotAllowed("text-forbidden", "This text is not kept.", reference=RuleReference("note.1", "Art. 1"))
    response.headers["Location"] = f"v1/notes/{key}"
    response.headers["ETag"] = etag(version)
    return NoteView(key=key, version=version)


@router.put("/v1/notes/{key}")
async def change_note(
    work: CurrentWork, key: KeyPath, body: NoteBody, version: RequiredIfMatch, _: Annotated[Actor, allow("note.write")]
) -> NoteView:
    if await work.connection.scalar(select(notes.c.version).where(notes.c.key == key).with_for_update()) != version:
        raise Stale("stale", "It was changed in the meantime.")
    return NoteView(key=key, version=await write(work, key, body.text))


@router.post("/v1/broken")
async def broken(_: Annotated[Actor, allow("note.write")]) -> None:
    raise RuntimeError("CANARY in a message")


@router.get("/v1/notes", dependencies=[public()])
async def list_notes(connection: Reading, since: Annotated[date | None, Query()] = None) -> list[NoteView]:
    rows = await connection.execute(select(notes).order_by(notes.c.key))
    return [NoteView(key=row.key, version=row.version) for row in rows]


@router.get("/v1/notes/{identifier}/by-id", dependencies=[public()])
async def find_note(identifier: UUID) -> None:
    return None


@dataclass
class Echo:
    """The notes service's handlers, and what a test lets go wrong in them."""

    poison: set[str] = field(default_factory=set)
    before: Callable[[Work, str], Awaitable[None]] | None = None
    after: Callable[[Work, str], Awaitable[None]] | None = None

    async def on_note(self, work: Work, delivery: Delivery) -> None:
        assert isinstance(delivery.data, VerificationRefused)
        key, content = delivery.data.provider, delivery.data.reason
        if self.before:
            await self.before(work, content)
        await work.connection.execute(insert(effects).values(key=key, text=content))
        if content in self.poison:
            raise NotAllowed("note-unreadable", "It cannot be read.")
        await write(work, key, content)
        if self.after:
            await self.after(work, content)

    async def tally(self, work: Work, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            assert isinstance(delivery.data, VerificationRefused)
            more = {"texts": tallies.c.texts + " " + delivery.data.reason}
            await work.connection.execute(
                upsert(tallies)
                .values(key=delivery.data.provider, texts=delivery.data.reason)
                .on_conflict_do_update(index_elements=["key"], set_=more)
            )

    def handlers(self) -> Handlers:
        return {VerificationRefused.TYPE: self.on_note}

    def projection(self) -> Projection:
        return Projection(tables=(tallies,), types={UPSTREAM: {VerificationRefused.TYPE}}, enter=self.tally)


POLICY: Policy = {"note.write": rule("writer")}


def create(settings: ServiceSettings, surroundings: Surroundings) -> FastAPI:
    """Make the service."""
    echo = Echo()
    definition = Definition(
        name="notes",
        title="Notes",
        summary="For tests.",
        routers=(router,),
        policy=POLICY,
        publish=published,
        handlers={UPSTREAM: echo.handlers()},
        projections={"tallies": echo.projection()},
        larger_bodies={"/v1/broken": 4 * 1024 * 1024},
    )
    app = create_service(definition, settings, surroundings)
    app.state.echo = echo
    return app


def migrate_notes(url: str) -> None:
    """Make the kit's tables and the service's own."""
    execute(
        url,
        ";\n".join([*(part for version in ("0001", "0002", "0003") for part in tables.statements(version))])
        + ";\n"
        + TABLES,
    )
    asyncio.run(_grant(url))


async def _grant(url: str) -> None:
    def grant(connection: Connection) -> None:
        roles.grant(connection, roles.application_of(connection), (tables.metadata, metadata))

    engine = create_async_engine(url, poolclass=pool.NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(grant)


async def empty(service: RunningService) -> None:
    """Forget everything a test has left in the database."""
    await service.execute_as_owner(*EMPTY)


def echo_of(service: RunningService) -> Echo:
    """Return the handlers of a running notes service."""
    echo: Echo = service.app.state.echo
    return echo


async def until(true: Callable[[], Awaitable[bool] | bool]) -> None:
    """Wait for something that only looking tells."""
    async with asyncio.timeout(10):
        while True:
            answer = true()
            if answer if isinstance(answer, bool) else await answer:
                return
            await asyncio.sleep(0.01)


async def append(service: RunningService, *written: tuple[str, str]) -> None:
    """Write notes in one transaction, as a command would."""
    async with service.runtime.engine.begin() as connection:
        for key, content in written:
            await write(service.runtime.work(connection), key, content)


async def effects_by_key(service: RunningService) -> dict[str, list[str]]:
    """Return what the handlers did, in the order they did it."""
    found: dict[str, list[str]] = {}
    for row in await service.execute("SELECT key, text FROM effects ORDER BY serial"):
        found.setdefault(row.key, []).append(row.text)
    return found


async def published_by_key(service: RunningService) -> dict[str, list[str]]:
    """Return what the service published, in the order of the feed."""
    found: dict[str, list[str]] = {}
    for event in await service.published():
        found.setdefault(event.partitionkey, []).append(event.data["reason"])
    return found
