"""How professionals are kept, whose certificates are whose, and what an organisation has of them in numbers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from provider_registry.db import states
from provider_registry.db.tables import metadata
from provider_registry.domain.professional import Professional
from provider_registry.domain.professional_parts import HoursState
from provider_registry.domain.workforce import Workforce, is_employed, nobody
from shared.kernel.errors import NotFound
from shared.platform import database
from shared.platform.work import Work

professionals = database.document_table("professionals", metadata, Column("organisation", Text, nullable=False))
workforces = database.document_table("workforces", metadata, Column("organisation", Text, nullable=False))
certificate_numbers = Table(
    "certificate_numbers",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("certificate_number", Text, primary_key=True),
    Column("professional", Uuid, nullable=False),
)


async def professional(connection: AsyncConnection, identifier: UUID) -> Professional:
    """Return a professional, and keep this one from being changed."""
    return await database.load(connection, professionals, Professional, identifier, lock=True)


async def of(connection: AsyncConnection, organisation: str) -> Sequence[Professional]:
    """Return those whom an organisation employs, or employed last."""
    query = select(professionals.c.document).where(professionals.c.organisation == organisation)
    return await database.documents(connection, query.order_by(professionals.c.id), Professional)


async def with_hours_for(connection: AsyncConnection, employer: str) -> Sequence[Professional]:
    """Return those with hours that an employer of the time has not decided on."""
    waiting: list[dict[str, str]] = [{"employer": employer, "state": HoursState.LOGGED.value}]
    query = select(professionals.c.document).where(professionals.c.document["hours"].contains(waiting))
    return await database.documents(connection, query.order_by(professionals.c.id), Professional)


async def holder(connection: AsyncConnection, issuer: str, number: str) -> UUID | None:
    """Return whose certificate it is, if it is known."""
    table = certificate_numbers
    query = select(table.c.professional).where(table.c.issuer == issuer, table.c.certificate_number == number)
    found: UUID | None = await connection.scalar(query)
    return found


async def hold_certificate(connection: AsyncConnection, issuer: str, number: str, professional: UUID) -> UUID:
    """Note whose certificate it is, unless somebody's it is already; return whose it is."""
    row = {"issuer": issuer, "certificate_number": number, "professional": professional}
    await connection.execute(upsert(certificate_numbers).values(row).on_conflict_do_nothing())
    return await holder(connection, issuer, number) or professional


async def add(work: Work, state: Professional) -> None:
    await states.add(work.connection, professionals, state, _columns(state), at=work.now)


async def save(work: Work, before: Professional, state: Professional) -> None:
    await states.save(work.connection, professionals, before.version, state, _columns(state), at=work.now)


async def known_at(
    connection: AsyncConnection, organisations: Sequence[str], at: datetime
) -> Mapping[str, Sequence[Professional]]:
    """Return the professionals that were known of organisations at an instant."""
    return {
        organisation: await states.known(connection, professionals, Professional, organisation, at)
        for organisation in organisations
    }


async def workforce(connection: AsyncConnection, organisation: str) -> Workforce:
    """Return what was last counted, and keep it from being changed."""
    empty = nobody(organisation)
    try:
        return await database.load(connection, workforces, Workforce, empty.id, lock=True)
    except NotFound:
        return empty


async def save_workforce(work: Work, before: Workforce, state: Workforce) -> None:
    columns = {"state": "counted", "organisation": state.organisation}
    if before.version == 0:
        await states.add(work.connection, workforces, state, columns, at=work.now)
    else:
        await states.save(work.connection, workforces, before.version, state, columns, at=work.now)


def _columns(state: Professional) -> dict[str, Any]:
    return {"state": "employed" if is_employed(state) else "between-employers", "organisation": state.organisation}
