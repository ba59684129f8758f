"""How declarations are kept."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, Text
from sqlalchemy.ext.asyncio import AsyncConnection

from provider_registry.db import states
from provider_registry.db.tables import metadata
from provider_registry.domain.declaration import Declaration, declaration_id
from shared.kernel.errors import NotFound
from shared.platform import database
from shared.platform.work import Work

declarations = database.document_table(
    "declarations", metadata, Column("organisation", Text, nullable=False), Column("pack", Text, nullable=False)
)


async def find(connection: AsyncConnection, organisation: str, pack: str) -> Declaration | None:
    """Return the last declaration under a pack, and keep it from being changed; None where there is none."""
    try:
        return await database.load(connection, declarations, Declaration, declaration_id(organisation, pack), lock=True)
    except NotFound:
        return None


async def known(connection: AsyncConnection, organisation: str, at: datetime) -> Sequence[Declaration]:
    """Return an organisation's last declarations as they were known at an instant, by pack."""
    found = await states.known(connection, declarations, Declaration, organisation, at)
    return sorted(found, key=lambda one: one.pack)


async def save(work: Work, before: Declaration | None, state: Declaration) -> None:
    columns = {"state": "declared", "organisation": state.organisation, "pack": state.pack}
    if before is None:
        await states.add(work.connection, declarations, state, columns, at=work.now)
    else:
        await states.save(work.connection, declarations, before.version, state, columns, at=work.now)
