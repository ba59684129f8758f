"""The notices that providers and citizens read."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from budget.db import holds, payments, store
from budget.domain.notice import Notice, notice


async def of_order(connection: AsyncConnection, identifier: UUID) -> Notice:
    """Write the notice of the period that an order is of."""
    order = await payments.order(connection, identifier)
    return await _of(connection, order.ocid, order.contract, order.period)


async def of_period(connection: AsyncConnection, contract: UUID, period: str) -> Notice:
    """Write the notice of a period of a contract.

    Raises:
        NotFound: not-found.
    """
    return await _of(connection, await store.ocid_of(connection, contract), contract, period)


async def _of(connection: AsyncConnection, ocid: str, contract: UUID, period: str) -> Notice:
    return notice(
        await store.process(connection, ocid),
        contract,
        period,
        await holds.of_period(connection, contract, period),
        await payments.orders_of_period(connection, contract, period),
    )
