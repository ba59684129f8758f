"""What others published about contracts, reduced to what the evaluation reads."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from evaluation.domain.agreement import Milestone, Party, Service
from shared.kernel.money import Money


@dataclass(frozen=True, slots=True)
class TenderPublished:
    """What was put out to tender."""

    title: str
    buyer: Party
    service: Service
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class AwardProposed:
    """Who was proposed, and until when it can be challenged."""

    award: UUID
    supplier: Party
    value: Money
    standstill_ends_at: datetime


@dataclass(frozen=True, slots=True)
class AwardConfirmed:
    """The contract an award leads to."""

    award: UUID
    contract: UUID
    supplier: Party
    value: Money
    signature_due: datetime


@dataclass(frozen=True, slots=True)
class ContractSigned:
    """What was agreed."""

    award: UUID
    contract: UUID
    title: str
    buyer: Party
    supplier: Party
    service: Service
    value: Money
    milestones: tuple[Milestone, ...]
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class FundsCommitted:
    """The budget bound an amount for the contract."""

    contract: UUID
    amount: Money


@dataclass(frozen=True, slots=True)
class AmountPaid:
    """The budget paid an amount of the contract."""

    contract: UUID
    amount: Money


@dataclass(frozen=True, slots=True)
class AmountHeld:
    """The budget holds an amount of the contract back."""

    contract: UUID
    amount: Money


@dataclass(frozen=True, slots=True)
class ContractChanged:
    """What a change made of the whole contract."""

    contract: UUID
    value: Money
    milestones: tuple[Milestone, ...]


@dataclass(frozen=True, slots=True)
class ContractAssigned:
    """Who holds the contract from then on."""

    contract: UUID
    supplier: Party


@dataclass(frozen=True, slots=True)
class ContractTerminated:
    """The contract was closed."""

    contract: UUID


@dataclass(frozen=True, slots=True)
class AwardCancelled:
    """The award was taken back."""

    award: UUID


@dataclass(frozen=True, slots=True)
class ContractNotSigned:
    """The supplier did not sign in time."""

    contract: UUID


@dataclass(frozen=True, slots=True)
class ContractAnnulled:
    """The award was taken back before both sides had signed."""

    contract: UUID


@dataclass(frozen=True, slots=True)
class FundsReleased:
    """The budget released an amount that the contract had bound; none of a contract is of the reservation."""

    contract: UUID | None
    amount: Money


Fact = (
    TenderPublished
    | AwardProposed
    | AwardConfirmed
    | ContractSigned
    | FundsCommitted
    | AmountPaid
    | AmountHeld
    | ContractChanged
    | ContractAssigned
    | ContractTerminated
    | AwardCancelled
    | ContractNotSigned
    | ContractAnnulled
    | FundsReleased
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact about one contracting process, with the event that brought it."""

    event: UUID
    at: datetime
    ocid: str
    sandbox: bool
    fact: Fact
