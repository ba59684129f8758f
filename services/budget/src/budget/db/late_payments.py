"""How invoices, reference rates and interest for paying late are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from budget.db.bank_tables import interest_claims, invoices, reference_rates
from budget.domain.invoice import Invoice
from budget.domain.late_interest import ClaimState, EnteredRate, InterestClaim, ReferenceRate
from shared.kernel.money import Money
from shared.platform import database
from shared.rules.late_interest import ReferenceRates

_AWAITED = {
    ClaimState.UNRESOLVED: "a reference rate that nobody has entered",
    ClaimState.UNFUNDED: "money on the budget line for interest",
}


async def is_invoiced(connection: AsyncConnection, identifier: UUID) -> bool:
    return await connection.scalar(select(invoices.c.id).where(invoices.c.id == identifier)) is not None


async def add_invoice(connection: AsyncConnection, invoice: Invoice) -> None:
    await connection.execute(
        insert(invoices).values(
            id=invoice.id,
            order_id=invoice.order,
            payee=invoice.payee,
            invoice_number=invoice.number,
            amount=invoice.amount.minor,
            currency=invoice.amount.currency,
            received_at=invoice.received_at,
            entered_by=invoice.entered_by,
            facts=dict(invoice.facts),
        )
    )


async def page_of_invoices(
    connection: AsyncConnection, payee: str | None, after: UUID | None, limit: int
) -> Sequence[Invoice]:
    """Return invoices by the day they came in, of one payee or of all."""
    place = (invoices.c.received_at, invoices.c.id)
    query = select(invoices).order_by(*place).limit(limit)
    if payee is not None:
        query = query.where(invoices.c.payee == payee)
    if after is not None:
        query = query.where(tuple_(*place) > select(*place).where(invoices.c.id == after).scalar_subquery())
    return [_invoice(row) for row in await connection.execute(query)]


async def add_rate(connection: AsyncConnection, entered: EnteredRate) -> bool:
    """Enter a rate; tell whether it was new, or its id was there before."""
    added = await connection.execute(
        upsert(reference_rates)
        .values(
            id=entered.id,
            reference=entered.rate.reference,
            half_year=entered.rate.half_year,
            rate=entered.rate.rate,
            source=entered.rate.source,
            entered_by=entered.entered_by,
            entered_at=entered.entered_at,
        )
        .on_conflict_do_nothing(index_elements=["id"])
        .returning(reference_rates.c.id)
    )
    return added.first() is not None


async def rate(connection: AsyncConnection, identifier: UUID) -> EnteredRate:
    return _rate((await connection.execute(select(reference_rates).where(reference_rates.c.id == identifier))).one())


async def page_of_rates(connection: AsyncConnection, after: UUID | None, limit: int) -> Sequence[EnteredRate]:
    query = database.numbered(select(reference_rates), reference_rates, after, limit)
    return [_rate(row) for row in await connection.execute(query)]


async def rates(connection: AsyncConnection) -> ReferenceRates:
    """Return the rates that count: of those of one half-year, the one that was entered last."""
    rows = await connection.execute(select(reference_rates).order_by(reference_rates.c.number))
    return {(row.reference, row.half_year): row.rate for row in rows}


async def add_claim(connection: AsyncConnection, claim: InterestClaim) -> None:
    await database.add(connection, interest_claims, claim, _columns(claim))


async def save_claim(connection: AsyncConnection, before: int, claim: InterestClaim) -> None:
    await database.save(connection, interest_claims, before, claim, _columns(claim))


async def claim(connection: AsyncConnection, identifier: UUID, *, lock: bool = False) -> InterestClaim:
    return await database.load(connection, interest_claims, InterestClaim, identifier, lock=lock)


async def claims_without_rate(connection: AsyncConnection) -> Sequence[InterestClaim]:
    """Return the claims that wait for a rate, in the order in which their processes are locked."""
    query = select(interest_claims.c.document).where(interest_claims.c.state == ClaimState.UNRESOLVED)
    in_order = query.order_by(interest_claims.c.ocid, interest_claims.c.number)
    return await database.documents(connection, in_order, InterestClaim)


async def claims_of(connection: AsyncConnection, order: UUID) -> Sequence[InterestClaim]:
    """Return the claims on an order's payments."""
    query = select(interest_claims.c.document).where(interest_claims.c.order_id == order)
    return await database.documents(connection, query.order_by(interest_claims.c.number), InterestClaim)


async def page_of_claims(connection: AsyncConnection, after: UUID | None, limit: int) -> Sequence[InterestClaim]:
    query = database.numbered(select(interest_claims.c.document), interest_claims, after, limit)
    return await database.documents(connection, query, InterestClaim)


async def overdue(connection: AsyncConnection, now: datetime) -> list[database.Overdue]:
    return await database.overdue(connection, interest_claims, "late-interest", now)


def _columns(state: InterestClaim) -> dict[str, Any]:
    awaited = _AWAITED.get(state.state)
    return {
        "state": state.state,
        "waiting_for": awaited,
        # It is owed already: whatever keeps it from being ordered is reported at once.
        "due_at": state.noticed_at if awaited else None,
        "order_id": state.order,
        "payment": state.payment,
        "ocid": state.ocid,
    }


def _invoice(row: Row[Any]) -> Invoice:
    return Invoice(
        id=row.id,
        order=row.order_id,
        payee=row.payee,
        number=row.invoice_number,
        amount=Money(row.amount, row.currency),
        received_at=row.received_at,
        entered_by=row.entered_by,
        facts=row.facts,
    )


def _rate(row: Row[Any]) -> EnteredRate:
    known = ReferenceRate(reference=row.reference, half_year=row.half_year, rate=row.rate, source=row.source)
    return EnteredRate(id=row.id, rate=known, entered_by=row.entered_by, entered_at=row.entered_at)
