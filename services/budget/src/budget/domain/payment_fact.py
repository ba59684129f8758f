"""What finance systems follow of payments: each thing that became true of one, and never changes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from budget.domain.payment_order import Payment


class Fact(StrEnum):
    """Name what became true of a payment: it was made, handed to the bank, booked by it or rejected, or returned."""

    MADE = "made"
    SENT = "sent"
    CONFIRMED = "confirmed"
    RETURNED = "returned"
    REJECTED = "rejected"


# Either ends a payment: what it paid is owed again.
UNDONE = frozenset({Fact.RETURNED, Fact.REJECTED})


@dataclass(frozen=True, slots=True)
class PaymentFact:
    """A fact at its place in the feed; file is none until the payment stands in one."""

    place: int
    fact: Fact
    at: datetime
    payment: Payment
    file: UUID | None
