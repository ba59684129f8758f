"""Whether the books are what they should be: balances as their transfers, and what holds the money as the balances."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from budget.domain.ledger import Stage

Amounts = Mapping[tuple[UUID, Stage], int]

# What funds and reservations account for; the other stages belong to the line itself.
HELD_BY_SOMEBODY = (Stage.RESERVED, Stage.COMMITTED, Stage.ADVANCE, Stage.ACCRUED, Stage.HELD, Stage.PAID)


class Check(StrEnum):
    """What a balance is held to."""

    TRANSFERS = "transfers"
    """What all transfers of the line add up to."""
    STAGES = "stages"
    """What was appropriated is the sum of the other stages."""
    HOLDERS = "holders"
    """What the funds of processes and the reservations of finance systems add up to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A balance that is not what it should be.

    Units: minor units.
    """

    line: UUID
    stage: Stage
    check: Check
    balance: int
    expected: int


def differences(balances: Amounts, transferred: Amounts, claimed: Amounts) -> tuple[Difference, ...]:
    """Hold every balance to what the transfers add up to, to the other stages, and to who holds the money.

    A balance that is not there counts as nothing; so do transfers and holders.
    """
    lines = sorted({line for amounts in (balances, transferred, claimed) for line, _ in amounts})
    return tuple(found for line in lines for found in _of_line(line, balances, transferred, claimed))


def _of_line(line: UUID, balances: Amounts, transferred: Amounts, claimed: Amounts) -> list[Difference]:
    where_it_is = sum(balances.get((line, stage), 0) for stage in Stage if stage is not Stage.APPROPRIATED)
    expected = [
        *((Check.TRANSFERS, stage, transferred.get((line, stage), 0)) for stage in Stage),
        (Check.STAGES, Stage.APPROPRIATED, where_it_is),
        *((Check.HOLDERS, stage, claimed.get((line, stage), 0)) for stage in HELD_BY_SOMEBODY),
    ]
    return [
        Difference(line=line, stage=stage, check=check, balance=balances.get((line, stage), 0), expected=amount)
        for check, stage, amount in expected
        if balances.get((line, stage), 0) != amount
    ]
