"""How providers and track records are kept."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from provider_registry.db import states
from provider_registry.db.tables import providers
from provider_registry.domain.provider import Provider
from provider_registry.domain.provider_data import Status
from shared.kernel.ids import derived_id
from shared.platform import database

_WAITING = {Status.SUBMITTED: "a registry officer's check", Status.CHECKED: "a second registry officer's verification"}


async def provider(connection: AsyncConnection, organisation: str, *, lock: bool = False) -> Provider:
    return await database.load(connection, providers, Provider, derived_id("provider", organisation), lock=lock)


async def is_registered(connection: AsyncConnection, organisation: str) -> bool:
    return await connection.scalar(select(providers.c.id).where(providers.c.organisation == organisation)) is not None


async def is_identifier_taken(connection: AsyncConnection, state: Provider) -> bool:
    query = select(providers.c.id).where(providers.c.identifier == _identifier(state), providers.c.id != state.id)
    return await connection.scalar(query) is not None


async def add(connection: AsyncConnection, state: Provider, at: datetime) -> None:
    await states.add(connection, providers, state, _columns(state), at=at)


async def save(connection: AsyncConnection, before: Provider, state: Provider, at: datetime) -> None:
    await states.save(connection, providers, before.version, state, _columns(state), at=at)


async def page(connection: AsyncConnection, after: str | None, limit: int, status: Status | None) -> Sequence[Provider]:
    query = select(providers.c.document).order_by(providers.c.organisation).limit(limit)
    if after is not None:
        query = query.where(providers.c.organisation > after)
    if status is not None:
        query = query.where(providers.c.state == status)
    return await database.documents(connection, query, Provider)


async def overdue(connection: AsyncConnection, now: datetime) -> list[database.Overdue]:
    return await database.overdue(connection, providers, "provider", now)


def _columns(state: Provider) -> dict[str, Any]:
    return {
        "state": state.status,
        "waiting_for": _WAITING.get(state.status),
        "due_at": state.check_due,
        "organisation": state.organisation,
        "identifier": _identifier(state),
    }


def _identifier(state: Provider) -> str:
    # Both parts may hold any character, so joining them plainly would make one of two different identifiers.
    return json.dumps([state.identifier.scheme, state.identifier.id], ensure_ascii=False)
