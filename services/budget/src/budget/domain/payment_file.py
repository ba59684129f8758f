"""A file of payments, as it is handed to the bank: each payment stands in one file and never in a second."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from budget.domain.bank_account import BankAccount
from shared.kernel.errors import NotAllowed
from shared.kernel.money import Money, total


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditTransfer:
    """Tell the bank to pay one amount; remittance is what the payee reads."""

    payment: UUID
    payee: str
    account: BankAccount
    amount: Money
    remittance: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFile:
    """Hold what a file tells the bank, and what it adds up to; it is never changed.

    Shape: payer is the paying organisation, account the one it pays from; all transfers are in one currency.
    """

    id: UUID
    version: int
    created_at: datetime
    execution_on: date
    payer: str
    account: BankAccount
    control_sum: Money
    transfers: tuple[CreditTransfer, ...]

    @property
    def count(self) -> int:
        """How many payments it holds."""
        return len(self.transfers)


def new_payment_file(
    *,
    identifier: UUID,
    at: datetime,
    execution_on: date,
    payer: str,
    account: BankAccount,
    currency: str,
    transfers: Sequence[CreditTransfer],
) -> PaymentFile:
    """Make a file of payments.

    Raises:
        NotAllowed: no-payment-to-send.
        Invalid: currencies-differ, amount-too-large.
    """
    if not transfers:
        raise NotAllowed(
            "no-payment-to-send",
            "No payment in this currency waits for a file, to a payee whose account is confirmed.",
            satisfied_by="A payment that is in no file yet, and its payee's account, confirmed by a second person.",
        )
    return PaymentFile(
        id=identifier,
        version=1,
        created_at=at,
        execution_on=execution_on,
        payer=payer,
        account=account,
        control_sum=total([one.amount for one in transfers], currency),
        transfers=tuple(transfers),
    )


def read_identifier(text: str) -> UUID | None:
    """Read an id of a file or of a payment as the file writes it; none where it is no such id."""
    try:
        return UUID(hex=text)
    except ValueError:
        return None
