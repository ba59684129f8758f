"""What lies between the original budget of a line and its final one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.kernel.money import Money

CARRIED_OVER = "carried-over"


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One change of what a line was granted: a revision's kind, or what was carried over from the year before.

    Units: an amount below zero was taken away.
    Source: IPSAS 24, paragraphs 7 and 14: original budget, adjustments, final budget.
    """

    kind: str
    amount: Money
    cause: UUID
    reason: str
    at: datetime
