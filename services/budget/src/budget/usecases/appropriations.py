"""What is granted, and what two persons make of it later; nothing here commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from budget.db import fiscal_years, ledger, revisions
from budget.domain.events import stating_available
from budget.domain.fiscal_year import FiscalYear
from budget.domain.grant import Grant
from budget.domain.ledger import Transfer
from budget.domain.line import Line, new_line
from budget.domain.revision import Revision, RevisionKind, check_lines, propose
from budget.domain.revision_events import Move
from shared.kernel.access import Actor
from shared.kernel.errors import NotAllowed, expect_version
from shared.kernel.events import DomainEvent
from shared.kernel.ids import new_id
from shared.platform.work import Work


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a line is for, and when."""

    code: str
    title: str
    fiscal_year: int


async def appropriate(work: Work, purpose: Purpose, grant: Grant) -> Line:
    """Enter the original budget of a line, as the legislature granted it."""
    await fiscal_years.hold(work.connection)
    year = await fiscal_years.find(work.connection, purpose.fiscal_year)
    fresh = new_line(
        code=purpose.code, title=purpose.title, fiscal_year=purpose.fiscal_year, currency=grant.amount.currency
    )
    before = await ledger.line_for_change(work.connection, fresh)
    line, transfers, events = before.appropriate(title=purpose.title, grant=grant, year=year, at=work.now)
    await _enter(work, ((line, year),), transfers, events)
    return line


async def open_quarters(work: Work, identifier: UUID) -> None:
    """Make available what was granted for the quarters that have begun."""
    await fiscal_years.hold(work.connection)
    before = (await ledger.lines_for_change(work.connection, [identifier]))[identifier]
    year = await fiscal_years.find(work.connection, before.fiscal_year)
    line, transfers, events = before.open_quarters(year, work.now)
    await _enter(work, ((line, year),), transfers, events)


async def propose_revision(
    work: Work, actor: Actor, kind: RevisionKind, moves: tuple[Move, ...], *, reason: str, decision: str
) -> Revision:
    """Put a revision of the budget forward, for another person to decide on."""
    revision, events = propose(new_id(), kind, moves, reason=reason, decision=decision, by=actor.person, at=work.now)
    await _revised_lines(work, revision)
    await revisions.add(work.connection, revision)
    await work.record(events)
    return revision


async def approve_revision(work: Work, actor: Actor, identifier: UUID, *, version: int) -> Revision:
    """Put a revision into force: all of its lines or none."""
    before = await revisions.load(work.connection, identifier, lock=True)
    expect_version(version, before.version)
    approved = before.approve(by=actor.person, at=work.now)
    revised = [
        (
            line.revise(
                revision=approved.id,
                kind=approved.kind.value,
                amount=move.amount,
                sources=move.sources or (),
                reason=f"{approved.kind.value.capitalize()}: {approved.reason}",
                year=year,
                at=work.now,
            ),
            year,
        )
        for line, year, move in await _revised_lines(work, approved)
    ]
    try:
        await _enter(
            work,
            [(line, year) for (line, _, _), year in revised],
            [moved for (_, transfers, _), _ in revised for moved in transfers],
            [event for (_, _, events), _ in revised for event in events],
        )
    except NotAllowed as refusal:
        if refusal.code != "insufficient-funds":
            raise
        raise NotAllowed(
            "reduction-above-available",
            "A line has less available than the revision takes.",
            satisfied_by="A revision within what its lines have available.",
        ) from refusal
    await revisions.save(work.connection, before.version, approved)
    return approved


async def reject_revision(work: Work, actor: Actor, identifier: UUID, *, version: int, reason: str) -> Revision:
    """Drop a revision; nothing of it was ever in force."""
    before = await revisions.load(work.connection, identifier, lock=True)
    expect_version(version, before.version)
    rejected, events = before.reject(by=actor.person, reason=reason, at=work.now)
    await revisions.save(work.connection, before.version, rejected)
    await work.record(events)
    return rejected


async def _revised_lines(work: Work, revision: Revision) -> Sequence[tuple[Line, FiscalYear, Move]]:
    await fiscal_years.hold(work.connection)
    found = await ledger.lines_for_change(work.connection, [move.line for move in revision.moves])
    check_lines(revision, found)
    years = {
        number: await fiscal_years.find(work.connection, number)
        for number in {line.fiscal_year for line in found.values()}
    }
    for year in years.values():
        year.admit()
    return [(found[move.line], years[found[move.line].fiscal_year], move) for move in revision.moves]


async def _enter(
    work: Work,
    lines: Sequence[tuple[Line, FiscalYear]],
    transfers: Sequence[Transfer],
    events: Sequence[DomainEvent],
) -> None:
    left = await ledger.post(work.connection, transfers)
    for line, year in lines:
        await ledger.save_line(work.connection, line, line.next_opening(year))
        mine = [event for event in events if event.aggregate == line.id]
        available = left[line.id] if line.id in left else await ledger.available(work.connection, line)
        await work.record(stating_available(mine, available))
