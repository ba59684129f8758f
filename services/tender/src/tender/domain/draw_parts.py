"""The parts that a draw by a public beacon is made of."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.kernel.beacon import Beacon


@dataclass(frozen=True, slots=True)
class Skip:
    """A label that was passed over after the order was known, by which rule."""

    label: UUID
    rule: str
    source: str


@dataclass(frozen=True, slots=True)
class Closing:
    """What is fixed before anybody can know the randomness."""

    pool: tuple[UUID, ...]
    commitment: str
    iteration: int
    beacon: Beacon
    places: int
    closed_at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Randomness:
    """What the beacon gave: the bytes, and what they come from."""

    value: bytes
    signature: bytes | None = None
    numbers: tuple[tuple[int, ...], ...] | None = None


@dataclass(frozen=True, slots=True)
class Draw:
    """One draw: its order is of the whole pool; so many labels of it have been walked over by now."""

    closing: Closing
    randomness: str
    signature: str | None
    numbers: tuple[tuple[int, ...], ...] | None
    code: str
    order: tuple[UUID, ...]
    selected: tuple[UUID, ...]
    skipped: tuple[Skip, ...]
    drawn_at: datetime
    walked: int


@dataclass(frozen=True, slots=True)
class NumbersEntered:
    """The numbers that one person read in the public records."""

    person: str
    numbers: tuple[tuple[int, ...], ...]
