"""Compares what the bank booked with what it was told to pay."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from budget.domain.bank_statement import BankStatement, Direction, StatementItem
from budget.domain.payment_file import read_identifier
from shared.kernel.money import Money


class Outcome(StrEnum):
    """Name what a comparison found."""

    MATCHED = "matched"
    RETURNED = "returned"
    MISSING = "missing"
    AMOUNT_DIFFERS = "amount-differs"
    REPEATED = "repeated"
    UNKNOWN_ENTRY = "unknown-entry"
    LEDGER_DIFFERS = "ledger-differs"
    STATUS_DIFFERS = "status-differs"


@dataclass(frozen=True, slots=True, kw_only=True)
class SentPayment:
    """A payment that the bank was told to make, and what it has booked or rejected of it so far."""

    id: UUID
    file: UUID
    amount: Money
    execution_on: date
    confirmed: bool = False
    returned: bool = False
    rejected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found of one payment, or of one movement that belongs to none.

    Shape: expected is what the ledger says, found what the bank booked; reference is the bank's, none where it booked
    nothing.
    """

    outcome: Outcome
    day: date
    payment: UUID | None = None
    reference: str | None = None
    expected: Money | None = None
    found: Money | None = None
    return_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciledStatement:
    """Hold a statement, under our own id of it, and how often each outcome was found in it."""

    id: UUID
    statement: BankStatement
    outcomes: Mapping[str, int]


@dataclass(slots=True)
class _Comparison:
    """The payments that are still open while a statement is gone through."""

    sent: Mapping[UUID, SentPayment]
    files: Mapping[UUID, Sequence[SentPayment]]
    confirmed: set[UUID] = field(default_factory=set)
    returned: set[UUID] = field(default_factory=set)

    def find(self, item: StatementItem) -> SentPayment | None:
        identifier = _payment(item)
        return self.sent.get(identifier) if identifier else None

    def batch(self, item: StatementItem) -> list[SentPayment]:
        """Return the payments of a file that was booked as one sum, if it is that sum."""
        file = _file(item)
        members = list(self.files.get(file, ())) if file else []
        same_currency = all(one.amount.currency == item.amount.currency for one in members)
        whole = same_currency and sum(one.amount.minor for one in members) == item.amount.minor
        return members if whole and not any(one.id in self.confirmed for one in members) else []

    def debit(self, item: StatementItem) -> Iterator[Finding]:
        payment = self.find(item)
        if payment is None:
            members = self.batch(item)
            self.confirmed |= {one.id for one in members}
            yield from (_finding(Outcome.MATCHED, item, one, one.amount) for one in members)
            if not members:
                yield _finding(Outcome.UNKNOWN_ENTRY, item)
        elif payment.rejected:
            yield _finding(Outcome.STATUS_DIFFERS, item, payment)
        elif payment.id in self.confirmed:
            yield _finding(Outcome.REPEATED, item, payment)
        elif payment.amount != item.amount:
            yield _finding(Outcome.AMOUNT_DIFFERS, item, payment)
        else:
            self.confirmed.add(payment.id)
            yield _finding(Outcome.MATCHED, item, payment)

    def credit(self, item: StatementItem) -> Iterator[Finding]:
        payment = self.find(item)
        if payment is None or payment.id not in self.confirmed:
            yield _finding(Outcome.UNKNOWN_ENTRY, item)
        elif payment.id in self.returned:
            yield _finding(Outcome.REPEATED, item, payment)
        elif payment.amount != item.amount:
            yield _finding(Outcome.AMOUNT_DIFFERS, item, payment)
        else:
            self.returned.add(payment.id)
            yield _finding(Outcome.RETURNED, item, payment)


def named_payments(statement: BankStatement) -> frozenset[UUID]:
    """Collect the payments that a statement names, whether there are such or not."""
    return frozenset(identifier for item in statement.items if (identifier := _payment(item)))


