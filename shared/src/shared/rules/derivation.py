"""How a computed figure is shown, so that an outsider can work it out again by hand."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from shared.kernel.money import Money

# Text only, so that a derivation can travel in an event: "step" says what was done, the other keys with what.
Step = Mapping[str, str]
Derivation = tuple[Step, ...]


def half_up(value: Fraction, places: int) -> Decimal:
    """Round a figure that is not negative to so many decimals, halves upwards."""
    scaled = value * 10**places
    return Decimal((2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)).scaleb(-places)


def plain(value: Decimal) -> str:
    """Write a figure without an exponent."""
    return f"{value:f}"


def amount_of(sum_of_money: Money) -> Step:
    """Write an amount in the currency's main unit."""
    return {"amount": plain(sum_of_money.amount), "currency": sum_of_money.currency}
