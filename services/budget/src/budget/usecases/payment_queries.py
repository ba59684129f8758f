"""What can be asked about payments beyond the orders: payees, lateness, files, the bank."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from budget.db import bank, late_payments, payment_feed, payments, store
from budget.db import payees as payee_rows
from budget.domain.invoice import Invoice
from budget.domain.late_interest import EnteredRate, InterestClaim, interest_until, is_late
from budget.domain.mismatch import Mismatch
from budget.domain.payee_account import PayeeAccount
from budget.domain.payment_fact import PaymentFact
from budget.domain.payment_file import PaymentFile
from budget.domain.payment_order import PaymentOrder
from budget.domain.policy import INSIDE
from budget.domain.reconciliation import Account, ReconciledStatement
from shared.kernel.access import Actor
from shared.platform.database import Overdue
from shared.rules.late_interest import LateInterest
from shared.rules.pack import pack_of


async def payees(connection: AsyncConnection, after: str | None, limit: int) -> Sequence[PayeeAccount]:
    return await payee_rows.page_of_payees(connection, after, limit)


async def payee(connection: AsyncConnection, organisation: str) -> PayeeAccount:
    return await payee_rows.payee(connection, organisation)


async def interest(
    connection: AsyncConnection, identifier: UUID, now: datetime
) -> tuple[PaymentOrder, LateInterest | None]:
    """Return what the open part of an order bears until now; none where it is not late, or the pack says nothing."""
    found = await payments.order(connection, identifier)
    contract = (await store.process(connection, found.ocid)).commitment(found.contract).contract
    pack = pack_of(contract)
    if not found.open.minor or not is_late(found, now, pack):
        return found, None
    rates = await late_payments.rates(connection)
    return found, interest_until(pack, found.open, found.due_at, now, rates, contract.acceleration)


async def invoices(connection: AsyncConnection, actor: Actor, after: UUID | None, limit: int) -> Sequence[Invoice]:
    """Return all invoices to the office and to auditors, and to a provider its own."""
    payee = None if actor.roles & INSIDE else actor.organisation
    return await late_payments.page_of_invoices(connection, payee, after, limit)


async def statements(connection: AsyncConnection, after: UUID | None, limit: int) -> Sequence[ReconciledStatement]:
    return await bank.page_of_statements(connection, after, limit)


async def reference_rates(connection: AsyncConnection, after: UUID | None, limit: int) -> Sequence[EnteredRate]:
    return await late_payments.page_of_rates(connection, after, limit)


async def interest_claims(connection: AsyncConnection, after: UUID | None, limit: int) -> Sequence[InterestClaim]:
    return await late_payments.page_of_claims(connection, after, limit)


async def file(connection: AsyncConnection, identifier: UUID) -> PaymentFile:
    return await bank.file(connection, identifier)


async def files(connection: AsyncConnection, after: UUID | None, limit: int) -> Sequence[PaymentFile]:
    return await bank.page_of_files(connection, after, limit)


async def reconciliation(connection: AsyncConnection) -> tuple[Sequence[Account], Sequence[Mismatch]]:
    """Return what the sides say of each contracting process, and the differences that are open."""
    return await bank.accounts(connection), await bank.open_mismatches(connection)


async def payment_facts(connection: AsyncConnection, after: int, limit: int) -> Sequence[PaymentFact]:
    return await payment_feed.page_of_facts(connection, after, limit)


async def overdue(connection: AsyncConnection, now: datetime) -> list[Overdue]:
    return [
        *await late_payments.overdue(connection, now),
        *await payee_rows.overdue(connection, now),
        *await bank.overdue(connection, now),
    ]
