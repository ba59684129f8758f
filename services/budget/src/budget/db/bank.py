"""How files of payments, bank statements and what they say are kept."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Column, Exists, Select, Uuid, bindparam, exists, func, insert, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from budget.db.bank_tables import (
    bank_findings,
    bank_statements,
    mismatches,
    payment_files,
    reported_payments,
    sent_payments,
)
from budget.db.payments import payment_of
from budget.db.tables import payments
from budget.domain.bank_statement import BankStatement
from budget.domain.mismatch import Mismatch, MismatchState
from budget.domain.payment_file import PaymentFile
from budget.domain.payment_order import Payment
from budget.domain.payment_status import StatusOutcome
from budget.domain.reconciliation import (
    Account,
    Finding,
    Outcome,
    ReconciledStatement,
    SentPayment,
    named_files,
    named_payments,
)
from shared.kernel.money import Money
from shared.platform import database

_LOCK = 7_265_021
# What was paid before there were payment orders was told to no bank by us.
_BEFORE_ORDERS = "the platform"


async def lock_bank(connection: AsyncConnection) -> None:
    """Let nobody else make files or take statements until the transaction ends."""
    await connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))


async def unsent(connection: AsyncConnection, currency: str, limit: int) -> Sequence[Payment]:
    """Return payments that stand in no file, oldest first."""
    query = (
        select(payments)
        .where(
            payments.c.currency == currency,
            payments.c.paid_by != _BEFORE_ORDERS,
            payments.c.id.not_in(select(sent_payments.c.payment)),
        )
        .order_by(payments.c.number)
        .limit(limit)
    )
    return [payment_of(row) for row in await connection.execute(query)]


async def add_file(connection: AsyncConnection, file: PaymentFile) -> None:
    columns = {
        "state": "made",
        "account": file.account.identification,
        "currency": file.control_sum.currency,
        "control_sum": file.control_sum.minor,
    }
    await database.add(connection, payment_files, file, columns)
    sent = [{"payment": one.payment, "file_id": file.id} for one in file.transfers]
    await connection.execute(insert(sent_payments), sent)


async def file(connection: AsyncConnection, identifier: UUID) -> PaymentFile:
    return await database.load(connection, payment_files, PaymentFile, identifier)


async def page_of_files(connection: AsyncConnection, after: UUID | None, limit: int) -> Sequence[PaymentFile]:
    query = database.numbered(select(payment_files.c.document), payment_files, after, limit)
    return await database.documents(connection, query, PaymentFile)


async def find_statement(connection: AsyncConnection, identifier: UUID) -> bytes | None:
    """Return the digest of a statement that was taken in before."""
    digest: bytes | None = await connection.scalar(
        select(bank_statements.c.digest).where(bank_statements.c.id == identifier)
    )
    return digest


async def add_statement(
    connection: AsyncConnection, identifier: UUID, statement: BankStatement, digest: bytes, *, at: datetime, by: str
) -> None:
    await connection.execute(
        insert(bank_statements).values(
            id=identifier,
            account=statement.account,
            statement=statement.id,
            digest=digest,
            currency=statement.opening.currency,
            opening=statement.opening.minor,
            closing=statement.closing.minor,
            closed_on=statement.closed_on,
            taken_at=at,
            taken_by=by,
        )
    )


async def sent_from(connection: AsyncConnection, statement: BankStatement) -> Sequence[SentPayment]:
    """Return what the bank was told to pay from a statement's account and waits for, and all that the statement names.

    What was booked or rejected long ago and is not named grows without end, and nothing is found of it.
    """
    confirmed, returned, rejected = _has(Outcome.MATCHED), _has(Outcome.RETURNED), is_rejected(payments.c.id)
    query = (
        select(
            payments.c.id,
            payments.c.amount,
            payments.c.currency,
            sent_payments.c.file_id,
            payment_files.c.document["execution_on"].astext.label("execution_on"),
            confirmed.label("confirmed"),
            returned.label("returned"),
            rejected.label("rejected"),
        )
        .join(sent_payments, sent_payments.c.payment == payments.c.id)
        .join(payment_files, payment_files.c.id == sent_payments.c.file_id)
        .where(
            payment_files.c.account == statement.account,
            payment_files.c.currency == statement.opening.currency,
            or_(
                ~or_(confirmed, rejected),
                sent_payments.c.payment.in_(_among(named_payments(statement))),
                sent_payments.c.file_id.in_(_among(named_files(statement))),
            ),
        )
        .order_by(payments.c.number)
    )
    return [
        SentPayment(
            id=row.id,
            file=row.file_id,
            amount=Money(row.amount, row.currency),
            execution_on=date.fromisoformat(row.execution_on),
            confirmed=row.confirmed,
            returned=row.returned,
            rejected=row.rejected,
        )
        for row in await connection.execute(query)
    ]


def _has(outcome: Outcome) -> Exists:
    """Tell whether the bank's statements have shown this of a payment."""
    return exists().where(bank_findings.c.payment == payments.c.id, bank_findings.c.outcome == outcome)


