"""How ceilings are kept, and what is promised under each: a limit is one conditional UPDATE."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select, true, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from budget.db.tables import ceilings, ceilings_by_year, ceilings_in_total
from budget.domain.ceiling import Ceilings, ceilings_of
from budget.domain.ceiling_events import Limit
from budget.domain.line import Line
from shared.kernel.errors import NotAllowed
from shared.kernel.money import Money
from shared.platform import database


async def of_line(connection: AsyncConnection, line: Line, *, lock: bool = False) -> Ceilings:
    fresh = ceilings_of(line)
    query = select(ceilings.c.document).where(ceilings.c.id == fresh.id)
    document = await connection.scalar(query.with_for_update() if lock else query)
    return database.adapter(Ceilings).validate_python(document) if document else fresh


async def save(connection: AsyncConnection, before: int, state: Ceilings) -> None:
    columns: dict[str, Any] = {
        "state": "proposed" if state.due_at else "set",
        "waiting_for": "the decision of a second person" if state.due_at else None,
        "due_at": state.due_at,
    }
    if before == 0:
        await database.add(connection, ceilings, state, columns)
    else:
        await database.save(connection, ceilings, before, state, columns)


async def put_in_force(connection: AsyncConnection, state: Ceilings) -> None:
    """Let each ceiling hold from now on; the total is locked first, as where something is promised.

    Raises:
        NotAllowed: ceiling-below-promised.
    """
    await _put_total_in_force(connection, state)
    for limit in state.limits:
        entered = upsert(ceilings_by_year).values(
            ceilings_id=state.id, year=limit.year, ceiling=limit.amount.minor, promised=0
        )
        held = await connection.execute(
            entered.on_conflict_do_update(
                index_elements=["ceilings_id", "year"],
                set_={"ceiling": limit.amount.minor},
                where=ceilings_by_year.c.promised <= limit.amount.minor,
            ).returning(ceilings_by_year.c.year)
        )
        if held.first() is None:
            raise NotAllowed(
                "ceiling-below-promised",
                "Contracts have promised more of that year than the ceiling.",
                satisfied_by="A ceiling of what is promised, or more.",
            )


async def _put_total_in_force(connection: AsyncConnection, state: Ceilings) -> None:
    # There is a total from the first ceiling on, if only of what is promised: none is reckoned while others promise.
    table, most = ceilings_in_total, state.total.minor if state.total is not None else None
    entered = upsert(table).values(ceilings_id=state.id, ceiling=most, promised=0)
    held = await connection.execute(
        entered.on_conflict_do_update(
            index_elements=["ceilings_id"],
            set_={"ceiling": most},
            where=true() if most is None else table.c.promised <= most,
        ).returning(table.c.ceilings_id)
    )
    if held.first() is None:
        raise NotAllowed(
            "ceiling-below-promised",
            "Contracts have promised more of all later years together than the total.",
            satisfied_by="A total of what is promised, or more.",
        )


async def promise(connection: AsyncConnection, line: Line, changes: Mapping[int, int]) -> None:
    """Count what contracts promise of later years, within each year's ceiling and that of all years together.

    Raises:
        NotAllowed: ceiling-exceeded, with the transaction to be rolled back to before the call.
    """
    await _promise_in_total(connection, line, sum(changes.values()))
    table = ceilings_by_year
    for year, change in sorted(changes.items()):
        counted = await connection.execute(
            update(table)
            .where(
                table.c.ceilings_id == ceilings_of(line).id,
                table.c.year == year,
                table.c.promised + change <= table.c.ceiling if change > 0 else table.c.promised + change >= 0,
            )
            .values(promised=table.c.promised + change)
        )
        if counted.rowcount != 1:
            raise NotAllowed(
                "ceiling-exceeded",
                "The contract promises more of a later year than the line's ceiling leaves.",
                satisfied_by="A higher ceiling of that year, by two persons.",
            )


async def _promise_in_total(connection: AsyncConnection, line: Line, change: int) -> None:
    table = ceilings_in_total
    left = or_(table.c.ceiling.is_(None), table.c.promised + change <= table.c.ceiling)
    counted = await connection.execute(
        update(table)
        .where(table.c.ceilings_id == ceilings_of(line).id, left if change > 0 else table.c.promised + change >= 0)
        .values(promised=table.c.promised + change)
    )
    if counted.rowcount != 1:
        raise NotAllowed(
            "ceiling-exceeded",
            "The contract promises more than the line's total ceiling of all later years together leaves.",
            satisfied_by="A higher total ceiling, by two persons.",
        )


async def shown_total(connection: AsyncConnection, line: Line) -> Money:
    """Return what is promised of all later years together."""
    query = select(ceilings_in_total.c.promised).where(ceilings_in_total.c.ceilings_id == ceilings_of(line).id)
    return Money(await connection.scalar(query) or 0, line.currency)


async def shown(connection: AsyncConnection, line: Line) -> Sequence[tuple[Limit, Money]]:
    """Return each year's ceiling, and what is promised under it."""
    query = (
        select(ceilings_by_year)
        .where(ceilings_by_year.c.ceilings_id == ceilings_of(line).id)
        .order_by(ceilings_by_year.c.year)
    )
    return [
        (Limit(row.year, Money(row.ceiling, line.currency)), Money(row.promised, line.currency))
        for row in await connection.execute(query)
    ]
