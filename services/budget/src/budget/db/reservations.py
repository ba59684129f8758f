"""How the reservations of finance systems are kept; an id is taken once, by whoever comes first."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from budget.db.arrays import Bound, columns_of, inserted
from budget.db.tables import reservations
from budget.domain.reservation import Reservation, ReservationRequest, ReservationState
from shared.kernel.errors import not_here
from shared.kernel.money import Money

_COLUMNS: Mapping[str, str] = {
    "id": "uuid",
    "line_id": "uuid",
    "amount": "bigint",
    "currency": "text",
    "purpose": "text",
    "expires_at": "timestamptz",
    "state": "text",
    "made_at": "timestamptz",
    "made_by": "text",
    "clock_at": "timestamptz",
}
_CLAIM = text(f"{inserted('reservations', _COLUMNS)} ON CONFLICT (id) DO NOTHING RETURNING id")
_REFUSE = text("""
    UPDATE reservations SET state = 'refused', refusal = refused.code, clock_at = NULL
    FROM unnest(CAST(:ids AS uuid[]), CAST(:codes AS text[])) AS refused (id, code)
    WHERE reservations.id = refused.id
""")


async def claim(
    connection: AsyncConnection, asked: Sequence[tuple[ReservationRequest, str]], at: datetime
) -> Collection[UUID]:
    """Take the ids that nobody has taken, for the persons who ask, and return them; whoever takes one is waited for."""
    return set((await connection.execute(*claiming(asked, at))).scalars())


def claiming(asked: Sequence[tuple[ReservationRequest, str]], at: datetime) -> Bound:
    """Write the statement that takes ids."""
    # The order is the same in every transaction, so that no two of them wait for each other.
    rows = [_row(one, at, person) for one, person in sorted(asked, key=lambda each: each[0].id)]
    return _CLAIM, columns_of(rows)


async def find(connection: AsyncConnection, identifiers: Collection[UUID]) -> Mapping[UUID, Reservation]:
    rows = await connection.execute(select(reservations).where(reservations.c.id.in_(identifiers)))
    return {row.id: _reservation(row) for row in rows}


async def reservation(connection: AsyncConnection, identifier: UUID, *, lock: bool = False) -> Reservation:
    query = select(reservations).where(reservations.c.id == identifier)
    row = (await connection.execute(query.with_for_update() if lock else query)).first()
    if row is None:
        raise not_here()
    return _reservation(row)


async def open_on(connection: AsyncConnection, line: UUID) -> Sequence[Reservation]:
    """Return what is reserved on a line, and let nobody else end it until the transaction ends."""
    mine = (reservations.c.line_id == line) & (reservations.c.state == ReservationState.RESERVED)
    query = select(reservations).where(mine).order_by(reservations.c.id).with_for_update()
    return [_reservation(row) for row in await connection.execute(query)]


async def refuse(connection: AsyncConnection, refusals: Mapping[UUID, str]) -> None:
    """Keep under their ids what was refused."""
    await connection.execute(_REFUSE, {"ids": list(refusals), "codes": list(refusals.values())})


async def forget(connection: AsyncConnection, identifiers: Collection[UUID]) -> None:
    """Give back ids under which nothing that could be carried out was asked."""
    await connection.execute(delete(reservations).where(reservations.c.id.in_(identifiers)))


async def end(connection: AsyncConnection, ended: Reservation) -> None:
    await connection.execute(
        update(reservations)
        .where(reservations.c.id == ended.request.id)
        .values(state=ended.state, ended_at=ended.ended_at, clock_at=None)
    )


def _row(asked: ReservationRequest, at: datetime, person: str) -> dict[str, Any]:
    return {
        "id": asked.id,
        "line_id": asked.line,
        "amount": asked.amount.minor,
        "currency": asked.amount.currency,
        "purpose": asked.purpose,
        "expires_at": asked.expires_at,
        "state": ReservationState.RESERVED,
        "made_at": at,
        "made_by": person,
        "clock_at": asked.expires_at,
    }


def _reservation(row: Row[Any]) -> Reservation:
    request = ReservationRequest(
        id=row.id,
        line=row.line_id,
        amount=Money(row.amount, row.currency),
        purpose=row.purpose,
        expires_at=row.expires_at,
    )
    return Reservation(
        request=request,
        state=ReservationState(row.state),
        made_at=row.made_at,
        ended_at=row.ended_at,
        refusal=row.refusal,
    )
