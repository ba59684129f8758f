"""How what providers declare for reserved contracts is kept."""

from datetime import datetime

from sqlalchemy import Column, Text
from sqlalchemy.ext.asyncio import AsyncConnection

from provider_registry.db import states
from provider_registry.db.tables import metadata
from provider_registry.domain.reserved import ReservedFacts, nothing_declared
from shared.platform import database

reserved_facts = database.document_table(
    "reserved_facts", metadata, Column("organisation", Text, nullable=False, unique=True)
)


async def known(connection: AsyncConnection, organisation: str, at: datetime) -> ReservedFacts:
    """Read what was declared until an instant."""
    found = await states.known(connection, reserved_facts, ReservedFacts, organisation, at)
    return next(iter(found), nothing_declared(organisation))


async def keep(connection: AsyncConnection, before: ReservedFacts, state: ReservedFacts, at: datetime) -> None:
    columns = {"state": "declared", "organisation": state.organisation}
    if before.version == 0:
        await states.add(connection, reserved_facts, state, columns, at=at)
    else:
        await states.save(connection, reserved_facts, before.version, state, columns, at=at)
