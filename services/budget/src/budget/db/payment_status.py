"""How the bank's reports of payments are kept, and what they said of each."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from budget.db.bank import is_rejected
from budget.db.bank_tables import (
    bank_findings,
    payment_files,
    payment_status_reports,
    reported_payments,
    sent_payments,
)
from budget.db.tables import payments
from budget.domain.payment_status import PaymentStatusReport, ReportedState, StatusFinding, StatusOutcome
from budget.domain.reconciliation import Outcome
from shared.kernel.money import Money


async def find_report(connection: AsyncConnection, identifier: UUID) -> bytes | None:
    """Return the digest of a report that was taken in before."""
    digest: bytes | None = await connection.scalar(
        select(payment_status_reports.c.digest).where(payment_status_reports.c.id == identifier)
    )
    return digest


async def add_report(
    connection: AsyncConnection,
    identifier: UUID,
    payer: str,
    report: PaymentStatusReport,
    digest: bytes,
    *,
    at: datetime,
    by: str,
) -> None:
    await connection.execute(
        insert(payment_status_reports).values(
            id=identifier,
            payer=payer,
            message=report.id,
            digest=digest,
            created_on=report.created_on,
            taken_at=at,
            taken_by=by,
        )
    )


async def add_findings(connection: AsyncConnection, report: UUID, findings: Sequence[StatusFinding]) -> None:
    rows = [
        {
            "report_id": report,
            "outcome": one.outcome,
            "payment": one.payment,
            "reference": one.reference,
            "reason": one.reason,
        }
        for one in findings
    ]
    await connection.execute(insert(reported_payments), rows)


async def outcomes_of(connection: AsyncConnection, report: UUID) -> Mapping[StatusOutcome, int]:
    """Count how often each outcome was found in a report."""
    query = (
        select(reported_payments.c.outcome, func.count())
        .where(reported_payments.c.report_id == report)
        .group_by(reported_payments.c.outcome)
    )
    return {StatusOutcome(outcome): found for outcome, found in await connection.execute(query)}


async def sent_by(
    connection: AsyncConnection, payer: str, named: Collection[UUID], files: Collection[UUID]
) -> Sequence[ReportedState]:
    """Return of the payments that are named, or stand in files, those that the bank of a payer was told to make."""
    booked = (
        select(
            bank_findings.c.payment,
            func.bool_or(bank_findings.c.outcome == Outcome.MATCHED).label("confirmed"),
            func.bool_or(bank_findings.c.outcome == Outcome.RETURNED).label("returned"),
        )
        .where(bank_findings.c.payment.is_not(None))
        .group_by(bank_findings.c.payment)
        .subquery()
    )
    query = (
        select(
            payments.c.id,
            payments.c.amount,
            payments.c.currency,
            sent_payments.c.file_id,
            func.coalesce(booked.c.confirmed, text("false")).label("confirmed"),
            or_(func.coalesce(booked.c.returned, text("false")), is_rejected(payments.c.id)).label("undone"),
        )
        .join(sent_payments, sent_payments.c.payment == payments.c.id)
        .join(payment_files, payment_files.c.id == sent_payments.c.file_id)
        .outerjoin(booked, booked.c.payment == payments.c.id)
        .where(
            payment_files.c.document["payer"].astext == payer,
            or_(payments.c.id.in_(named), sent_payments.c.file_id.in_(files)),
        )
        .order_by(payments.c.number)
    )
    return [
        ReportedState(
            id=row.id,
            file=row.file_id,
            amount=Money(row.amount, row.currency),
            confirmed=row.confirmed,
            undone=row.undone,
        )
        for row in await connection.execute(query)
    ]
