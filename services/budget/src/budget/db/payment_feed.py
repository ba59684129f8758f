"""What finance systems read of payments: every fact once, in the order in which the facts became true."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from budget.db.bank_tables import payment_facts, sent_payments
from budget.db.payments import payment_of
from budget.db.tables import payments
from budget.domain.payment_fact import UNDONE, Fact, PaymentFact
from budget.domain.payment_order import Payment

_LOCK = 7_265_022
# What these paid is owed again.
UNDONE_PAYMENTS = select(payment_facts.c.payment).where(payment_facts.c.fact.in_(UNDONE))


async def add_facts(connection: AsyncConnection, fact: Fact, of: Sequence[UUID], at: datetime) -> None:
    """Tell something of payments, as the last step of a transaction.

    Numbers are given in the order of the commits, as the lock is held until then: whoever has read up to a number has
    missed nothing below it.
    """
    if not of:
        return
    await connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    await connection.execute(insert(payment_facts), [{"payment": one, "fact": fact, "at": at} for one in of])


async def page_of_facts(connection: AsyncConnection, after: int, limit: int) -> Sequence[PaymentFact]:
    query = (
        select(
            payment_facts.c.number.label("place"),
            payment_facts.c.fact,
            payment_facts.c.at,
            payments,
            sent_payments.c.file_id,
        )
        .join(payments, payments.c.id == payment_facts.c.payment)
        .outerjoin(sent_payments, sent_payments.c.payment == payments.c.id)
        .where(payment_facts.c.number > after)
        .order_by(payment_facts.c.number)
        .limit(limit)
    )
    return [
        PaymentFact(
            place=row.place,
            fact=Fact(row.fact),
            at=row.at,
            payment=payment_of(row),
            # A fact says the same for ever, also once more has become true of its payment.
            file=None if row.fact == Fact.MADE else row.file_id,
        )
        for row in await connection.execute(query)
    ]


async def page_of_payments(connection: AsyncConnection, after: UUID | None, limit: int) -> Sequence[Payment]:
    """Return payments in the order in which they were told, which is that of their commits: none comes in between."""
    made = select(payment_facts.c.payment, payment_facts.c.number).where(payment_facts.c.fact == Fact.MADE).subquery()
    query = select(payments).join(made, made.c.payment == payments.c.id).order_by(made.c.number).limit(limit)
    if after is not None:
        query = query.where(made.c.number > select(made.c.number).where(made.c.payment == after).scalar_subquery())
    return [payment_of(row) for row in await connection.execute(query)]
