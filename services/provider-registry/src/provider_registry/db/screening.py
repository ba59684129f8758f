"""How lists, their entries and matches are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Column, DateTime, Table, Text, Uuid, insert, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from provider_registry.db import states
from provider_registry.db.tables import metadata, providers
from provider_registry.domain.match import Match, MatchStatus, ScreeningList
from provider_registry.domain.provider import Provider
from provider_registry.domain.screened import digest_of, screened_of
from provider_registry.domain.screening import Entry
from shared.kernel.errors import NotFound
from shared.platform import database
from shared.platform.roles import insert_only

lists = database.document_table(
    "screening_lists",
    metadata,
    Column("series", Uuid, nullable=False),
    Column("current", Boolean, nullable=False),
    Column("clock_at", DateTime(timezone=True)),
)
entries = Table(
    "screening_entries",
    metadata,
    Column("list", Uuid, primary_key=True),
    Column("entry", Text, primary_key=True),
    Column("document", JSONB, nullable=False),
    info=insert_only(),
)
matches = database.document_table("matches", metadata, Column("organisation", Text, nullable=False))
# Which providers have to be held against all lists: those of which another name or number is known than when they were.
screened_providers = Table(
    "screened_providers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organisation", Text, nullable=False, unique=True),
    Column("names", Text, nullable=False),
    Column("clock_at", DateTime(timezone=True)),
)
_WAITING = {
    MatchStatus.OPEN: "the review of a match",
    MatchStatus.PROPOSED: "a second person's word on a match",
}


async def editions(connection: AsyncConnection) -> Sequence[ScreeningList]:
    """Read the edition of each list that counts."""
    query = select(lists.c.document).where(lists.c.current).order_by(lists.c.id)
    return await database.documents(connection, query, ScreeningList)


async def edition(connection: AsyncConnection, identifier: UUID) -> ScreeningList:
    return await database.load(connection, lists, ScreeningList, identifier, lock=True)


async def replace_edition(
    connection: AsyncConnection, state: ScreeningList, contents: Sequence[Entry], clock_at: datetime
) -> None:
    """Let an edition count in the place of the one before."""
    of_series = lists.c.series == state.series
    await connection.execute(update(lists).where(of_series, lists.c.current).values(current=False, clock_at=None))
    columns = {"state": "screening", "series": state.series, "current": True, "clock_at": clock_at}
    await database.add(connection, lists, state, columns)
    rows = [{"list": state.id, "entry": one.id, "document": database.to_document(one)} for one in contents]
    await connection.execute(insert(entries), rows)


async def save_edition(
    connection: AsyncConnection, before: ScreeningList, state: ScreeningList, clock_at: datetime | None
) -> None:
    columns = {"state": "screened" if state.finished else "screening", "clock_at": clock_at}
    await database.save(connection, lists, before.version, state, columns)


async def entries_of(connection: AsyncConnection, identifier: UUID) -> Sequence[Entry]:
    query = select(entries.c.document).where(entries.c.list == identifier).order_by(entries.c.entry)
    return await database.documents(connection, query, Entry)


async def entry(connection: AsyncConnection, series: UUID, name: str) -> Entry | None:
    """Read an entry in the edition of a list that counts, if it still has it."""
    query = select(entries.c.document).join(lists, lists.c.id == entries.c.list)
    query = query.where(lists.c.series == series, lists.c.current, entries.c.entry == name)
    return next(iter(await database.documents(connection, query, Entry)), None)


async def providers_after(connection: AsyncConnection, organisation: str | None, limit: int) -> Sequence[Provider]:
    query = select(providers.c.document).order_by(providers.c.organisation).limit(limit)
    if organisation is not None:
        query = query.where(providers.c.organisation > organisation)
    return await database.documents(connection, query, Provider)


async def to_screen(connection: AsyncConnection, provider: Provider, at: datetime) -> None:
    """Let the clock hold a provider against all lists, if what is held against them has changed."""
    known = upsert(screened_providers).values(
        id=provider.id, organisation=provider.organisation, names=digest_of(screened_of(provider)), clock_at=at
    )
    changed = known.on_conflict_do_update(
        index_elements=[screened_providers.c.id],
        set_={"names": known.excluded.names, "clock_at": known.excluded.clock_at},
        where=screened_providers.c.names != known.excluded.names,
    )
    await connection.execute(changed)


async def screened(connection: AsyncConnection, identifier: UUID) -> None:
    done = update(screened_providers).where(screened_providers.c.id == identifier)
    await connection.execute(done.values(clock_at=None))


async def provider_to_screen(connection: AsyncConnection, identifier: UUID) -> Provider:
    return await database.load(connection, providers, Provider, identifier)


async def match(connection: AsyncConnection, identifier: UUID, *, lock: bool = False) -> Match:
    return await database.load(connection, matches, Match, identifier, lock=lock)


async def find_match(connection: AsyncConnection, identifier: UUID) -> Match | None:
    try:
        return await match(connection, identifier, lock=True)
    except NotFound:
        return None


async def keep_match(connection: AsyncConnection, before: Match | None, state: Match, at: datetime) -> None:
    if before is None:
        await states.add(connection, matches, state, _columns(state), at=at)
    else:
        await states.save(connection, matches, before.version, state, _columns(state), at=at)


async def page_of_matches(
    connection: AsyncConnection, after: UUID | None, limit: int, status: MatchStatus | None
) -> Sequence[Match]:
    query = select(matches.c.document).order_by(matches.c.id).limit(limit)
    if after is not None:
        query = query.where(matches.c.id > after)
    if status is not None:
        query = query.where(matches.c.state == status)
    return await database.documents(connection, query, Match)


async def overdue(connection: AsyncConnection, now: datetime) -> list[database.Overdue]:
    return await database.overdue(connection, matches, "match", now)


def _columns(state: Match) -> dict[str, Any]:
    return {
        "state": state.status,
        "waiting_for": _WAITING.get(state.status),
        "due_at": state.review_due,
        "organisation": state.organisation,
    }
