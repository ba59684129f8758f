"""Holds the whole ledger to account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from budget.db import ledger
from budget.db import verification as books
from budget.domain.line import Line
from budget.domain.verification import Difference, differences


@dataclass(frozen=True, slots=True)
class Verification:
    """What was looked through, and what differs; the lines are those that differ."""

    lines: int
    transfers: int
    differences: Sequence[Difference]
    differing: Mapping[UUID, Line]


async def verify(connection: AsyncConnection) -> Verification:
    """Add up all transfers and hold every balance to them, and to who holds the money.

    The transaction must see one instant throughout (REPEATABLE READ), or a ledger at work seems to differ.
    """
    kept = await books.kept(connection)
    transferred, number = await books.folded(connection)
    found = differences(kept, transferred, await books.claimed(connection))
    differing = await ledger.lines_of(connection, {one.line for one in found}) if found else {}
    return Verification(len({line for line, _ in kept}), number, found, differing)
