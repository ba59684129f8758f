"""How framework agreements are kept; the database holds them to their ceiling."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Uuid, insert, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.platform import database
from tender.db import seals
from tender.db.tables import metadata, quotes
from tender.domain.framework import Framework
from tender.domain.framework_parts import FrameworkStatus, Quote
from tender.domain.parts import Party
from tender.domain.price_opening import price_or_none

frameworks = database.document_table(
    "frameworks",
    metadata,
    Column("tender", Uuid, nullable=False),
    Column("ceiling_minor", BigInteger, nullable=False),
    Column("called_off_minor", BigInteger, nullable=False),
    Column("clock_at", DateTime(timezone=True)),
)


@dataclass(frozen=True, slots=True)
class SealedQuote:
    """A quote as it is kept."""

    id: UUID
    framework: UUID
    competition: UUID
    supplier: Party
    received_at: datetime
    digest: str
    salt: str
    scheme: str
    envelope: bytes


async def add(connection: AsyncConnection, framework: Framework) -> None:
    await database.add(connection, frameworks, framework, _columns(framework))


async def framework(connection: AsyncConnection, identifier: UUID, *, lock: bool = False) -> Framework:
    return await database.load(connection, frameworks, Framework, identifier, lock=lock)


async def framework_for_quote(connection: AsyncConnection, identifier: UUID) -> Framework:
    """Read an agreement and keep its competitions from being decided until the quote's transaction ends."""
    await connection.execute(select(frameworks.c.id).where(frameworks.c.id == identifier).with_for_update(read=True))
    return await framework(connection, identifier)


async def save(connection: AsyncConnection, before: Framework, after: Framework) -> None:
    await database.save(connection, frameworks, before.version, after, _columns(after))


async def page(connection: AsyncConnection, after: UUID | None, limit: int) -> Sequence[Framework]:
    """Return framework agreements, the newest first."""
    query = select(frameworks.c.document).order_by(frameworks.c.id.desc()).limit(limit)
    if after is not None:
        query = query.where(frameworks.c.id < after)
    return await database.documents(connection, query, Framework)


async def keep_quote(connection: AsyncConnection, quote: SealedQuote) -> None:
    """Keep a quote; a later one of the same supplier replaces it."""
    await connection.execute(
        insert(quotes).values(
            id=quote.id,
            framework=quote.framework,
            competition=quote.competition,
            supplier=quote.supplier.id,
            supplier_name=quote.supplier.name,
            received_at=quote.received_at,
            digest=quote.digest,
            salt=quote.salt,
            scheme=quote.scheme,
            envelope=quote.envelope,
        )
    )


async def release_quotes(
    connection: AsyncConnection, competition: UUID, *, person: str, at: datetime
) -> Sequence[Quote]:
    """Open the quotes of a competition, each supplier's last, and record every reading."""
    last = (
        select(*(column for column in quotes.c if column.name != seals.QUOTE.kept_in.name))
        .ext(distinct_on(quotes.c.supplier))
        .where(quotes.c.competition == competition)
        .order_by(quotes.c.supplier, quotes.c.arrival.desc())
    )
    rows = (await connection.execute(last)).all()
    contents = await seals.release(connection, seals.QUOTE, [row.id for row in rows], person=person, at=at)
    return [
        Quote(
            Party(row.supplier, row.supplier_name),
            row.received_at,
            price_or_none(contents[row.id]),
            row.digest,
            row.salt,
        )
        for row in rows
    ]


async def overdue(connection: AsyncConnection, now: datetime) -> list[database.Overdue]:
    return await database.overdue(connection, frameworks, "framework", now)


def _columns(framework: Framework) -> dict[str, Any]:
    waits = [(joining.due_at, "the decision who joins") for joining in framework.joining]
    waits += [
        (competition.closes_at, "the opening of the quotes")
        for competition in framework.competitions
        if competition.open
    ]
    due, waiting = min(waits, default=(None, None)) if framework.status is FrameworkStatus.ACTIVE else (None, None)
    return {
        "state": framework.status,
        "waiting_for": waiting,
        "due_at": due,
        "clock_at": framework.clock_at,
        "tender": framework.tender,
        "ceiling_minor": framework.ceiling.minor,
        "called_off_minor": framework.called_off.minor,
    }