def _among(identifiers: Collection[UUID]) -> Select[Any]:
    """Send ids as one value, however many a statement names."""
    return select(func.unnest(bindparam(None, list(identifiers), ARRAY(Uuid))))


async def returned_of(connection: AsyncConnection, order: UUID) -> frozenset[UUID]:
    """Return the payments of an order that came back or were never carried out."""
    came_back = exists().where(bank_findings.c.payment == payments.c.id, bank_findings.c.outcome == Outcome.RETURNED)
    query = select(payments.c.id).where(payments.c.order_id == order, or_(came_back, is_rejected(payments.c.id)))
    return frozenset((await connection.execute(query)).scalars())


def is_rejected(payment: Column[UUID]) -> Exists:
    """Ask of a payment whether the bank rejected it, so that it was undone."""
    return exists().where(reported_payments.c.payment == payment, reported_payments.c.outcome == StatusOutcome.REJECTED)


async def add_findings(
    connection: AsyncConnection, statement: UUID, currency: str, findings: Sequence[Finding]
) -> None:
    if not findings:
        return
    rows = [
        {
            "statement_id": statement,
            "outcome": one.outcome,
            "payment": one.payment,
            "reference": one.reference,
            "day": one.day,
            "expected": one.expected.minor if one.expected else None,
            "found": one.found.minor if one.found else None,
            "currency": currency,
            "return_reason": one.return_reason,
        }
        for one in findings
    ]
    await connection.execute(insert(bank_findings), rows)


async def outcomes_of(connection: AsyncConnection, statements: Sequence[UUID]) -> Mapping[UUID, Mapping[str, int]]:
    """Count of each statement how often each outcome was found in it."""
    query = (
        select(bank_findings.c.statement_id, bank_findings.c.outcome, func.count())
        .where(bank_findings.c.statement_id.in_(statements))
        .group_by(bank_findings.c.statement_id, bank_findings.c.outcome)
    )
    counted: dict[UUID, dict[str, int]] = {statement: {} for statement in statements}
    for statement, outcome, found in await connection.execute(query):
        counted[statement][outcome] = found
    return counted


async def page_of_statements(
    connection: AsyncConnection, after: UUID | None, limit: int
) -> Sequence[ReconciledStatement]:
    rows = (await connection.execute(database.numbered(select(bank_statements), bank_statements, after, limit))).all()
    outcomes = await outcomes_of(connection, [row.id for row in rows])
    return [
        ReconciledStatement(
            id=row.id,
            statement=BankStatement(
                id=row.statement,
                account=row.account,
                closed_on=row.closed_on,
                opening=Money(row.opening, row.currency),
                closing=Money(row.closing, row.currency),
                items=(),
            ),
            outcomes=outcomes[row.id],
        )
        for row in rows
    ]


async def known_mismatches(connection: AsyncConnection, identifiers: Collection[UUID]) -> Mapping[UUID, Mismatch]:
    query = select(mismatches.c.document).where(mismatches.c.id.in_(identifiers)).with_for_update()
    return {one.id: one for one in await database.documents(connection, query, Mismatch)}


async def mismatch(connection: AsyncConnection, identifier: UUID) -> Mismatch:
    return await database.load(connection, mismatches, Mismatch, identifier, lock=True)


async def open_mismatches(connection: AsyncConnection) -> Sequence[Mismatch]:
    query = select(mismatches.c.document).where(mismatches.c.state == MismatchState.OPEN)
    query = query.order_by(mismatches.c.due_at, mismatches.c.id).limit(1000)
    return await database.documents(connection, query, Mismatch)


