"""The parts that the funds of a contracting process are made of."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from shared.kernel.errors import NotAllowed
from shared.kernel.money import Money, total
from shared.rules.derivation import Derivation
from shared.rules.payment_formula import PaymentFormula


class State(StrEnum):
    """Where the funds of a contracting process stand."""

    UNFUNDED = "unfunded"
    RESERVED = "reserved"
    RELEASED = "released"
    COMMITTED = "committed"


class Ending(StrEnum):
    """The two facts that end a contract for the budget: its end, and that nothing more of it will be graded."""

    TERMINATED = "contract-terminated"
    SUPERVISION_CLOSED = "supervision-closed"


@dataclass(frozen=True, slots=True)
class FundingRequest:
    """What a tender asks for before it is published."""

    ocid: str
    tender: UUID
    line: UUID
    amount: Money


@dataclass(frozen=True, slots=True)
class Milestone:
    """One period of delivery and what it is worth; what follows the amount is None until it is graded.

    Shape: ends is the period's last day, None where it was told before it was kept; year is the later year whose budget
    was to fund it when the contract was signed, None where it was bound at once; payee is who delivered it, None where
    it was graded before that was kept; recovered is what an advance had paid.
    """

    period: str
    amount: Money
    grade: str | None = None
    payable: Money | None = None
    held: Money | None = None
    deducted: Money | None = None
    derivation: Derivation = ()
    ends: date | None = field(default=None, compare=False)
    year: int | None = field(default=None, compare=False)
    payee: str | None = None
    recovered: Money | None = None


@dataclass(frozen=True, slots=True)
class Memo:
    """What a contract needs of a later year's budget: it is bound when that year is opened.

    Under a ceiling it was promised when the contract was signed; otherwise it was bound once, and lapsed.
    """

    year: int
    amount: Money
    under_ceiling: bool = False


@dataclass(frozen=True, slots=True)
class Renewal:
    """Say which year's budget a process waits for, and until when that is to be opened."""

    year: int
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What was signed, as far as the money goes; one that was signed without terms of payment has those of its pack."""

    id: UUID
    payee: str
    value: Money
    pack: str
    pack_version: str
    acceleration: int
    payment: PaymentFormula | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GradedPeriod:
    """A period that the office accepted with a grade; kpis are what was measured, each by its id."""

    ocid: str
    contract: UUID
    period: str
    provider: str
    grade: str
    kpis: tuple[tuple[str, Decimal], ...] = ()


def check_milestones(contract: Contract, milestones: tuple[Milestone, ...]) -> None:
    """Hold the milestones to the contract.

    Raises:
        NotAllowed: milestone-repeated, milestone-not-positive, milestones-differ-from-value.
        Invalid: currencies-differ.
    """
    if len({milestone.period for milestone in milestones}) < len(milestones):
        raise NotAllowed("milestone-repeated", "A period occurs twice in the contract.")
    if any(milestone.amount.minor <= 0 for milestone in milestones):
        raise NotAllowed("milestone-not-positive", "A period of the contract is worth nothing.")
    if total([milestone.amount for milestone in milestones], contract.value.currency) != contract.value:
        raise NotAllowed(
            "milestones-differ-from-value", "The amounts of the periods do not add up to the contract's value."
        )
