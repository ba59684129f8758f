"""How payment orders and payments are kept."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from budget.db.tables import payment_orders, payments, refused_payments
from budget.domain.payment_order import OrderState, Payment, PaymentOrder, PaymentRequest
from shared.kernel.money import Money
from shared.platform import database

_AWAITED = {OrderState.DUE: "the approval of the payment", OrderState.APPROVED: "the payment"}


async def add_order(connection: AsyncConnection, order: PaymentOrder) -> None:
    await database.add(connection, payment_orders, order, _columns(order))


async def save_order(connection: AsyncConnection, before: int, order: PaymentOrder) -> None:
    await database.save(connection, payment_orders, before, order, _columns(order))


async def order(connection: AsyncConnection, identifier: UUID, *, lock: bool = False) -> PaymentOrder:
    return await database.load(connection, payment_orders, PaymentOrder, identifier, lock=lock)


async def open_orders(connection: AsyncConnection, ocid: str) -> Sequence[PaymentOrder]:
    """Return what is still owed in a process, and let nobody else change it until the transaction ends."""
    mine = (payment_orders.c.ocid == ocid) & payment_orders.c.state.in_((OrderState.DUE, OrderState.APPROVED))
    query = select(payment_orders.c.document).where(mine).order_by(payment_orders.c.number).with_for_update()
    return await database.documents(connection, query, PaymentOrder)


async def page_of_orders(connection: AsyncConnection, after: UUID | None, limit: int) -> Sequence[PaymentOrder]:
    query = database.numbered(select(payment_orders.c.document), payment_orders, after, limit)
    return await database.documents(connection, query, PaymentOrder)


async def orders_of_period(connection: AsyncConnection, contract: UUID, period: str) -> Sequence[PaymentOrder]:
    of_period = (payment_orders.c.contract == contract, payment_orders.c.period == period)
    query = select(payment_orders.c.document).where(*of_period).order_by(payment_orders.c.number)
    return await database.documents(connection, query, PaymentOrder)


async def overdue(connection: AsyncConnection, now: datetime) -> list[database.Overdue]:
    return await database.overdue(connection, payment_orders, "payment-order", now)


async def add_payment(connection: AsyncConnection, made: Payment) -> None:
    await connection.execute(
        insert(payments).values(
            id=made.id,
            order_id=made.order,
            line_id=made.line,
            ocid=made.ocid,
            contract=made.contract,
            period=made.period,
            payee=made.payee,
            amount=made.amount.minor,
            currency=made.amount.currency,
            grade=made.grade,
            share=made.share,
            reference=made.reference,
            paid_by=made.paid_by,
            paid_at=made.paid_at,
        )
    )


async def find_payment(connection: AsyncConnection, identifier: UUID) -> Payment | None:
    row = (await connection.execute(select(payments).where(payments.c.id == identifier))).first()
    return payment_of(row) if row else None


async def payments_of(connection: AsyncConnection, identifiers: Collection[UUID]) -> Sequence[Payment]:
    """Return payments by their ids."""
    query = select(payments).where(payments.c.id.in_(identifiers)).order_by(payments.c.number)
    return [payment_of(row) for row in await connection.execute(query)]


async def lock_identifier(connection: AsyncConnection, identifier: UUID) -> None:
    """Let nobody else pay under an id until the transaction ends, on whatever order."""
    await database.hold_name(connection, f"payment/{identifier}")


async def keep_refused(
    connection: AsyncConnection, identifier: UUID, asked: PaymentRequest, code: str, at: datetime
) -> None:
    await connection.execute(
        insert(refused_payments).values(
            id=identifier,
            order_id=asked.order,
            amount=asked.amount.minor,
            currency=asked.amount.currency,
            reference=asked.reference,
            refusal=code,
            refused_at=at,
        )
    )


async def find_refused(connection: AsyncConnection, identifier: UUID) -> tuple[PaymentRequest, str] | None:
    """Find what was asked for under an id and refused, and by which code."""
    row = (await connection.execute(select(refused_payments).where(refused_payments.c.id == identifier))).first()
    return (PaymentRequest(row.order_id, Money(row.amount, row.currency), row.reference), row.refusal) if row else None


def payment_of(row: Row[Any]) -> Payment:
    return Payment(
        id=row.id,
        order=row.order_id,
        line=row.line_id,
        ocid=row.ocid,
        contract=row.contract,
        period=row.period,
        payee=row.payee,
        amount=Money(row.amount, row.currency),
        grade=row.grade,
        share=row.share,
        reference=row.reference,
        paid_by=row.paid_by,
        paid_at=row.paid_at,
    )


def _columns(state: PaymentOrder) -> dict[str, Any]:
    awaited, due_at = _AWAITED.get(state.state), state.due_at
    if awaited is None and state.repay_by is not None:
        awaited, due_at = "the repayment of the advance", state.repay_by
    return {
        "state": state.state,
        "waiting_for": awaited,
        "due_at": due_at if awaited else None,
        "ocid": state.ocid,
        "line_id": state.line,
        "contract": state.contract,
        "period": state.period,
        "payee": state.payee,
        "kind": state.kind,
        "currency": state.amount.currency,
        "amount": state.amount.minor,
        "paid": state.paid.minor,
    }
