"""The parts that a contract is made of once it is agreed."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from shared.kernel.money import Money
from tender.domain.parts import Milestone, Party

Side = Literal["buyer", "supplier"]


class ContractStatus(StrEnum):
    """Where a contract stands."""

    GENERATED = "generated"
    SUPPLIER_SIGNED = "supplier-signed"
    NOT_SIGNED = "not-signed"
    ANNULLED = "annulled"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDING = "ending"
    TERMINATED = "terminated"


class ChangeStatus(StrEnum):
    """Where a change of a contract stands."""

    FUNDING_REQUESTED = "funding-requested"
    FUNDED = "funded"
    APPROVED = "approved"
    SUPPLIER_SIGNED = "supplier-signed"
    ACTIVE = "active"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ItemStatus(StrEnum):
    """Where one item of a handover stands."""

    OPEN = "open"
    SETTLED = "settled"
    CONFIRMED = "confirmed"


class NonSignature(StrEnum):
    """Why a contract was not signed by the supplier."""

    REFUSED = "refused"
    NO_ANSWER = "no-answer"
    SECURITY_NOT_GIVEN = "security-not-given"


@dataclass(frozen=True, slots=True)
class Term:
    """The days from which and to which the service is delivered."""

    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Option:
    """A renewal that the buyer may exercise before a day.

    Units: change names the change that exercises it, if one was begun and did not fail.
    """

    id: str
    title: str
    months: int
    value: Money
    exercise_before: date
    change: UUID | None = None


@dataclass(frozen=True, slots=True)
class Security:
    """What secures that the contract is performed."""

    amount: Money
    kind: str
    received_on: date
    returned_on: date | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A document, by its SHA-256."""

    title: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of a contract; milestones are those of the whole contract as they would become.

    Units: difference may be below zero; pending until it is in force or has failed.
    """

    id: UUID
    ground: str
    reason: str
    difference: Money
    end: date
    milestones: tuple[Milestone, ...]
    documents: tuple[Document, ...]
    proposed_by: str
    proposed_at: datetime
    due_at: datetime | None
    status: ChangeStatus = ChangeStatus.FUNDING_REQUESTED
    option: str | None = None
    approved_by: str | None = None
    signed_at: datetime | None = None
    failed_because: str | None = None

    @property
    def pending(self) -> bool:
        """Whether it may still come into force."""
        return self.status not in {ChangeStatus.ACTIVE, ChangeStatus.REFUSED, ChangeStatus.WITHDRAWN}


@dataclass(frozen=True, slots=True)
class Suspension:
    """A time in which the contract rests; ended_at is earlier than until where it was resumed.

    Shape: challenged says whether it rests because its award is challenged, and not because the buyer wished so.
    """

    reason: str
    since: datetime
    until: datetime
    ended_at: datetime | None = None
    challenged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Termination:
    """How the contract ends; proposed by one person and confirmed by another, or by the end of the term.

    Units: consented_at is when the supplier agreed, where it ends by agreement.
    """

    ground: str
    reason: str
    last_day: date
    proposed_by: str | None
    notified_at: datetime | None = None
    consented_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """The proposal to close a contract: what was paid in all, and why nothing was handed over if so."""

    amount_paid: Money
    without_handover: str | None
    proposed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverItem:
    """One thing that is handed over; note says by what reference, or why there is nothing to hand over."""

    kind: str
    responsible: Side
    due_at: datetime
    status: ItemStatus = ItemStatus.OPEN
    applicable: bool = True
    note: str | None = None
    settled_by: Side | None = None
    settled_at: datetime | None = None
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What whoever serves next is given, and who that is."""

    items: tuple[HandoverItem, ...]
    successor: str | None = None
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentRequest:
    """That the supplier wants another to take the contract over.

    Shape: consented_at is when the other agreed; approved_by is the first person of the buyer's office that did.
    """

    supplier: Party
    ground: str
    reason: str
    requested_at: datetime
    due_at: datetime | None
    consented_at: datetime | None = None
    approved_by: str | None = None
    refused_because: str | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """The contract went over from one provider to another."""

    before: Party
    supplier: Party
    ground: str
    reason: str
    at: datetime
