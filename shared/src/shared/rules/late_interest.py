"""What a payment that comes late bears: simple interest, by the day or by a reference rate of the half-year."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from shared.kernel.errors import Invalid
from shared.kernel.money import Money
from shared.rules.derivation import Derivation, Step, amount_of, plain
from shared.rules.pack import RulePack

A_DAY = "payment.late-interest"
MARGIN = "payment.late-interest.margin"
REFERENCE = "payment.late-interest.reference"
FIXED = "payment.late-interest.fixed"

DAYS_OF_A_YEAR = 365

# Rates by the name of the reference and the half-year, as shares.
ReferenceRates = Mapping[tuple[str, str], Decimal]


@dataclass(frozen=True, slots=True)
class LateInterest:
    """Hold what a late payment bears.

    Shape: amount is none where a reference rate is not known; unresolved names each such rate.
    """

    amount: Money | None
    days: int
    lines: Derivation
    unresolved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Span:
    """Days that bear one rate, and the half-year that the rate is that of."""

    first: date
    last: date
    rate_of: str

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def half_year(day: date) -> str:
    """Name the half of the year that a day is in, as 2026-H1."""
    return f"{day.year}-H{1 if day.month <= 6 else 2}"


def bears_interest(pack: RulePack) -> bool:
    """Tell whether the pack says what a late payment bears."""
    return A_DAY in pack.rules or MARGIN in pack.rules


def late_interest(pack: RulePack, owed: Money, first: date, last: date, rates: ReferenceRates) -> LateInterest:
    """Work out simple interest for the days from the first day too late to the day of the payment, both included.

    Units: actual days over 365; the sum is rounded half up once.

    Source: Directive 2011/7/EU arts. 2-4; Late Payment of Commercial Debts (Interest) Act 1998; Order 802 (China).

    Raises:
        Invalid: days-reversed, or rule-unknown where the pack says nothing.
    """
    if last < first:
        raise Invalid("days-reversed", "The last day is not before the first one.")
    days = (last - first).days + 1
    if A_DAY in pack.rules:
        rate = pack.fraction(A_DAY)
        line = _line(owed, first, last, plain(pack.number(A_DAY)), f"{days} days")
        return _summed(owed.minor * rate * days, owed, days, (line,))
    return _by_reference(pack, owed, days, _spans(first, last, fixed=pack.text(FIXED) == "at-the-start"), rates)


def _by_reference(
    pack: RulePack, owed: Money, days: int, spans: tuple[_Span, ...], rates: ReferenceRates
) -> LateInterest:
    reference, margin = pack.text(REFERENCE), pack.number(MARGIN)
    unknown = tuple(f"{reference} {one.rate_of}" for one in spans if (reference, one.rate_of) not in rates)
    if unknown:
        return LateInterest(None, days, (), tuple(dict.fromkeys(unknown)))
    lines: list[Step] = []
    exact = Fraction(0)
    for one in spans:
        rate = rates[reference, one.rate_of] + margin
        exact += owed.minor * Fraction(rate) * one.days / DAYS_OF_A_YEAR
        line = _line(owed, one.first, one.last, plain(rate), f"{one.days} / {DAYS_OF_A_YEAR}")
        lines.append({**line, "reference": reference, "half_year": one.rate_of, "margin": plain(margin)})
    return _summed(exact, owed, days, tuple(lines))


def _spans(first: date, last: date, *, fixed: bool) -> tuple[_Span, ...]:
    if fixed:
        return (_Span(first, last, half_year(first)),)
    return tuple(_by_half_year(first, last))


def _by_half_year(first: date, last: date) -> Iterator[_Span]:
    while first <= last:
        end = date(first.year, 6, 30) if first.month <= 6 else date(first.year, 12, 31)
        yield _Span(first, min(end, last), half_year(first))
        first = end + timedelta(days=1)


def _line(owed: Money, first: date, last: date, rate: str, times: str) -> Step:
    return {
        "step": "late",
        "from": first.isoformat(),
        "to": last.isoformat(),
        "rate": rate,
        "expression": f"{plain(owed.amount)} * {rate} * {times}",
    }


def _summed(exact: Fraction, owed: Money, days: int, lines: Derivation) -> LateInterest:
    """Round half up, to the minor unit."""
    amount = Money((2 * exact.numerator + exact.denominator) // (2 * exact.denominator), owed.currency)
    return LateInterest(amount, days, (*lines, {"step": "late-interest", "days": str(days), **amount_of(amount)}))
