"""What can be asked of the registry."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from provider_registry.db import cases, documents, programmes, store, yearly_reports
from provider_registry.domain.provider import Provider
from provider_registry.domain.provider_data import Status
from shared.platform.database import Overdue


async def provider(connection: AsyncConnection, organisation: str) -> Provider:
    return await store.provider(connection, organisation)


async def providers(
    connection: AsyncConnection, after: str | None, limit: int, status: Status | None
) -> Sequence[Provider]:
    return await store.page(connection, after, limit, status)


async def overdue(connection: AsyncConnection, now: datetime) -> list[Overdue]:
    kinds = (store, cases, documents, yearly_reports, programmes)
    return [waiting for kind in kinds for waiting in await kind.overdue(connection, now)]
