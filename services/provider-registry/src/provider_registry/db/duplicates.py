"""Pairs of entries that may be of one organisation, and what finds them."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, delete, func, insert, literal, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from provider_registry.db import states
from provider_registry.db.tables import duplicates, name_keys, providers
from provider_registry.domain.duplicate import Duplicate, DuplicateStatus
from shared.kernel.errors import NotFound
from shared.platform import database

# What so many entries share tells none of them apart; it is left out of the search, whose work is thereby bounded.
COMMON, MOST_CANDIDATES = 200, 50


async def remember_names(connection: AsyncConnection, organisation: str, keys: Collection[str]) -> None:
    """Keep what the names of an entry have in common with others, in the place of what was kept of it before."""
    await connection.execute(delete(name_keys).where(name_keys.c.organisation == organisation))
    if keys:
        await connection.execute(insert(name_keys), [{"key": key, "organisation": organisation} for key in keys])


async def candidates(connection: AsyncConnection, organisation: str, keys: Collection[str]) -> Sequence[str]:
    """Find the entries that share most with the names of another, the likeliest first."""
    wanted = func.unnest(literal(list(keys), ARRAY(Text))).table_valued("key").render_derived(name="wanted")
    few = select(name_keys.c.organisation).where(name_keys.c.key == wanted.c.key).limit(COMMON + 1).lateral("few")
    sharing = defaultdict[str, list[str]](list)
    query = select(wanted.c.key, few.c.organisation).select_from(wanted.join(few, true()))
    for key, other in await connection.execute(query):
        sharing[key].append(other)
    shared = Counter(
        other for others in sharing.values() if len(others) <= COMMON for other in others if other != organisation
    )
    return sorted(shared, key=lambda other: (-shared[other], other))[:MOST_CANDIDATES]


async def pair(connection: AsyncConnection, identifier: UUID, *, lock: bool = False) -> Duplicate:
    return await database.load(connection, duplicates, Duplicate, identifier, lock=lock)


async def pair_if_any(connection: AsyncConnection, identifier: UUID) -> Duplicate | None:
    try:
        return await pair(connection, identifier, lock=True)
    except NotFound:
        return None


async def judged_different(connection: AsyncConnection, pairs: Collection[UUID]) -> bool:
    """Tell whether any of the pairs was judged to be of two organisations."""
    query = select(duplicates.c.id).where(duplicates.c.id.in_(pairs), duplicates.c.state == DuplicateStatus.DIFFERENT)
    return await connection.scalar(query.limit(1)) is not None


async def add(connection: AsyncConnection, state: Duplicate, at: datetime) -> None:
    await states.add(connection, duplicates, state, _columns(state), at=at)


async def save(connection: AsyncConnection, before: Duplicate, state: Duplicate, at: datetime) -> None:
    await states.save(connection, duplicates, before.version, state, _columns(state), at=at)


async def page(
    connection: AsyncConnection, status: DuplicateStatus, after: UUID | None, limit: int
) -> Sequence[Duplicate]:
    """Read a page of pairs, those that are most alike first; a suggestion ends when one of the two is given up."""
    query = select(duplicates.c.document).where(duplicates.c.state == status)
    if status is DuplicateStatus.SUGGESTED:
        either = providers.c.organisation.in_([duplicates.c.organisation, duplicates.c.other])
        gone = select(providers.c.id).where(either, providers.c.document["merged_into"].astext.is_not(None))
        query = query.where(~gone.exists())
    if after is not None:
        last = select(duplicates.c.score).where(duplicates.c.id == after).scalar_subquery()
        beyond = (duplicates.c.score < last) | ((duplicates.c.score == last) & (duplicates.c.id > after))
        query = query.where(beyond)
    ordered = query.order_by(duplicates.c.score.desc(), duplicates.c.id).limit(limit)
    return await database.documents(connection, ordered, Duplicate)


def _columns(state: Duplicate) -> dict[str, Any]:
    return {
        "state": state.status,
        "organisation": state.organisation,
        "other": state.other,
        "score": state.score,
    }
