"""Money in whole minor units; nothing here ever touches a float."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor

from shared.kernel.errors import Invalid

LARGEST = 2**63 - 1

_CURRENCY = re.compile(r"[A-Z]{3}")

# Currencies whose minor unit is not a hundredth (ISO 4217, list one).
_EXPONENTS = {"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0,
              "UGX": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0, "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3,
              "LYD": 3, "OMR": 3, "TND": 3}  # fmt: skip


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount of one currency.

    Units: minor is in the currency's minor unit (cents for EUR, yen for JPY) and may be negative.
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if not _CURRENCY.fullmatch(self.currency):
            raise Invalid("currency-unknown", "A currency is three capital letters (ISO 4217).")
        if abs(self.minor) > LARGEST:
            raise Invalid("amount-too-large", "The amount does not fit.")

    def __add__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.minor - other.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same_currency(other)
        return self.minor < other.minor

    def __le__(self, other: "Money") -> bool:
        self._same_currency(other)
        return self.minor <= other.minor

    def __gt__(self, other: "Money") -> bool:
        return other < self

    def __ge__(self, other: "Money") -> bool:
        return other <= self

    @property
    def amount(self) -> Decimal:
        """The amount in the currency's main unit."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def share(self, fraction: Decimal) -> "Money":
        """Take a fraction of the amount, rounded half up (away from zero) to the minor unit."""
        exact = self.minor * Fraction(fraction)
        rounded = floor(abs(exact) + Fraction(1, 2))
        return Money(rounded if exact >= 0 else -rounded, self.currency)

    def split(self, parts: int) -> Sequence["Money"]:
        """Split into equal parts that add up exactly; the first ones are a minor unit larger where it does not divide.

        Raises:
            Invalid: parts-not-positive, if parts is below one.
        """
        if parts < 1:
            raise Invalid("parts-not-positive", "An amount is split into one part or more.")
        quotient, remainder = divmod(self.minor, parts)
        return [Money(quotient + (index < remainder), self.currency) for index in range(parts)]

    def _same_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise Invalid("currencies-differ", "Amounts of different currencies are not compared or added.")


def exponent(currency: str) -> int:
    """Return how many decimals the currency's main unit has (ISO 4217)."""
    return _EXPONENTS.get(currency, 2)


def money(amount: Decimal, currency: str) -> Money:
    """Read an amount given in the main unit.

    Raises:
        Invalid: amount-not-finite, amount-too-large, or amount-too-fine if it has a fraction of a minor unit.
    """
    if not amount.is_finite():
        raise Invalid("amount-not-finite", "The amount is not a number.")
    if amount == 0:
        return zero(currency)
    if amount.adjusted() > 18:
        raise Invalid("amount-too-large", "The amount does not fit.")
    # Decimal arithmetic rounds to 28 digits without a word; whole numbers do not. The first test keeps them small.
    if amount.adjusted() >= -exponent(currency):
        numerator, denominator = amount.as_integer_ratio()
        minor, rest = divmod(numerator * 10 ** exponent(currency), denominator)
        if rest == 0:
            return Money(minor, currency)
    raise Invalid("amount-too-fine", "The amount has more decimals than the currency.")


def zero(currency: str) -> Money:
    """Return nothing, in a currency."""
    return Money(0, currency)


def total(amounts: Sequence[Money], currency: str) -> Money:
    """Add amounts of one currency; of none, nothing."""
    return sum(amounts, zero(currency))
