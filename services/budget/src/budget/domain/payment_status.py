"""What a bank reports of payments that it was told to make, before it books any of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from budget.domain.payment_file import read_identifier
from budget.domain.reconciliation import Finding, Outcome
from shared.kernel.errors import Invalid
from shared.kernel.money import Money


class Status(StrEnum):
    """Tell what the bank will carry out from what it has not decided on and what it will not carry out."""

    ACCEPTED = "accepted"
    PENDING = "pending"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Told:
    """A status with the bank's code of its reason, where it gives one."""

    status: Status
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedPayment:
    """What the bank says of one payment; amount is what it was told to pay, where it repeats that."""

    end_to_end: str
    told: Told
    amount: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedGroup:
    """What the bank says of a file or of a part of it.

    Shape: told is none where it says something else of each payment; payments are those that it names.
    """

    reference: str
    told: Told | None
    payments: tuple[ReportedPayment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentStatusReport:
    """A report of the bank, under the bank's own id; of its groups a later one is of less, and says more."""

    id: str
    created_on: date
    groups: tuple[ReportedGroup, ...]


class StatusOutcome(StrEnum):
    """Name what a report means for a payment; what is no more than told changes nothing in the ledger."""

    ACCEPTED = "accepted"
    PENDING = "pending"
    REJECTED = "rejected"
    REPEATED = "repeated"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedState:
    """A payment that the bank was told to make, and what the bank has said of it until now."""

    id: UUID
    file: UUID
    amount: Money
    confirmed: bool = False
    undone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusFinding:
    """What a report means for one payment; reference is what it names where that is no payment of ours."""

    outcome: StatusOutcome
    payment: UUID | None = None
    reference: str | None = None
    reason: str | None = None
    difference: Finding | None = None


def check_report(report: PaymentStatusReport) -> None:
    """Hold a report to itself: it says something, and of a payment no two things.

    Raises:
        Invalid: payment-status-incomplete, payment-status-repeated.
    """
    named = [one.end_to_end for group in report.groups for one in group.payments]
    if not named and not any(group.told for group in report.groups):
        raise Invalid("payment-status-incomplete", "The report says nothing of a file and of no payment.")
    if len(set(named)) < len(named):
        raise Invalid("payment-status-repeated", "The report names a payment twice.")


def apply_report(report: PaymentStatusReport, sent: Sequence[ReportedState]) -> tuple[StatusFinding, ...]:
    """Find what a report means for each payment that it is of; what is said of the payment itself counts most."""
    by_id = {one.id: one for one in sent}
    told: dict[UUID, Told] = {}
    amounts: dict[UUID, Money] = {}
    unknown: list[str] = []
    for group in report.groups:
        members = _members(group, by_id)
        if group.told is not None:
            told |= dict.fromkeys(members, group.told)
            unknown += [] if members or group.payments else [group.reference]
        for one in group.payments:
            payment = read_identifier(one.end_to_end)
            if payment is None or payment not in by_id:
                unknown.append(one.end_to_end)
                continue
            told[payment] = one.told
            if one.amount is not None:
                amounts[payment] = one.amount
    day = report.created_on
    return (
        *(_found(by_id[payment], each, amounts.get(payment), day) for payment, each in told.items()),
        *(_unknown(reference, day) for reference in dict.fromkeys(unknown)),
    )


def _members(group: ReportedGroup, sent: Mapping[UUID, ReportedState]) -> list[UUID]:
    file = read_identifier(group.reference)
    return [one.id for one in sent.values() if one.file == file]


def _found(payment: ReportedState, told: Told, amount: Money | None, day: date) -> StatusFinding:
    outcome, differs = StatusOutcome(told.status), None
    if amount is not None and amount != payment.amount:
        outcome, differs = StatusOutcome.DIFFERS, Outcome.AMOUNT_DIFFERS
    elif told.status is Status.REJECTED and payment.undone:
        outcome = StatusOutcome.REPEATED
    elif told.status is Status.REJECTED and payment.confirmed:
        outcome, differs = StatusOutcome.DIFFERS, Outcome.STATUS_DIFFERS
    difference = (
        None
        if differs is None
        else Finding(
            outcome=differs,
            day=day,
            payment=payment.id,
            reference=payment.id.hex,
            expected=payment.amount,
            found=amount,
            return_reason=told.reason,
        )
    )
    return StatusFinding(outcome=outcome, payment=payment.id, reason=told.reason, difference=difference)


def _unknown(reference: str, day: date) -> StatusFinding:
    return StatusFinding(
        outcome=StatusOutcome.UNKNOWN,
        reference=reference,
        difference=Finding(outcome=Outcome.UNKNOWN_ENTRY, day=day, reference=reference),
    )
