"""How yearly reports are kept, and the indices of each year that providers are compared by."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from provider_registry.db import states
from provider_registry.db.tables import index_values, yearly_reports
from provider_registry.domain.index_values import IndexValue
from provider_registry.domain.yearly_report import YearlyReport, empty_year
from shared.kernel.errors import NotFound
from shared.platform import database

_OFFICER = "a registry officer's confirmation"


async def report(connection: AsyncConnection, organisation: str, year: int, *, lock: bool = False) -> YearlyReport:
    empty = empty_year(organisation, year)
    try:
        return await database.load(connection, yearly_reports, YearlyReport, empty.id, lock=lock)
    except NotFound:
        return empty


async def save(connection: AsyncConnection, before: YearlyReport, state: YearlyReport, at: datetime) -> None:
    columns: dict[str, Any] = {
        "state": state.status,
        "waiting_for": _OFFICER if state.entered else None,
        "due_at": state.confirm_due,
    }
    if before.version == 0:
        await states.add(connection, yearly_reports, state, columns, at=at)
    else:
        await states.save(connection, yearly_reports, before.version, state, columns, at=at)


async def known(connection: AsyncConnection, organisation: str, at: datetime) -> Sequence[YearlyReport]:
    """Read the reports as they were at an instant, the earliest year first."""
    found = await states.known(connection, yearly_reports, YearlyReport, organisation, at)
    return sorted(found, key=lambda one: one.year)


async def keep_values(
    connection: AsyncConnection,
    organisation: str,
    year: int,
    group: tuple[str, str | None],
    values: Sequence[IndexValue],
    at: datetime,
) -> None:
    """Keep what the indices of a year have become, for a provider of a kind and a size band."""
    kind, band = group
    await connection.execute(
        insert(index_values).values(
            organisation=organisation,
            year=year,
            kind=kind,
            size_band=band,
            recorded_at=at,
            values={one.code: one.value for one in values},
        )
    )


async def values_of_peers(
    connection: AsyncConnection, organisation: str, year: int, group: tuple[str, str | None], at: datetime
) -> Sequence[Mapping[str, str | None]]:
    """Read the indices that other providers of a kind and a size band had for a year at an instant."""
    table = index_values
    latest = (
        select(table)
        .ext(distinct_on(table.c.organisation))
        .where(table.c.year == year, table.c.recorded_at <= at, table.c.organisation != organisation)
        .order_by(table.c.organisation, table.c.number.desc())
        .subquery()
    )
    kind, band = group
    found = await connection.scalars(
        select(latest.c["values"]).where(latest.c.kind == kind, latest.c.size_band == band)
    )
    return list(found)


async def overdue(connection: AsyncConnection, now: datetime) -> list[database.Overdue]:
    return await database.overdue(connection, yearly_reports, "yearly-report", now)
