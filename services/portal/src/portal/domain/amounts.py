"""Amounts of published events."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from shared.kernel.errors import Invalid
from shared.kernel.money import Money, money, total
from shared.rules.derivation import half_up, plain


def amount(published: Mapping[str, Any] | None) -> Money | None:
    """Read an amount as it stands in an event."""
    return money(Decimal(published["amount"]), published["currency"]) if published else None


def added(amounts: Iterable[Money | None]) -> Money | None:
    """Add what is there; of nothing, or of several currencies, there is no sum."""
    known = [one for one in amounts if one is not None]
    currencies = {one.currency for one in known}
    return total(known, currencies.pop()) if len(currencies) == 1 else None


def told(published: Sequence[Mapping[str, Any]]) -> Money | None:
    """Add amounts as another publisher tells them; there is no sum where one has no currency or is too large.

    Units: each is rounded half up to the currency's minor unit, since it may be finer.
    """
    if any(one["currency"] is None for one in published):
        return None
    try:
        return added([money(Decimal(1), one["currency"]).share(Decimal(one["amount"])) for one in published])
    except Invalid:
        return None


def less(first: Money | None, second: Money | None) -> Money | None:
    """Take the second from the first where both are there."""
    return added((first, Money(-second.minor, second.currency))) if first and second else first


def percent(part: Money | None, whole: Money | None) -> str | None:
    """Return what percentage one amount is of another; below nothing, or of another currency, there is none.

    Units: one decimal, half up.
    """
    if part is None or whole is None or part.currency != whole.currency or part.minor < 0 or whole.minor <= 0:
        return None
    return plain(half_up(Fraction(100 * part.minor, whole.minor), 1))


def written(value: Money) -> str:
    """Write an amount for a reader, with thousands separators and the currency's code."""
    return f"{value.amount:,f} {value.currency}"


def written_exactly(published: Mapping[str, Any]) -> str:
    """Write an amount of another publisher for a reader, with all its digits and the currency if there is one."""
    return f"{Decimal(published['amount']):,f} {published['currency'] or ''}".rstrip()
