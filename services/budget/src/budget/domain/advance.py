"""An advance that a contract was paid before delivery: what of it the provider still has, and what was recovered."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from shared.kernel.money import Money, total


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What an accepted period recovered, on which line, and by which cause of its transfer."""

    period: str
    line: UUID
    cause: UUID
    amount: Money
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """What is to be paid to a payee in advance on an order; paid is what the bank did not return of it.

    Units: amount is what was asked for, or what was paid where nothing more can be.
    """

    order: UUID
    payee: str
    amount: Money
    paid: Money
    repaid: Money
    recoveries: tuple[Recovery, ...] = ()

    @property
    def recovered(self) -> Money:
        """What accepted periods paid off."""
        return total([one.amount for one in self.recoveries], self.amount.currency)

    @property
    def outstanding(self) -> Money:
        """What the provider has and has neither delivered for nor repaid."""
        return self.paid - self.recovered - self.repaid

    @property
    def unpaid(self) -> Money:
        """What of the order is still to be paid."""
        return self.amount - self.paid


def spread(advances: Sequence[Advance], payee: str, amount: Money) -> tuple[tuple[Advance, Money], ...]:
    """Divide what is recovered from a payee among its advances, the oldest first."""
    parts, left = [], amount
    for one in advances:
        part = min(left, one.outstanding) if one.payee == payee else amount - amount
        left -= part
        if part.minor:
            parts.append((one, part))
    return tuple(parts)


def replaced(advances: Sequence[Advance], after: Advance) -> tuple[Advance, ...]:
    """Take over an advance as it is now."""
    return tuple(after if one.order == after.order else one for one in advances)


def ended(advances: Sequence[Advance], payee: str | None) -> tuple[Advance, ...]:
    """Pay nothing more in advance, but to a payee that goes on delivering."""
    return tuple(one if one.payee == payee else replace(one, amount=one.paid) for one in advances)
