"""How repayments of advances are kept."""

from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from budget.db.tables import advance_repayments
from budget.domain.repayment import Repayment, RepaymentRequest
from shared.kernel.money import Money


async def add_repayment(connection: AsyncConnection, made: Repayment) -> None:
    await connection.execute(
        insert(advance_repayments).values(
            id=made.id,
            order_id=made.asked.order,
            amount=made.asked.amount.minor,
            currency=made.asked.amount.currency,
            reference=made.asked.reference,
            repaid_at=made.repaid_at,
            entered_by=made.entered_by,
        )
    )


async def find_repayment(connection: AsyncConnection, identifier: UUID) -> Repayment | None:
    row = (await connection.execute(select(advance_repayments).where(advance_repayments.c.id == identifier))).first()
    if row is None:
        return None
    return Repayment(
        id=row.id,
        asked=RepaymentRequest(row.order_id, Money(row.amount, row.currency), row.reference),
        repaid_at=row.repaid_at,
        entered_by=row.entered_by,
    )
