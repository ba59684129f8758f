"""How the accounts of payees are kept; they are never public."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from budget.db.bank_tables import payee_accounts
from budget.domain.bank_account import BankAccount
from budget.domain.payee_account import PayeeAccount, payee_account
from shared.kernel.errors import NotFound
from shared.platform import database


async def payee(connection: AsyncConnection, organisation: str, *, lock: bool = False) -> PayeeAccount:
    return await database.load(connection, payee_accounts, PayeeAccount, payee_account(organisation).id, lock=lock)


async def find_payee(connection: AsyncConnection, organisation: str, *, lock: bool = False) -> PayeeAccount | None:
    try:
        return await payee(connection, organisation, lock=lock)
    except NotFound:
        return None


async def page_of_payees(connection: AsyncConnection, after: str | None, limit: int) -> Sequence[PayeeAccount]:
    query = select(payee_accounts.c.document).order_by(payee_accounts.c.organisation).limit(limit)
    if after is not None:
        query = query.where(payee_accounts.c.organisation > after)
    return await database.documents(connection, query, PayeeAccount)


async def confirmed_accounts(connection: AsyncConnection, organisations: Collection[str]) -> Mapping[str, BankAccount]:
    """Return the accounts that money may go to; whose account is not confirmed is left out."""
    query = select(payee_accounts.c.document).where(payee_accounts.c.organisation.in_(organisations))
    found = [database.adapter(PayeeAccount).validate_python(row.document) for row in await connection.execute(query)]
    return {one.organisation: one.confirmed.account for one in found if one.confirmed}


async def save_payee(connection: AsyncConnection, before: int, state: PayeeAccount) -> None:
    if before == 0:
        await database.add(connection, payee_accounts, state, _columns(state))
    else:
        await database.save(connection, payee_accounts, before, state, _columns(state))


async def overdue(connection: AsyncConnection, now: datetime) -> list[database.Overdue]:
    return await database.overdue(connection, payee_accounts, "payee-account", now)


def _columns(state: PayeeAccount) -> dict[str, Any]:
    proposed = state.proposed
    settled = "confirmed" if state.confirmed else "rejected"
    return {
        "state": "proposed" if proposed else settled,
        "waiting_for": "the confirmation of an account by a second person" if proposed else None,
        "due_at": proposed.due_at if proposed else None,
        "organisation": state.organisation,
    }
