"""The parts that a framework agreement is made of."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.kernel.lifecycle import lifecycle, transition
from shared.kernel.money import Money
from tender.domain.parts import Delivery, Party


class FrameworkStatus(StrEnum):
    """Whether is called off."""

    ACTIVE = "active"
    ENDED = "ended"


FRAMEWORK = lifecycle(
    "framework",
    "active",
    transition("call off", "active", "active", "purchasing office"),
    transition("compete", "active", "active", "purchasing office"),
    transition("join", "active", "active", "purchasing office"),
    transition("leave", "active", "active", "purchasing office"),
    transition("end", "active", "ended", "clock"),
)


@dataclass(frozen=True, slots=True)
class Member:
    """A supplier that may be called on.

    Units: called_off is what was ordered of it in all; calls how often.
    """

    supplier: Party
    rank: int
    called_off: Money
    calls: int = 0
    left_because: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What is called off: the service of one contract, worth at the most its value."""

    title: str
    value: Money
    delivery: Delivery
    reason: str


@dataclass(frozen=True, slots=True)
class Quote:
    """What a supplier offered in a competition; price is None where it could not be read.

    Shape: the salt and the envelope give the digest that the supplier was given; a quote kept without a salt has none.
    """

    supplier: Party
    received_at: datetime
    price: Money | None
    digest: str | None = None
    salt: str | None = None


@dataclass(frozen=True, slots=True)
class Competition:
    """The second stage among the suppliers of a framework agreement: sealed quotes, the lowest gets the order.

    Units: lapsed where the agreement ended before the quotes were opened.
    """

    id: UUID
    order: Order
    closes_at: datetime
    decided: bool = False
    lapsed: bool = False

    @property
    def open(self) -> bool:
        """Whether its order may still be given to somebody."""
        return not (self.decided or self.lapsed)


@dataclass(frozen=True, slots=True)
class Joining:
    """A supplier that asks to be taken into an open framework agreement."""

    supplier: Party
    asked_at: datetime
    due_at: datetime
