"""What the bank says happened on an account, apart from how its file writes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shared.kernel.errors import Invalid
from shared.kernel.money import Money, total


class Direction(StrEnum):
    """Tell what left the account from what came in."""

    DEBIT = "debit"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementItem:
    """One movement that the bank booked, or one of several that it booked together.

    Shape: reference is the bank's own; end_to_end is what the payer gave the payment, batch what it gave the group of
    payments that was booked as one; return_reason is a code of ISO 20022 where money came back.
    """

    reference: str
    booked_on: date
    direction: Direction
    amount: Money
    end_to_end: str | None = None
    batch: str | None = None
    returned: bool = False
    return_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BankStatement:
    """The booked movements of one account, from an opening to a closing balance.

    Shape: id is the bank's own and unique for the account; closed_on is the last day that it covers.
    """

    id: str
    account: str
    closed_on: date
    opening: Money
    closing: Money
    items: tuple[StatementItem, ...]


def check_statement(statement: BankStatement) -> None:
    """Hold a statement to itself: every movement counts once, and the balances differ by their sum.

    Raises:
        Invalid: statement-currency-differs, statement-item-repeated, statement-sums-differ.
    """
    currency = statement.opening.currency
    amounts = [statement.closing, *(item.amount for item in statement.items)]
    if any(amount.currency != currency for amount in amounts):
        raise Invalid("statement-currency-differs", "A movement is in another currency than the account.")
    references = [item.reference for item in statement.items]
    if len(set(references)) < len(references):
        raise Invalid("statement-item-repeated", "Two movements of the statement have the same reference.")
    moved = _sum(statement.items, Direction.CREDIT, currency) - _sum(statement.items, Direction.DEBIT, currency)
    if statement.opening + moved != statement.closing:
        raise Invalid(
            "statement-sums-differ",
            "The opening balance and the booked movements do not add up to the closing balance.",
            satisfied_by="The whole statement, as the bank made it.",
        )


def _sum(items: Sequence[StatementItem], direction: Direction, currency: str) -> Money:
    return total([item.amount for item in items if item.direction is direction], currency)
