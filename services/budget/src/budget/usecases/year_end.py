"""How the books of a year are closed, and how a budget funds what was left to it; nothing here commits."""

from collections.abc import Sequence
from dataclasses import dataclass

from budget.db import fiscal_years, holds, ledger, payments, store, year_end
from budget.domain.events import stating_available
from budget.domain.fiscal_year import FiscalYear
from budget.domain.funds import Funds
from budget.domain.ledger import Cause
from budget.domain.line import Line, new_line
from budget.domain.renewal import refuse_renewal, renew
from budget.domain.year_end import ClosedProcess, carry_forward, close_line, goes_on, take_over
from budget.usecases import reservations
from budget.usecases.commands import settle_waiting
from budget.usecases.entering import enter
from shared.kernel.access import Actor
from shared.kernel.errors import NotAllowed, expect_version
from shared.kernel.money import Money
from shared.platform.work import Work


async def propose(work: Work, actor: Actor, number: int, *, version: int) -> FiscalYear:
    """Put the closing of a year's books forward, for another person to decide on."""
    before = await _held(work, number, version)
    if await year_end.earlier_open(work.connection, number):
        raise NotAllowed(
            "earlier-year-open", "The books of an earlier year are open.", satisfied_by="The closing of that year."
        )
    year, events = before.propose_closing(by=actor.person, at=work.now)
    await fiscal_years.save(work.connection, before.version, year)
    await work.record(events)
    return year


async def reject(work: Work, number: int, *, version: int, reason: str) -> FiscalYear:
    """Leave the books open."""
    before = await _held(work, number, version)
    year, events = before.reject_closing(reason=reason)
    await fiscal_years.save(work.connection, before.version, year)
    await work.record(events)
    return year


async def close(work: Work, actor: Actor, number: int, *, version: int) -> FiscalYear:
    """Close the books of all lines of a year, and take over to the next year's lines what does not lapse."""
    before = await _held(work, number, version)
    year, events = before.close(by=actor.person, at=work.now)
    cause = Cause(year.id, work.now)
    for identifier in await year_end.open_lines_of(work.connection, number):
        line = (await ledger.lines_for_change(work.connection, [identifier]))[identifier]
        await _close_line(work, line, year, cause)
    await fiscal_years.save(work.connection, before.version, year)
    await work.record(events)
    return year


@dataclass(frozen=True, slots=True)
class Opening:
    """What an opening did: what was funded by the year's budget, and what could not be."""

    funded: Sequence[tuple[str, Money]]
    refused: Sequence[tuple[str, Money]]


async def open_year(work: Work, number: int) -> Opening:
    """Fund by a year's budget what lapsed or was left to it; what it lacks is refused, and may be asked again."""
    await fiscal_years.hold(work.connection)
    year = await fiscal_years.find(work.connection, number)
    year.admit()
    funded, refused = list[tuple[str, Money]](), list[tuple[str, Money]]()
    for ocid in await year_end.processes_of_year(work.connection, number):
        await store.lock_process(work.connection, ocid)
        before = await store.process(work.connection, ocid)
        asked = before.needed_of(number)
        if asked.minor:
            (funded if await _renew(work, before, year) else refused).append((ocid, asked))
    return Opening(funded, refused)


async def _renew(work: Work, before: Funds, year: FiscalYear) -> bool:
    try:
        async with work.connection.begin_nested():
            after = await enter(work, before, renew(before, year, Cause(year.id, work.now)))
    except NotAllowed as refusal:
        line = await ledger.line(work.connection, before.line)
        available = await ledger.available(work.connection, line)
        await enter(work, before, refuse_renewal(before, year, refusal, available))
        return False
    await settle_waiting(work, after)
    return True


async def _close_line(work: Work, line: Line, year: FiscalYear, cause: Cause) -> None:
    await reservations.release_all(work, line.id, f"Fiscal year {year.year} was closed.")
    balances, found = await year_end.settle(work.connection, line)
    processes = [funds for funds in found if goes_on(funds)]
    fresh = new_line(code=line.code, title=line.title, fiscal_year=year.year + 1, currency=line.currency)
    onto = await ledger.line_for_change(work.connection, fresh)
    carried = tuple(carry_forward(funds, line, onto, year, cause) for funds in processes)
    closed = close_line(line, onto, balances, carried, year, cause)
    moved = [*closed.transfers, *(one for process in carried for one in process.transfers)]
    left = await ledger.post(work.connection, moved)
    for before, process in zip(processes, carried, strict=True):
        await _follow(work, before, process)
    following = await fiscal_years.find(work.connection, onto.fiscal_year)
    await ledger.save_line(work.connection, closed.line, None)
    await ledger.save_line(work.connection, closed.onto, closed.onto.next_opening(following))
    available = left[onto.id] if onto.id in left else await ledger.available(work.connection, onto)
    await work.record(stating_available(closed.events, available))


async def _follow(work: Work, before: Funds, process: ClosedProcess) -> None:
    await store.save_process(work.connection, before.version, process.funds)
    for order in await payments.open_orders(work.connection, before.ocid):
        await payments.save_order(work.connection, order.version, take_over(order, process.funds.line))
    for contract in before.contracts:
        for hold in await holds.open_of(work.connection, contract.contract.id):
            await holds.save(work.connection, hold.version, take_over(hold, process.funds.line))
    await work.record(process.events)


async def _held(work: Work, number: int, version: int) -> FiscalYear:
    await fiscal_years.hold(work.connection, alone=True)
    year = await fiscal_years.find(work.connection, number)
    if not year.version:
        raise NotAllowed(
            "fiscal-year-not-declared",
            "Nobody declared what becomes of money at the end of this year.",
            satisfied_by="A declaration of the fiscal year.",
        )
    expect_version(version, year.version)
    return year
