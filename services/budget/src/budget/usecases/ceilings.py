"""What two persons let contracts promise of later years; nothing here commits."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from budget.db import ceilings, fiscal_years, ledger
from budget.domain.ceiling import Ceilings
from budget.domain.ceiling_events import Limit
from budget.domain.line import Line
from shared.kernel.access import Actor
from shared.kernel.errors import expect_version
from shared.kernel.money import Money
from shared.platform.work import Work


class Shown(NamedTuple):
    """The ceilings, and what is promised under each of them and of all years together."""

    state: Ceilings
    limits: Sequence[tuple[Limit, Money]]
    promised: Money


async def show(connection: AsyncConnection, identifier: UUID) -> Shown:
    """Return the ceilings of a line's code."""
    line = await ledger.line(connection, identifier)
    return await _shown(connection, await ceilings.of_line(connection, line), line)


async def propose(
    work: Work, actor: Actor, identifier: UUID, limits: Sequence[Limit], total: Money | None, *, version: int | None
) -> Shown:
    """Put ceilings forward, for another person to decide on."""
    line, before = await _held(work, identifier, version)
    after, events = before.propose(limits, line, total=total, by=actor.person, at=work.now)
    await ceilings.save(work.connection, before.version, after)
    await work.record(events)
    return await _shown(work.connection, after, line)


async def approve(work: Work, actor: Actor, identifier: UUID, *, version: int) -> Shown:
    """Put the proposed ceilings into force."""
    line, before = await _held(work, identifier, version)
    after, events = before.approve(line, by=actor.person)
    await ceilings.save(work.connection, before.version, after)
    await ceilings.put_in_force(work.connection, after)
    await work.record(events)
    return await _shown(work.connection, after, line)


async def reject(work: Work, identifier: UUID, *, version: int, reason: str) -> Shown:
    """Drop the proposed ceilings."""
    line, before = await _held(work, identifier, version)
    after, events = before.reject(line, reason=reason)
    await ceilings.save(work.connection, before.version, after)
    await work.record(events)
    return await _shown(work.connection, after, line)


async def _shown(connection: AsyncConnection, state: Ceilings, line: Line) -> Shown:
    return Shown(state, await ceilings.shown(connection, line), await ceilings.shown_total(connection, line))


async def _held(work: Work, identifier: UUID, version: int | None) -> tuple[Line, Ceilings]:
    await fiscal_years.hold(work.connection)
    line = await ledger.line(work.connection, identifier)
    before = await ceilings.of_line(work.connection, line, lock=True)
    expect_version(version, before.version)
    return line, before
