"""What can be asked of the registry."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from provider_registry.db import cases, documents, programmes, screening, store, yearly_reports
from provider_registry.db import duplicates as pairs
from provider_registry.domain.duplicate import Duplicate, DuplicateStatus
from provider_registry.domain.policy import permit_own_or_oversight
from provider_registry.domain.provider import Provider
from provider_registry.domain.provider_data import Status
from shared.kernel.access import Actor
from shared.platform.database import Overdue


async def provider(connection: AsyncConnection, organisation: str, at: datetime | None = None) -> Provider:
    """Return an entry as it is, or as it was at an instant."""
    if at is None:
        return await store.provider(connection, organisation)
    return await store.known(connection, organisation, at)


async def own_provider(
    connection: AsyncConnection, actor: Actor, organisation: str, at: datetime | None = None
) -> Provider:
    """Return an entry with what is not public of it, to those inside and to the organisation itself.

    Raises:
        Forbidden: not-own-organisation.
    """
    permit_own_or_oversight("provider.read-people", actor, organisation)
    return await provider(connection, organisation, at)


async def duplicates(
    connection: AsyncConnection, status: DuplicateStatus, after: UUID | None, limit: int
) -> Sequence[Duplicate]:
    return await pairs.page(connection, status, after, limit)


async def providers(
    connection: AsyncConnection, after: str | None, limit: int, status: Status | None
) -> Sequence[Provider]:
    return await store.page(connection, after, limit, status)


async def overdue(connection: AsyncConnection, now: datetime) -> list[Overdue]:
    kinds = (store, cases, screening, documents, yearly_reports, programmes)
    return [waiting for kind in kinds for waiting in await kind.overdue(connection, now)]
