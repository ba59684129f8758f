"""How the ledger is kept: transfers are inserted once, balances move by conditional updates, nothing is read first."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, Select, TextClause, Uuid, any_, bindparam, insert, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from budget.db.arrays import Bound, columns_of, inserted
from budget.db.tables import balances, lines, transfers
from budget.domain.grant import Grant, Source
from budget.domain.ledger import Stage, Transfer, changes
from budget.domain.line import Line
from shared.kernel.errors import NotAllowed, NotFound
from shared.kernel.money import Money
from shared.platform import database

Balances = Mapping[Stage, Money]

_NET = ("line", "stage", "change")
_COLUMNS: Mapping[str, str] = {
    "id": "uuid",
    "line_id": "uuid",
    "from_stage": "text",
    "to_stage": "text",
    "amount": "bigint",
    "ocid": "text",
    "cause_event": "uuid",
    "reason": "text",
    "at": "timestamptz",
    "reverses": "uuid",
    "chain": "uuid",
}
_PLACE = (lines.c.code, lines.c.fiscal_year, lines.c.currency)


async def post(connection: AsyncConnection, entries: Sequence[Transfer]) -> Mapping[UUID, Money]:
    """Enter transfers, all or none, and return what each line has left where that changed.

    Raises:
        NotAllowed: insufficient-funds, with the transaction to be rolled back to before the call, unless the first
            balance in the order of locking is the only one that shrinks: then nothing has been done.
    """
    if not entries:
        return {}
    net = changes(entries)
    row = (await connection.execute(*posting(entries, net))).one()
    if None in row:
        raise insufficient_funds()
    currencies = {entry.line: entry.amount.currency for entry in entries}
    return {
        line: Money(amount, currencies[line])
        for (line, stage, _), amount in zip(net, row, strict=False)
        if stage is Stage.AVAILABLE
    }


def posting(entries: Sequence[Transfer], net: Sequence[tuple[UUID, Stage, int]]) -> Bound:
    """Write the one statement that moves balances by what transfers add up to, and enters the transfers."""
    moved = {
        f"{name}_{place}": value for place, change in enumerate(net) for name, value in zip(_NET, change, strict=True)
    }
    return _posting(len(net)), {**columns_of(map(_row, entries)), **moved}


def insufficient_funds() -> NotAllowed:
    return NotAllowed("insufficient-funds", "The budget line has less than the amount.")


async def lock_available(connection: AsyncConnection, identifiers: Collection[UUID]) -> Mapping[UUID, int]:
    """Let nobody else reserve from lines until the transaction ends, and return what they have left, in minor units."""
    rows = await connection.execute(
        select(balances)
        .where(balances.c.line_id.in_(identifiers), balances.c.stage.in_((Stage.AVAILABLE, Stage.RESERVED)))
        .order_by(balances.c.line_id, balances.c.stage)
        .with_for_update()
    )
    return {row.line_id: row.amount for row in rows if row.stage == Stage.AVAILABLE}


@cache
def _posting(balances_changed: int) -> TextClause:
    """Move balances in their order, each only if the one before it was moved.

    The hot balance is locked for no way there and back of its own; the transfers are entered once all balances fit.
    """
    steps = [
        f"""
        moved_{place} AS (
            UPDATE balances SET amount = amount + CAST(:change_{place} AS bigint)
            WHERE line_id = CAST(:line_{place} AS uuid) AND stage = CAST(:stage_{place} AS text)
                AND amount >= -CAST(:change_{place} AS bigint)
                {f"AND EXISTS (SELECT FROM moved_{place - 1})" if place else ""}
            RETURNING amount
        )
        """
        for place in range(balances_changed)
    ]
    last = f"WHERE EXISTS (SELECT FROM moved_{balances_changed - 1})" if steps else ""
    steps.append(f"entered AS ({inserted('transfers', _COLUMNS)} {last} RETURNING 1)")
    left = [f"(SELECT amount FROM moved_{place})" for place in range(balances_changed)]
    return text(f"WITH {', '.join(steps)} SELECT {', '.join([*left, '(SELECT count(*) FROM entered)'])}")


async def line_for_change(connection: AsyncConnection, fresh: Line) -> Line:
    """Find or begin a line, and keep whoever else changes what it was granted waiting; reservations go on."""
    begun = await connection.execute(
        upsert(lines)
        .values(id=fresh.id, code=fresh.code, fiscal_year=fresh.fiscal_year, currency=fresh.currency, **_state(fresh))
        .on_conflict_do_nothing()
        .returning(lines.c.id)
    )
    if begun.first() is not None:
        rows = [{"line_id": fresh.id, "stage": stage, "amount": 0} for stage in Stage]
        await connection.execute(insert(balances), rows)
        return fresh
    return (await lines_for_change(connection, [fresh.id]))[fresh.id]


async def lines_for_change(connection: AsyncConnection, identifiers: Collection[UUID]) -> Mapping[UUID, Line]:
    """Find lines, and keep whoever else changes what they were granted waiting; what is not there is not found."""
    mine = lines.c.id.in_(identifiers)
    await connection.execute(select(lines.c.id).where(mine).order_by(lines.c.id).with_for_update(key_share=True))
    return {row.id: _line(row) for row in await connection.execute(_with_total().where(mine))}


async def save_line(connection: AsyncConnection, state: Line, next_opening: datetime | None) -> None:
    await connection.execute(update(lines).where(lines.c.id == state.id).values(**_state(state), clock_at=next_opening))


async def line(connection: AsyncConnection, identifier: UUID) -> Line:
    found = await find_line(connection, identifier)
    if found is None:
        raise NotFound("not-found", "The budget has no such line.")
    return found


async def find_line(connection: AsyncConnection, identifier: UUID) -> Line | None:
    row = (await connection.execute(_with_total().where(lines.c.id == identifier))).first()
    return _line(row) if row else None


async def lines_of(connection: AsyncConnection, identifiers: Collection[UUID]) -> Mapping[UUID, Line]:
    rows = await connection.execute(_OF_LINES, {"identifiers": list(identifiers)})
    return {row.id: _line(row) for row in rows}


async def available(connection: AsyncConnection, found: Line) -> Money:
    return (await balances_of(connection, [found]))[found.id][Stage.AVAILABLE]


async def page_of_lines(connection: AsyncConnection, after: UUID | None, limit: int) -> Sequence[Line]:
    query = _with_total().order_by(*_PLACE).limit(limit)
    if after is not None:
        query = query.where(tuple_(*_PLACE) > select(*_PLACE).where(lines.c.id == after).scalar_subquery())
    return [_line(row) for row in await connection.execute(query)]


async def balances_of(connection: AsyncConnection, found: Sequence[Line]) -> Mapping[UUID, Balances]:
    currencies = {one.id: one.currency for one in found}
    rows = await connection.execute(select(balances).where(balances.c.line_id.in_(currencies)))
    result: dict[UUID, dict[Stage, Money]] = {identifier: {} for identifier in currencies}
    for row in rows:
        result[row.line_id][Stage(row.stage)] = Money(row.amount, currencies[row.line_id])
    return result


async def transfers_of_line(
    connection: AsyncConnection, identifier: UUID, after: UUID | None, limit: int
) -> Sequence[Transfer]:
    query = database.numbered(_transfers().where(transfers.c.line_id == identifier), transfers, after, limit)
    return [_transfer(row) for row in await connection.execute(query)]


async def transfers_of_process(connection: AsyncConnection, ocid: str) -> Sequence[Transfer]:
    query = _transfers().where(transfers.c.ocid == ocid).order_by(transfers.c.number)
    return [_transfer(row) for row in await connection.execute(query)]


def _with_total() -> Select[Any]:
    granted = (balances.c.line_id == lines.c.id) & (balances.c.stage == Stage.APPROPRIATED)
    return select(lines, balances.c.amount).join(balances, granted)


# Written once: a reservation asks this, and writing it anew takes longer than asking.
_OF_LINES = _with_total().where(lines.c.id == any_(bindparam("identifiers", type_=ARRAY(Uuid))))


def _transfers() -> Select[Any]:
    return select(transfers, lines.c.currency).join(lines, lines.c.id == transfers.c.line_id)


def _line(row: Row[Any]) -> Line:
    return Line(
        id=row.id,
        version=row.version,
        code=row.code,
        title=row.title,
        fiscal_year=row.fiscal_year,
        appropriated=Money(row.amount, row.currency),
        original=database.adapter(Grant).validate_python(row.original) if row.original else None,
        opened=row.opened,
        supplements=database.adapter(tuple[Source, ...]).validate_python(row.supplements),
        closed_at=row.closed_at,
    )


def _state(line: Line) -> dict[str, Any]:
    """Return the columns of a line that change."""
    original = database.to_document(line.original) if line.original else None
    return {
        "version": line.version,
        "title": line.title,
        "original": original,
        "opened": line.opened,
        "supplements": [database.to_document(one) for one in line.supplements],
        "closed_at": line.closed_at,
    }


def _row(entry: Transfer) -> dict[str, Any]:
    return {
        "id": entry.id,
        "line_id": entry.line,
        "from_stage": entry.from_stage,
        "to_stage": entry.to_stage,
        "amount": entry.amount.minor,
        "ocid": entry.ocid,
        "cause_event": entry.cause,
        "reason": entry.reason,
        "at": entry.at,
        "reverses": entry.reverses,
        "chain": entry.chain,
    }


def _transfer(row: Row[Any]) -> Transfer:
    return Transfer(
        id=row.id,
        line=row.line_id,
        from_stage=Stage(row.from_stage),
        to_stage=Stage(row.to_stage),
        amount=Money(row.amount, row.currency),
        reason=row.reason,
        at=row.at,
        ocid=row.ocid,
        cause=row.cause_event,
        reverses=row.reverses,
        chain=row.chain,
    )
