"""What is agreed in a contract, as its procedure published it."""

from dataclasses import dataclass
from datetime import date

from shared.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation, by the id its tokens carry."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Service:
    """An entry of the service catalogue."""

    code: str
    title: str


@dataclass(frozen=True, slots=True)
class Milestone:
    """One period of delivery, graded by itself; its last day belongs to it."""

    period: str
    start: date
    end: date
    amount: Money


@dataclass(frozen=True, slots=True)
class PinnedPack:
    """The rule pack that the procedure was started under."""

    id: str
    version: str
