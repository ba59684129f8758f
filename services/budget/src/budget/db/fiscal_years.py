"""How fiscal years are kept."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from budget.db.tables import fiscal_years, lines
from budget.domain.fiscal_year import FiscalYear, YearState, calendar_year
from shared.platform import database

# Years are declared and closed one after the other; what is granted meanwhile waits.
_LOCK = 7_265_010


async def hold(connection: AsyncConnection, *, alone: bool = False) -> None:
    """Let all years stay as they are until the transaction ends; alone, nobody else holds them meanwhile.

    It comes before any lock of a line, so that nobody waits for each other.
    """
    lock = func.pg_advisory_xact_lock if alone else func.pg_advisory_xact_lock_shared
    await connection.execute(select(lock(_LOCK)))


async def find(connection: AsyncConnection, year: int) -> FiscalYear:
    document = await connection.scalar(select(fiscal_years.c.document).where(fiscal_years.c.year == year))
    if document:
        return _year(document)
    # What nobody declared before the books of a later year were closed is closed with them.
    closed = select(fiscal_years.c.id).where(fiscal_years.c.year > year, fiscal_years.c.state == YearState.CLOSED)
    known = calendar_year(year)
    return replace(known, state=YearState.CLOSED) if await connection.scalar(closed.limit(1)) else known


async def declared(connection: AsyncConnection) -> Sequence[FiscalYear]:
    query = select(fiscal_years.c.document).order_by(fiscal_years.c.year)
    return [_year(document) for document in await connection.scalars(query)]


async def in_use(connection: AsyncConnection, year: int) -> bool:
    """Tell whether money was granted for a year."""
    return await connection.scalar(select(lines.c.id).where(lines.c.fiscal_year == year).limit(1)) is not None


async def save(connection: AsyncConnection, before: int, state: FiscalYear) -> None:
    awaited = "the decision of a second person" if state.due_at else None
    columns: dict[str, Any] = {"state": state.state, "waiting_for": awaited, "due_at": state.due_at, "year": state.year}
    if before == 0:
        await database.add(connection, fiscal_years, state, columns)
    else:
        await database.save(connection, fiscal_years, before, state, columns)


def _year(document: Any) -> FiscalYear:
    return database.adapter(FiscalYear).validate_python(document)
