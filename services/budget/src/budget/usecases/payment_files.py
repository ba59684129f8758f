"""How payments are handed to the bank; nothing here commits."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from budget.db import bank, payees, payment_feed
from budget.domain.payment_fact import Fact
from budget.domain.payment_file import CreditTransfer, PaymentFile, new_payment_file
from shared.kernel.access import Actor
from shared.kernel.errors import Invalid, NotAllowed
from shared.kernel.ids import new_id
from shared.platform.work import Work

MOST_PAYMENTS = 5_000


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file that was made, and the payments that wait, as their payee's account is not confirmed."""

    file: PaymentFile
    left_out: tuple[tuple[UUID, str], ...]


async def make(work: Work, actor: Actor, *, currency: str, execution_on: date) -> MadeFile:
    """Put into a file what was paid in a currency and stands in none, to accounts that two persons stand for.

    Raises:
        NotAllowed: payer-account-unconfirmed, and what new_payment_file() refuses.
        Invalid: execution-day-passed.
    """
    if execution_on < work.now.date():
        raise Invalid("execution-day-passed", "The bank pays on this day or a later one.")
    await bank.lock_bank(work.connection)
    waiting = await bank.unsent(work.connection, currency, MOST_PAYMENTS)
    accounts = await payees.confirmed_accounts(work.connection, {actor.organisation, *(one.payee for one in waiting)})
    if actor.organisation not in accounts:
        raise NotAllowed(
            "payer-account-unconfirmed",
            "The account to pay from is not confirmed.",
            satisfied_by="The account of the paying organisation, entered by one person and confirmed by another.",
        )
    transfers = [
        CreditTransfer(
            payment=one.id,
            payee=one.payee,
            account=accounts[one.payee],
            amount=one.amount,
            remittance=f"Period {one.period}, {one.reference}" if one.reference else f"Period {one.period}",
        )
        for one in waiting
        if one.payee in accounts
    ]
    file = new_payment_file(
        identifier=new_id(),
        at=work.now,
        execution_on=execution_on,
        payer=actor.organisation,
        account=accounts[actor.organisation],
        currency=currency,
        transfers=transfers,
    )
    await bank.add_file(work.connection, file)
    await payment_feed.add_facts(work.connection, Fact.SENT, [one.payment for one in transfers], work.now)
    return MadeFile(file, tuple((one.id, one.payee) for one in waiting if one.payee not in accounts))
