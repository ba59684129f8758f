"""What eligibility is worked out from, and what was last told of it."""

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from provider_registry.db import states
from provider_registry.db.declarations import declarations
from provider_registry.db.documents import documents
from provider_registry.db.screening import matches
from provider_registry.db.tables import cases, eligibilities, providers
from provider_registry.domain.case import Case
from provider_registry.domain.declaration import Declaration
from provider_registry.domain.document import Document
from provider_registry.domain.eligibility import Eligibility, Known, nothing_told
from provider_registry.domain.match import Match
from provider_registry.domain.provider import Provider
from shared.kernel.errors import NotFound
from shared.platform import database

Kept = TypeVar("Kept")


async def known(connection: AsyncConnection, organisation: str, at: datetime) -> Known:
    """Read what was known of an organisation at an instant, in one way and back; in one more for each entry merged."""
    found = await states.known_of_all(connection, organisation, at, providers, documents, declarations, cases, matches)

    def read(table: Table, kind: type[Kept]) -> tuple[Kept, ...]:
        return tuple(database.adapter(kind).validate_python(one) for one in found.get(table.name, ()))

    provider = next(iter(read(providers, Provider)), None)
    # What is held against an entry that was given up is held against the one that was kept.
    held_against, likened = list[Case](), list[Match]()
    for entry in provider.absorbed if provider else ():
        held_against.extend(await states.known(connection, cases, Case, entry, at))
        likened.extend(await states.known(connection, matches, Match, entry, at))
    return Known(
        organisation=organisation,
        provider=provider,
        documents=read(documents, Document),
        declarations=read(declarations, Declaration),
        cases=(*read(cases, Case), *held_against),
        matches=(*read(matches, Match), *likened),
    )


async def last_told(connection: AsyncConnection, organisation: str) -> Eligibility:
    """Read what was last told, and let nobody else tell anything of the organisation until the transaction ends."""
    await database.hold_name(connection, f"eligibility of {organisation}")
    empty = nothing_told(organisation)
    try:
        return await database.load(connection, eligibilities, Eligibility, empty.id, lock=True)
    except NotFound:
        return empty


async def organisation_of(connection: AsyncConnection, identifier: UUID) -> str:
    found = await connection.scalar(select(eligibilities.c.organisation).where(eligibilities.c.id == identifier))
    return str(found)


async def keep(connection: AsyncConnection, before: Eligibility, state: Eligibility) -> None:
    # It follows from the states that are kept, so its own versions are not.
    columns = {"state": "told", "organisation": state.organisation, "clock_at": state.next_change}
    if before.version == 0:
        await database.add(connection, eligibilities, state, columns)
    else:
        await database.save(connection, eligibilities, before.version, state, columns)
