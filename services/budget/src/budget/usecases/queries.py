"""What can be asked of the budget."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from budget.db import fiscal_years, ledger, payment_feed, reservations, revisions, store
from budget.db import holds as hold_rows
from budget.db import payments as payment_rows
from budget.domain.adjustment import Adjustment
from budget.domain.fiscal_year import FiscalYear
from budget.domain.funds import Funds
from budget.domain.hold import Hold
from budget.domain.ledger import Transfer
from budget.domain.line import Line
from budget.domain.payment_order import Payment, PaymentOrder
from budget.domain.reservation import Reservation
from budget.domain.revision import Revision
from budget.usecases import payment_queries
from shared.kernel.errors import not_here
from shared.platform.database import Overdue


async def line(connection: AsyncConnection, identifier: UUID) -> tuple[Line, ledger.Balances]:
    found = await ledger.line(connection, identifier)
    return found, (await ledger.balances_of(connection, [found]))[identifier]


async def lines(connection: AsyncConnection, after: UUID | None, limit: int) -> list[tuple[Line, ledger.Balances]]:
    found = await ledger.page_of_lines(connection, after, limit)
    balances = await ledger.balances_of(connection, found)
    return [(one, balances[one.id]) for one in found]


async def transfers(
    connection: AsyncConnection, identifier: UUID, after: UUID | None, limit: int
) -> Sequence[Transfer]:
    await ledger.line(connection, identifier)
    return await ledger.transfers_of_line(connection, identifier, after, limit)


async def procedure(connection: AsyncConnection, ocid: str) -> tuple[Funds, Sequence[Transfer]]:
    return await store.process(connection, ocid), await ledger.transfers_of_process(connection, ocid)


async def reservation(connection: AsyncConnection, identifier: UUID) -> Reservation:
    return await reservations.reservation(connection, identifier)


async def orders(connection: AsyncConnection, after: UUID | None, limit: int) -> Sequence[PaymentOrder]:
    return await payment_rows.page_of_orders(connection, after, limit)


async def order(connection: AsyncConnection, identifier: UUID) -> PaymentOrder:
    return await payment_rows.order(connection, identifier)


async def payments(connection: AsyncConnection, after: UUID | None, limit: int) -> Sequence[Payment]:
    return await payment_feed.page_of_payments(connection, after, limit)


async def payment(connection: AsyncConnection, identifier: UUID) -> Payment:
    found = await payment_rows.find_payment(connection, identifier)
    if found is None:
        raise not_here()
    return found


async def holds(connection: AsyncConnection, after: UUID | None, limit: int) -> Sequence[Hold]:
    return await hold_rows.page_of_holds(connection, after, limit)


async def hold(connection: AsyncConnection, identifier: UUID) -> Hold:
    return await hold_rows.hold(connection, identifier)


async def fiscal_year(connection: AsyncConnection, number: int) -> FiscalYear:
    return await fiscal_years.find(connection, number)


async def declared_years(connection: AsyncConnection) -> Sequence[FiscalYear]:
    return await fiscal_years.declared(connection)


async def revision(connection: AsyncConnection, identifier: UUID) -> Revision:
    return await revisions.load(connection, identifier)


async def page_of_revisions(connection: AsyncConnection, after: UUID | None, limit: int) -> Sequence[Revision]:
    return await revisions.page(connection, after, limit)


async def adjustments(connection: AsyncConnection, identifier: UUID) -> Sequence[Adjustment]:
    """Return what made of the original budget of a line what it has now, the oldest first."""
    await ledger.line(connection, identifier)
    return await revisions.adjustments(connection, identifier)


async def overdue(connection: AsyncConnection, now: datetime) -> list[Overdue]:
    return [
        *await store.overdue(connection, now),
        *await payment_rows.overdue(connection, now),
        *await hold_rows.overdue(connection, now),
        *await payment_queries.overdue(connection, now),
    ]
