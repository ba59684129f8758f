"""What a year's end finds on its lines; nobody else moves their money from then on until the transaction ends."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import case, select
from sqlalchemy.ext.asyncio import AsyncConnection

from budget.db import store
from budget.db.ledger import Balances, balances_of
from budget.db.tables import balances, fiscal_years, funds, lines
from budget.domain.fiscal_year import YearState
from budget.domain.funds import Funds
from budget.domain.funds_data import State
from budget.domain.ledger import Stage
from budget.domain.line import Line


async def open_lines_of(connection: AsyncConnection, year: int) -> Sequence[UUID]:
    """Return the lines of a year whose books are open."""
    query = select(lines.c.id).where(lines.c.fiscal_year == year, lines.c.closed_at.is_(None)).order_by(lines.c.id)
    return (await connection.scalars(query)).all()


async def earlier_open(connection: AsyncConnection, year: int) -> bool:
    """Tell whether the books of an earlier year are open."""
    undone = select(lines.c.id).where(lines.c.fiscal_year < year, lines.c.closed_at.is_(None))
    declared = select(fiscal_years.c.id).where(fiscal_years.c.year < year, fiscal_years.c.state != YearState.CLOSED)
    return await connection.scalar(undone.union(declared).limit(1)) is not None


async def settle(connection: AsyncConnection, line: Line) -> tuple[Balances, Sequence[Funds]]:
    """Return a line's balances and the processes on it, after everybody who was about to move them."""
    processes = await _lock_processes(connection, line.id, ())
    order = case({stage.value: place for place, stage in enumerate(Stage)}, value=balances.c.stage)
    await connection.execute(
        select(balances.c.stage).where(balances.c.line_id == line.id).order_by(order).with_for_update()
    )
    # Somebody may have come between; nobody comes any more.
    processes = await _lock_processes(connection, line.id, processes)
    found = [await store.process(connection, ocid) for ocid in processes]
    return (await balances_of(connection, [line]))[line.id], found


async def processes_of_year(connection: AsyncConnection, year: int) -> Sequence[str]:
    """Return the processes whose money is on lines of a year."""
    query = (
        select(funds.c.ocid)
        .join(lines, lines.c.id == funds.c.line_id)
        .where(lines.c.fiscal_year == year, funds.c.state != State.UNFUNDED)
        .order_by(funds.c.ocid)
    )
    return (await connection.scalars(query)).all()


async def _lock_processes(connection: AsyncConnection, line: UUID, locked: Sequence[str]) -> Sequence[str]:
    query = select(funds.c.ocid).where(funds.c.line_id == line, funds.c.state != State.UNFUNDED).order_by(funds.c.ocid)
    found = (await connection.scalars(query)).all()
    for ocid in found:
        if ocid not in locked:
            await store.lock_process(connection, ocid)
    return found