def named_files(statement: BankStatement) -> frozenset[UUID]:
    """Collect the files that a statement books as one sum, whether there are such or not."""
    return frozenset(identifier for item in statement.items if (identifier := _file(item)))


def reconcile(statement: BankStatement, sent: Sequence[SentPayment]) -> tuple[Finding, ...]:
    """Find for each movement the payment that it is of, and each payment that the bank should have made by now.

    A payment whose day of execution lies before the statement's last day and that no statement shows is missing.

    Shape: sent holds what the bank has neither booked nor rejected, what the statement names, and all of the files that
    it names.
    """
    files: dict[UUID, list[SentPayment]] = defaultdict(list)
    for one in sent:
        if not one.rejected:
            files[one.file].append(one)
    comparison = _Comparison(
        {one.id: one for one in sent},
        files,
        {one.id for one in sent if one.confirmed},
        {one.id for one in sent if one.returned},
    )
    findings: list[Finding] = []
    # Money goes out before it comes back, in whatever order the bank lists the movements of a day.
    for item in statement.items:
        if item.direction is Direction.DEBIT:
            findings += comparison.debit(item)
    for item in statement.items:
        if item.direction is Direction.CREDIT:
            findings += comparison.credit(item)
    touched = {finding.payment for finding in findings}
    return (*findings, *_missing(statement, comparison, touched))


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What the three sides say of one contracting process.

    Units: accrued is all that was ever owed under its contracts, ordered what is to be paid, of which advances are paid
    before delivery; recovered is what advances paid of accrued, and repaid what providers paid back; ledger is what the
    ledger's transfers paid or advanced, less repayments, and payments what payments made, both less what came back;
    confirmed is what the bank booked, less what came back.
    """

    ocid: str
    accrued: Money
    ordered: Money
    advances: Money
    recovered: Money
    repaid: Money
    orders_paid: Money
    ledger: Money
    payments: Money
    confirmed: Money

    @property
    def outstanding(self) -> Money:
        """What was paid and is not confirmed by the bank."""
        return self.payments - self.confirmed

    @property
    def agrees(self) -> bool:
        """Tell whether ledger, orders and payments say the same, and no more than the contract owes was paid."""
        owed = self.ordered - self.advances + self.recovered
        paid = self.ledger + self.repaid
        return paid == self.payments == self.orders_paid and self.payments <= self.ordered and owed <= self.accrued


def differing(accounts: Sequence[Account], day: date) -> tuple[tuple[str | None, Finding], ...]:
    """Find the contracting processes of which the ledger says something else than its payments and orders."""
    return tuple(
        (
            one.ocid,
            Finding(
                outcome=Outcome.LEDGER_DIFFERS, day=day, reference=one.ocid, expected=one.payments, found=one.ledger
            ),
        )
        for one in accounts
        if not one.agrees
    )


def _missing(statement: BankStatement, comparison: _Comparison, touched: set[UUID | None]) -> Iterator[Finding]:
    for payment in comparison.sent.values():
        if payment.id in comparison.confirmed or payment.id in touched or payment.rejected:
            continue
        if payment.execution_on < statement.closed_on:
            yield Finding(outcome=Outcome.MISSING, day=statement.closed_on, payment=payment.id, expected=payment.amount)


def _finding(
    outcome: Outcome, item: StatementItem, payment: SentPayment | None = None, found: Money | None = None
) -> Finding:
    return Finding(
        outcome=outcome,
        day=item.booked_on,
        payment=payment.id if payment else None,
        reference=item.reference,
        expected=payment.amount if payment else None,
        found=found or item.amount,
        return_reason=item.return_reason,
    )


def _payment(item: StatementItem) -> UUID | None:
    return read_identifier(item.end_to_end) if item.end_to_end else None


def _file(item: StatementItem) -> UUID | None:
    return read_identifier(item.batch) if item.batch and not item.end_to_end else None
