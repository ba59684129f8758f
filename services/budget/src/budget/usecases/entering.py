"""How a change of a process's funds is entered: into the ledger, the state and the log; nothing here commits."""

from budget.db import ceilings, ledger, store
from budget.domain.ceiling import promised
from budget.domain.events import stating_available
from budget.domain.funds import Change, Funds
from budget.domain.line import Line
from shared.platform.work import Work


async def enter(work: Work, before: Funds, change: Change, *, of: Line | None = None) -> Funds:
    """Put a change into the ledger, the state and the log.

    The line is named where the events state what it has left though no money moves, which the ledger then does not say.
    """
    after, transfers, events = change
    if after.version == before.version:
        return after
    available = (await ledger.post(work.connection, transfers)).get(after.line)
    if of is not None and not transfers:
        available = await ledger.available(work.connection, of)
    await store.save_process(work.connection, before.version, after)
    if changes := promised(before, after):
        await ceilings.promise(work.connection, await ledger.line(work.connection, after.line), changes)
    await work.record(stating_available(events, available))
    return after
