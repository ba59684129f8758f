"""How declarations are kept."""

from collections.abc import Sequence

from sqlalchemy import Column, Text, select
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


async def of(connection: AsyncConnection, organisation: str) -> Sequence[Declaration]:
    """Return an organisation's last declarations, by pack."""
    query = select(declarations.c.document).where(declarations.c.organisation == organisation)
    return await database.documents(connection, query.order_by(declarations.c.pack), Declaration)


async def save(work: Work, before: Declaration | None, state: Declaration) -> None:
    columns = {"state": "declared", "organisation": state.organisation, "pack": state.pack}
    if before is None:
        await states.add(work.connection, declarations, state, columns, at=work.now)
    else:
        await states.save(work.connection, declarations, before.version, state, columns, at=work.now)
