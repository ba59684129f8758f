"""How providers and track records are kept."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from provider_registry.db import identifiers, states
from provider_registry.db.tables import providers
from provider_registry.domain.provider import Provider
from provider_registry.domain.provider_data import Status
from shared.kernel.errors import not_here
from shared.kernel.ids import derived_id
from shared.platform import database

_WAITING = {Status.SUBMITTED: "a registry officer's check", Status.CHECKED: "a second registry officer's verification"}


async def provider(connection: AsyncConnection, organisation: str, *, lock: bool = False) -> Provider:
    return await database.load(connection, providers, Provider, derived_id("provider", organisation), lock=lock)


async def is_registered(connection: AsyncConnection, organisation: str) -> bool:
    return await connection.scalar(select(providers.c.id).where(providers.c.organisation == organisation)) is not None


async def add(connection: AsyncConnection, state: Provider, at: datetime) -> None:
    await states.add(connection, providers, state, _columns(state), at=at)
    await identifiers.hold(connection, state.organisation, frozenset(), frozenset(state.identifiers))


async def save(connection: AsyncConnection, before: Provider, state: Provider, at: datetime) -> None:
    await states.save(connection, providers, before.version, state, _columns(state), at=at)
    if before.identifiers != state.identifiers:
        held = frozenset(before.identifiers), frozenset(state.identifiers)
        await identifiers.hold(connection, state.organisation, *held)


async def known(connection: AsyncConnection, organisation: str, at: datetime) -> Provider:
    """Read what was entered of an organisation at an instant.

    Raises:
        NotFound: not-found, also where it was entered later.
    """
    found = await states.known(connection, providers, Provider, organisation, at)
    if not found:
        raise not_here()
    return found[0]


async def entries(connection: AsyncConnection, organisation: str, at: datetime) -> tuple[str, ...]:
    """Return the entries under which an organisation was known at an instant: its own, and those given up for it."""
    found = await states.known(connection, providers, Provider, organisation, at)
    return (organisation, *(one for entry in found for one in entry.absorbed))


async def providers_of(connection: AsyncConnection, organisations: Collection[str]) -> Sequence[Provider]:
    """Read those entries of organisations that there are, in the order of the organisations."""
    query = select(providers.c.document).where(providers.c.organisation.in_(organisations))
    return await database.documents(connection, query.order_by(providers.c.organisation), Provider)


async def kept(connection: AsyncConnection, organisation: str) -> str:
    """Return the entry that holds what happens to an organisation: itself, or the one it was given up for."""
    into = providers.c.document["merged_into"].astext
    seen = organisation
    while (following := await connection.scalar(select(into).where(providers.c.organisation == seen))) is not None:
        seen = following
    return seen


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
    }
