"""Reads the whole ledger to hold it to account, as it stood at one instant."""

from collections import Counter
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Uuid, exists, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from budget.db.payment_feed import UNDONE_PAYMENTS
from budget.db.tables import balances, funds, payment_orders, payments, reservations, transfers
from budget.domain.ledger import Stage
from budget.domain.payment_order import OrderKind
from budget.domain.reservation import ReservationState
from budget.domain.verification import Amounts

_AT_ONCE = 10_000
_RECOVERIES = text("""
    SELECT (recovery ->> 'line')::uuid AS line_id, (recovery -> 'amount' ->> 'minor')::bigint AS amount
    FROM funds, jsonb_array_elements(document -> 'contracts') AS contract,
         jsonb_array_elements(coalesce(contract -> 'advances', '[]')) AS one,
         jsonb_array_elements(one -> 'recoveries') AS recovery
""")
recoveries = _RECOVERIES.columns(line_id=Uuid, amount=BigInteger).subquery()


async def kept(connection: AsyncConnection) -> Amounts:
    """Return the balances."""
    return {(row.line_id, Stage(row.stage)): row.amount for row in await connection.execute(select(balances))}


async def folded(connection: AsyncConnection) -> tuple[Amounts, int]:
    """Add all transfers up, one by one and not in the database, and count them."""
    columns = (transfers.c.line_id, transfers.c.from_stage, transfers.c.to_stage, transfers.c.amount)
    net: Counter[tuple[UUID, Stage]] = Counter()
    number = 0
    async with connection.stream(select(*columns), execution_options={"yield_per": _AT_ONCE}) as rows:
        async for line, start, end, amount in rows:
            # The source outside the ledger counts what was granted, so it grows by what leaves it.
            net[line, Stage(start)] += amount if start == Stage.APPROPRIATED else -amount
            net[line, Stage(end)] += -amount if end == Stage.APPROPRIATED else amount
            number += 1
    return net, number


async def claimed(connection: AsyncConnection) -> Amounts:
    """Add up what processes hold now, the reservations of finance systems, and what was paid."""
    processes = select(
        funds.c.line_id,
        func.sum(funds.c.reserved),
        func.sum(funds.c.committed),
        func.sum(funds.c.advance),
        func.sum(funds.c.accrued - funds.c.paid - funds.c.held),
        func.sum(funds.c.held),
    ).where(funds.c.state != "unfunded")
    direct = select(reservations.c.line_id, func.sum(reservations.c.amount)).where(
        reservations.c.state == ReservationState.RESERVED
    )
    # What a process was paid stays on the line it was paid from, whatever line the process is on now.
    paid = select(payments.c.line_id, func.sum(payments.c.amount)).where(payments.c.id.not_in(UNDONE_PAYMENTS))
    net: Counter[tuple[UUID, Stage]] = Counter()
    # What was paid in advance counts as paid once a period recovers it, on the line of that day.
    advance = (payment_orders.c.id == payments.c.order_id) & (payment_orders.c.kind == OrderKind.ADVANCE)
    paid = paid.where(~exists().where(advance))
    recovered = select(recoveries.c.line_id, func.sum(recoveries.c.amount)).select_from(recoveries)
    stages = (Stage.RESERVED, Stage.COMMITTED, Stage.ADVANCE, Stage.ACCRUED, Stage.HELD)
    by_holder = ((processes, stages), (direct, stages[:1]), (paid, (Stage.PAID,)), (recovered, (Stage.PAID,)))
    for query, named in by_holder:
        grouped: Any = query.group_by(query.selected_columns.line_id)
        for line, *amounts in await connection.execute(grouped):
            for stage, amount in zip(named, amounts, strict=True):
                net[line, stage] += int(amount)
    return net
