"""A procedure's money as bars of one scale."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from portal.domain.amounts import written
from portal.domain.procedure import Amounts
from portal.usecases.queries import Appropriation
from shared.kernel.money import Money
from shared.rules.derivation import half_up, plain

_LEAST_TO_BE_SEEN = Fraction(1, 2)  # percent


@dataclass(frozen=True, slots=True)
class Bar:
    """One amount; percent is its length on the common scale."""

    name: str
    amount: Money
    percent: str


def money_bars(amounts: Amounts, appropriation: Appropriation | None) -> Sequence[Bar]:
    """Draw what is known, from the appropriation to what is paid and held; a second currency is not drawn."""
    named = [
        ("Appropriated for the budget line", appropriation.amount if appropriation else None),
        ("Estimate", amounts.estimate),
        ("Reserved", amounts.reserved),
        ("Awarded", amounts.awarded),
        ("Contract", amounts.contracted),
        ("Committed", amounts.committed),
        ("Accrued", amounts.accrued),
        ("Paid", amounts.paid),
        ("Held", amounts.held),
    ]
    known = [(name, amount) for name, amount in named if amount is not None]
    if not known:
        return []
    currency = known[0][1].currency
    drawn = [(name, amount) for name, amount in known if amount.currency == currency and amount.minor >= 0]
    largest = max((amount.minor for _, amount in drawn), default=0)
    return [Bar(name, amount, _percent(amount.minor, largest)) for name, amount in drawn]


def in_words(bars: Sequence[Bar]) -> str:
    """Say what the bars show."""
    return "; ".join(f"{bar.name} {written(bar.amount)}" for bar in bars)


def _percent(part: int, whole: int) -> str:
    if part == 0:
        return "0"
    return plain(half_up(max(Fraction(100 * part, whole), _LEAST_TO_BE_SEEN), 2))
