"""How the accounts of payees are entered and confirmed; nothing here commits."""

from budget.db import payees
from budget.domain.bank_account import BankAccount
from budget.domain.payee_account import PayeeAccount, payee_account
from shared.kernel.errors import expect_version
from shared.platform.work import Work
from shared.rules.pack import load_pack

# Accounts belong to no procedure, so the term within which they are confirmed is that of the model pack.
_PACK, _TERM = "model", "verification"


async def propose(work: Work, organisation: str, account: BankAccount, by: str) -> PayeeAccount:
    """Enter an organisation's account."""
    before = await payees.find_payee(work.connection, organisation, lock=True) or payee_account(organisation)
    due_at = load_pack(_PACK).ends_at(_TERM, work.now)
    after = before.propose(account, by=by, at=work.now, due_at=due_at)
    await payees.save_payee(work.connection, before.version, after)
    return after


async def confirm(work: Work, organisation: str, read: int, by: str) -> PayeeAccount:
    """Confirm the account that was read, and no other that came in its place since."""
    before = await payees.payee(work.connection, organisation, lock=True)
    expect_version(read, before.version)
    after = before.confirm(by=by, at=work.now)
    await payees.save_payee(work.connection, before.version, after)
    return after


async def reject(work: Work, organisation: str, read: int, reason: str, by: str) -> PayeeAccount:
    """Reject the account that was read."""
    before = await payees.payee(work.connection, organisation, lock=True)
    expect_version(read, before.version)
    after = before.reject(reason, by=by, at=work.now)
    await payees.save_payee(work.connection, before.version, after)
    return after
