"""Whose each registration number is."""

from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, delete, insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from provider_registry.db.tables import provider_identifiers
from provider_registry.domain.provider_data import Identifier


async def holders(connection: AsyncConnection, numbers: Collection[Identifier]) -> Mapping[Identifier, str]:
    """Read which organisations hold which of the numbers."""
    if not numbers:
        return {}
    kept = provider_identifiers.c
    query = select(kept.scheme, kept.id, kept.organisation).where(_among(numbers))
    return {Identifier(row.scheme, row.id): row.organisation for row in await connection.execute(query)}


async def hold(
    connection: AsyncConnection, organisation: str, before: frozenset[Identifier], after: frozenset[Identifier]
) -> None:
    """Let an organisation hold other numbers than before; one that another holds fails as an entry made at once."""
    kept = provider_identifiers.c
    if left := before - after:
        await connection.execute(delete(provider_identifiers).where(kept.organisation == organisation, _among(left)))
    if new := after - before:
        rows = [{"scheme": one.scheme, "id": one.id, "organisation": organisation} for one in new]
        await connection.execute(insert(provider_identifiers), rows)


async def give_up(connection: AsyncConnection, organisation: str) -> None:
    """Let an organisation hold no number any more, for another that is about to hold them."""
    await connection.execute(delete(provider_identifiers).where(provider_identifiers.c.organisation == organisation))


def _among(numbers: Collection[Identifier]) -> ColumnElement[bool]:
    return tuple_(provider_identifiers.c.scheme, provider_identifiers.c.id).in_(
        [(one.scheme, one.id) for one in numbers]
    )
