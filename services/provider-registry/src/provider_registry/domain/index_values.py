"""What an index is: a value from published inputs, or what is missing for one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from provider_registry.domain.figures import Figures
from shared.kernel.money import Money
from shared.rules.derivation import half_up, plain

Inputs = tuple[tuple[str, str], ...]
Years = Sequence[tuple[int, Figures]]
"""The confirmed years, the earliest first; an index is of the last of them."""


@dataclass(frozen=True, slots=True)
class Found:
    """Hold an index's exact value, or the names of the figures that are missing for it, with the inputs it rests on."""

    value: Fraction | str | None
    inputs: Inputs
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IndexValue:
    """Hold an index as it is published.

    Units: of the index; None while it is not rated.
    """

    code: str
    value: str | None
    unit: str


@dataclass(frozen=True, slots=True)
class Index:
    """Define an index.

    Shape: reading is said of a value as it is published, `{value}`; better says which way a board would like it to go.
    """

    code: str
    family: Literal["independence", "health"]
    title: str
    formula: str
    unit: str
    better: Literal["lower", "higher", "neither"]
    reading: str
    find: Callable[[Years], Found]


@dataclass(frozen=True, slots=True)
class Quartiles:
    """Hold where a quarter, a half and three quarters of the peers lie, and how many there are."""

    peers: int
    lower: Decimal
    median: Decimal
    upper: Decimal


def published_value(found: Found) -> str | None:
    """Write a value as it is published, a figure with two decimals, half up."""
    return plain(half_up(found.value, 2)) if isinstance(found.value, Fraction) else found.value


def quartiles(values: Sequence[Decimal], least: int) -> Quartiles | None:
    """Return the quartiles by nearest rank, each a value that a peer has; None below the least number of peers."""
    if not values or len(values) < least:
        return None
    ordered = sorted(values)
    lower, median, upper = (ordered[-(-len(ordered) * quarter // 4) - 1] for quarter in (1, 2, 3))
    return Quartiles(len(ordered), lower, median, upper)


def money_text(amount: Money) -> str:
    """Write an amount as an input."""
    return f"{plain(amount.amount)} {amount.currency}"