async def save_mismatch(connection: AsyncConnection, before: int, state: Mismatch) -> None:
    waits = state.state is MismatchState.OPEN
    columns = {
        "state": state.state,
        "waiting_for": "an explanation of a difference between the bank and the ledger" if waits else None,
        # It is reported from the run on that found it.
        "due_at": state.found_at if waits else None,
        "outcome": state.finding.outcome,
    }
    if before == 0:
        await database.add(connection, mismatches, state, columns)
    else:
        await database.save(connection, mismatches, before, state, columns)


async def overdue(connection: AsyncConnection, now: datetime) -> list[database.Overdue]:
    return await database.overdue(connection, mismatches, "mismatch", now)


async def accounts(connection: AsyncConnection) -> Sequence[Account]:
    """Return what contracts, ledger, payments and bank say of each contracting process that anything is owed under."""
    rows = await connection.execute(text(_ACCOUNTS))
    return [
        Account(
            ocid=row.ocid,
            accrued=Money(row.accrued, row.currency),
            ordered=Money(row.ordered, row.currency),
            orders_paid=Money(row.orders_paid, row.currency),
            advances=Money(row.advances, row.currency),
            recovered=Money(row.recovered, row.currency),
            repaid=Money(row.repaid, row.currency),
            ledger=Money(row.ledger, row.currency),
            payments=Money(row.made - row.returned - row.rejected, row.currency),
            confirmed=Money(row.confirmed - row.returned, row.currency),
        )
        for row in rows
    ]


# Each side is summed up by itself, from its own rows.
_ACCOUNTS = """
    WITH ordered AS (
        SELECT ocid, sum(amount)::bigint AS amount, sum(paid)::bigint AS paid,
            coalesce(sum(amount) FILTER (WHERE kind = 'advance'), 0)::bigint AS advances
        FROM payment_orders GROUP BY ocid
    ), advanced AS (
        SELECT ocid, sum((one -> 'repaid' ->> 'minor')::bigint)::bigint AS repaid,
            sum((SELECT coalesce(sum((recovery -> 'amount' ->> 'minor')::bigint), 0)
                 FROM jsonb_array_elements(one -> 'recoveries') AS recovery))::bigint AS recovered
        FROM funds, jsonb_array_elements(document -> 'contracts') AS contract,
             jsonb_array_elements(coalesce(contract -> 'advances', '[]')) AS one
        GROUP BY ocid
    ), moved AS (
        SELECT ocid, sum(amount * ((to_stage IN ('paid', 'advance'))::int
            - (from_stage IN ('paid', 'advance'))::int))::bigint AS amount
        FROM transfers WHERE ocid IS NOT NULL GROUP BY ocid
    ), booked AS (
        SELECT payment, bool_or(outcome = 'matched') AS confirmed, bool_or(outcome = 'returned') AS returned
        FROM bank_findings WHERE outcome IN ('matched', 'returned') GROUP BY payment
    ), rejected AS (
        SELECT payment, true AS rejected FROM reported_payments WHERE outcome = 'rejected'
    ), made AS (
        SELECT ocid, sum(amount)::bigint AS amount,
            coalesce(sum(amount) FILTER (WHERE confirmed), 0)::bigint AS confirmed,
            coalesce(sum(amount) FILTER (WHERE returned), 0)::bigint AS returned,
            coalesce(sum(amount) FILTER (WHERE rejected), 0)::bigint AS rejected
        FROM payments LEFT JOIN booked ON booked.payment = payments.id
            LEFT JOIN rejected ON rejected.payment = payments.id GROUP BY ocid
    )
    SELECT funds.ocid, funds.currency, funds.accrued, coalesce(ordered.amount, 0) AS ordered,
        coalesce(ordered.paid, 0) AS orders_paid, coalesce(ordered.advances, 0) AS advances,
        coalesce(advanced.recovered, 0) AS recovered, coalesce(advanced.repaid, 0) AS repaid,
        coalesce(moved.amount, 0) AS ledger,
        coalesce(made.amount, 0) AS made, coalesce(made.confirmed, 0) AS confirmed,
        coalesce(made.returned, 0) AS returned, coalesce(made.rejected, 0) AS rejected
    FROM funds LEFT JOIN ordered USING (ocid) LEFT JOIN moved USING (ocid) LEFT JOIN made USING (ocid)
        LEFT JOIN advanced USING (ocid)
    WHERE funds.accrued > 0 OR ordered.amount > 0 ORDER BY funds.ocid
"""
