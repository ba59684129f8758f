"""What the legislature grants for a line: how much, for which programme, from which sources, and in which quarters."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from budget.domain.cofog import function_of
from budget.domain.fiscal_year import QUARTERS
from shared.kernel.errors import Invalid
from shared.kernel.money import Money, total


class SourceKind(StrEnum):
    """Say where money comes from: own revenue, another level of government, or a donor that shares the cost."""

    OWN = "own"
    TRANSFER = "transfer"
    DONOR = "donor"


@dataclass(frozen=True, slots=True)
class Source:
    """One source of what is granted; the funder is the organisation that it comes from."""

    kind: SourceKind
    funder: str
    amount: Money

    def share_of(self, granted: Money) -> Decimal:
        """Return which share of what is granted comes from here, to the ten-thousandth, rounded half up."""
        return (Decimal(self.amount.minor) / granted.minor).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def check_sources(sources: Sequence[Source], amount: Money, pointer: str) -> None:
    """Hold sources to what they give together.

    Raises:
        Invalid: amount-not-positive, sources-differ-from-amount, currencies-differ.
    """
    if any(source.amount.minor <= 0 for source in sources):
        raise Invalid("amount-not-positive", "What each source gives is above nothing.", pointer=pointer)
    if sources and total([source.amount for source in sources], amount.currency) != amount:
        raise Invalid("sources-differ-from-amount", "The sources do not add up to the amount.", pointer=pointer)


def merged(sources: Sequence[Source]) -> tuple[Source, ...]:
    """Return each source once, with all that it gives."""
    once: dict[tuple[SourceKind, str], Source] = {}
    for one in sources:
        known = once.get((one.kind, one.funder))
        once[one.kind, one.funder] = replace(known, amount=known.amount + one.amount) if known else one
    return tuple(once.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """The original budget of a line.

    Shape: programme is a division or group of COFOG; quarters are none, or four that add up to the amount.

    Raises:
        Invalid: programme-unknown, sources-differ-from-amount, quarters-not-four, quarter-negative,
            quarters-differ-from-amount, currencies-differ, amount-not-positive.
    """

    amount: Money
    programme: str | None = None
    sources: tuple[Source, ...] = ()
    quarters: tuple[Money, ...] = ()

    def __post_init__(self) -> None:
        if self.amount.minor <= 0:
            raise Invalid("amount-not-positive", "What is granted is above nothing.")
        if self.programme is not None:
            function_of(self.programme)
        check_sources(self.sources, self.amount, "/body/sources")
        if self.quarters:
            self._check_quarters()

    def _check_quarters(self) -> None:
        if len(self.quarters) != len(QUARTERS):
            raise Invalid("quarters-not-four", "A year has four quarters.", pointer="/body/quarters")
        if any(quarter.minor < 0 for quarter in self.quarters):
            raise Invalid("quarter-negative", "A quarter gets nothing or more.", pointer="/body/quarters")
        if total(self.quarters, self.amount.currency) != self.amount:
            raise Invalid(
                "quarters-differ-from-amount", "The quarters do not add up to the amount.", pointer="/body/quarters"
            )
