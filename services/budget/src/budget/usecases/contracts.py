"""What happens to the money of a contract, from its signature to its end; nothing here commits."""

from uuid import UUID

from budget.db import ceilings, fiscal_years, ledger, store
from budget.domain import contract_change as domain
from budget.domain.ceiling import later_parts
from budget.domain.commitment import RequestedChange
from budget.domain.funds import Funds
from budget.domain.funds_data import Contract, Ending, Memo, Milestone
from budget.domain.ledger import Cause
from budget.usecases import advances
from budget.usecases.commands import RESERVATION_RULE, settle_waiting
from budget.usecases.entering import enter
from shared.kernel.errors import NotAllowed
from shared.kernel.money import Money
from shared.platform.work import Work
from shared.rules.pack import RulePack, pack_of


async def commit(
    work: Work, ocid: str, contract: Contract, milestones: tuple[Milestone, ...], release: Money | None, cause: Cause
) -> None:
    """Bind the contract's value, and settle the periods whose grades came before the contract."""
    reference = pack_of(contract).reference(RESERVATION_RULE)
    await store.lock_process(work.connection, ocid)
    before = await store.find_process(work.connection, ocid)
    if before is None:
        raise NotAllowed("nothing-reserved", "No funds are set aside for this procedure.", reference=reference)
    milestones, memos = await _later_parts(work, before, milestones)
    change = before.commit(contract, milestones, reference, cause, release=release, memos=memos)
    await settle_waiting(work, await enter(work, before, change))


async def request_change(work: Work, ocid: str, contract: UUID, change: RequestedChange, cause: Cause) -> None:
    """Bind what a change of the contract adds, or say why not."""
    before = await _locked(work, ocid)
    bound = before.commitment(contract).contract
    reference = pack_of(bound).reference(RESERVATION_RULE)
    line = await ledger.line(work.connection, before.line)
    try:
        async with work.connection.begin_nested():
            await enter(work, before, domain.commit_change(before, contract, change, cause), of=line)
    except NotAllowed as refusal:
        available = await ledger.available(work.connection, line)
        await enter(work, before, domain.refuse_change(before, contract, change, refusal, available, reference))


async def change_contract(work: Work, ocid: str, contract: UUID, change: RequestedChange, cause: Cause) -> None:
    """Take over what both sides signed, and settle the periods that waited for it."""
    before = await _locked(work, ocid)
    await settle_waiting(work, await enter(work, before, domain.change_contract(before, contract, change, cause)))


async def drop_change(work: Work, ocid: str, contract: UUID, change: UUID, cause: Cause) -> None:
    """Give back what was bound for a change that failed, and settle the periods that waited for it."""
    before = await _locked(work, ocid)
    await settle_waiting(work, await enter(work, before, domain.drop_change(before, contract, change, cause)))


async def end(work: Work, ocid: str, contract: UUID, told: Ending, pack: RulePack, cause: Cause) -> None:
    """Give back what stays bound, once the contract has ended and its last period is graded, whichever is told first.

    A period that was accepted before the end may be told after it: until nothing more is graded, its money stays bound.
    """
    await store.lock_process(work.connection, ocid)
    before = await store.find_process(work.connection, ocid)
    known = before.find_commitment(contract) if before else None
    if known is not None and known.terminated:
        return
    if await store.pending_ending(work.connection, contract) in {None, told}:
        await store.add_pending_ending(work.connection, ocid, contract, told, cause, pack.ends_at("payment", work.now))
        return
    if before is None:
        raise NotAllowed("contract-unknown", "No funds are bound by such a contract.")
    ended = await enter(work, before, domain.terminate(before, contract, cause))
    await advances.follow(work, ended, contract)
    await settle_waiting(work, ended)
    await store.drop_pending_ending(work.connection, contract)


async def assign(work: Work, ocid: str, contract: UUID, payee: str) -> None:
    """Owe what is still to be delivered to another provider, and settle the periods that waited for it."""
    before = await _locked(work, ocid)
    assigned = await enter(work, before, domain.assign(before, contract, payee))
    await advances.follow(work, assigned, contract)
    await settle_waiting(work, assigned)


async def _later_parts(
    work: Work, funds: Funds, milestones: tuple[Milestone, ...]
) -> tuple[tuple[Milestone, ...], tuple[Memo, ...]]:
    line = await ledger.find_line(work.connection, funds.line)
    limits = await ceilings.of_line(work.connection, line) if line else None
    if line is None or limits is None or not limits.limits:
        return milestones, ()
    last = max((one.ends for one in milestones if one.ends), default=None)
    years = [await fiscal_years.find(work.connection, line.fiscal_year)]
    while last is not None and years[-1].ends < last:
        years.append(await fiscal_years.find(work.connection, years[-1].year + 1))
    return later_parts(milestones, line, years, limits)


async def _locked(work: Work, ocid: str) -> Funds:
    await store.lock_process(work.connection, ocid)
    return await store.process(work.connection, ocid)
