"""What goes over the wire of files of payments, bank statements and their reconciliation."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints

from budget.domain.mismatch import Mismatch, MismatchState
from budget.domain.payment_fact import Fact, PaymentFact
from budget.domain.payment_file import PaymentFile
from budget.domain.reconciliation import Account, Outcome, ReconciledStatement
from budget.usecases.payment_files import MadeFile
from shared.contracts.fields import Amount, Day, Instant, LongText

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class PaymentFileBody(BaseModel):
    """Which payments go to the bank, and when it carries them out."""

    model_config = ConfigDict(extra="forbid")

    currency: Currency
    execution_on: Day


class PaymentFileView(BaseModel):
    """A file for the bank; its message is at `v1/payment-files/{id}.xml`."""

    id: UUID
    created_at: Instant
    execution_on: date
    payer: str
    count: int
    control_sum: Amount
    payments: list[UUID]


class LeftOutView(BaseModel):
    """A payment that waits, as its payee's account is not confirmed."""

    payment: UUID
    payee: str


class MadeFileView(PaymentFileView):
    left_out: list[LeftOutView]


class StatementView(BaseModel):
    """A statement of the bank and how often each outcome was found in it; `account` is shown by its last four signs."""

    id: UUID
    statement: str
    account: str
    closed_on: date
    opening: Amount
    closing: Amount
    outcomes: dict[Outcome, int]


class MismatchView(BaseModel):
    """A difference between the bank and the ledger: what the ledger says, and what the bank booked."""

    id: UUID
    state: MismatchState
    outcome: Outcome
    payment: UUID | None
    ocid: str | None
    contract: UUID | None
    reference: str | None
    expected: Amount | None
    found: Amount | None
    day: date
    found_at: Instant
    explanation: str | None


class AccountView(BaseModel):
    """What contract, ledger, payments and bank say of one contracting process.

    `accrued` is all that was ever owed, `ordered` what of it is to be paid; what came back from the bank is taken off
    `ledger`, `payments` and `confirmed`. `outstanding` is paid and not confirmed yet.
    """

    model_config = ConfigDict(from_attributes=True)

    ocid: str
    accrued: Amount
    ordered: Amount
    ledger: Amount
    payments: Amount
    confirmed: Amount
    outstanding: Amount
    agrees: bool


class ReconciliationView(BaseModel):
    """The three sides of each contracting process, and the differences that nobody has explained yet."""

    processes: list[AccountView]
    mismatches: list[MismatchView]


class ExplanationBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    explanation: LongText


class FactView(BaseModel):
    """One thing that became true of a payment; `place` is where reading goes on after it."""

    place: int
    fact: Fact
    at: Instant
    payment: UUID
    order: UUID
    ocid: str
    contract: UUID
    period: str
    payee: str
    amount: Amount
    reference: str | None
    file: UUID | None


class FactsView(BaseModel):
    """A part of the feed; `next` is where to go on, also where nothing is left now."""

    items: list[FactView]
    next: int


def file_view(file: PaymentFile) -> PaymentFileView:
    return PaymentFileView(**_of_file(file))


def made_view(made: MadeFile) -> MadeFileView:
    left_out = [LeftOutView(payment=payment, payee=payee) for payment, payee in made.left_out]
    return MadeFileView(**_of_file(made.file), left_out=left_out)


def statement_view(taken: ReconciledStatement) -> StatementView:
    statement = taken.statement
    return StatementView(
        id=taken.id,
        statement=statement.id,
        account=_last_signs(statement.account),
        closed_on=statement.closed_on,
        opening=statement.opening,
        closing=statement.closing,
        outcomes={Outcome(outcome): found for outcome, found in taken.outcomes.items()},
    )


def mismatch_view(mismatch: Mismatch) -> MismatchView:
    finding = mismatch.finding
    return MismatchView(
        id=mismatch.id,
        state=mismatch.state,
        outcome=finding.outcome,
        payment=finding.payment,
        ocid=mismatch.ocid,
        contract=mismatch.contract,
        reference=finding.reference,
        expected=finding.expected,
        found=finding.found,
        day=finding.day,
        found_at=mismatch.found_at,
        explanation=mismatch.explanation,
    )


def account_view(account: Account) -> AccountView:
    return AccountView.model_validate(account)


def fact_view(told: PaymentFact) -> FactView:
    payment = told.payment
    return FactView(
        place=told.place,
        fact=told.fact,
        at=told.at,
        payment=payment.id,
        order=payment.order,
        ocid=payment.ocid,
        contract=payment.contract,
        period=payment.period,
        payee=payment.payee,
        amount=payment.amount,
        reference=payment.reference,
        file=told.file,
    )


def _of_file(file: PaymentFile) -> dict[str, Any]:
    return {
        "id": file.id,
        "created_at": file.created_at,
        "execution_on": file.execution_on,
        "payer": file.payer,
        "count": file.count,
        "control_sum": file.control_sum,
        "payments": [one.payment for one in file.transfers],
    }


def _last_signs(account: str) -> str:
    return f"…{account[-4:]}"
