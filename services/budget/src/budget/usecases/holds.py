"""What becomes of amounts that are withheld; nothing here commits."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from budget.db import holds, store
from budget.domain import hold as domain
from budget.domain.funds import Funds
from budget.domain.funds_data import GradedPeriod
from budget.domain.hold import Hold, Proposal
from budget.domain.ledger import Cause
from budget.domain.payment import count_forfeiture, count_release, formula_of
from budget.domain.payment_order import released_order
from budget.domain.policy import POLICY
from budget.usecases import payments
from budget.usecases.entering import enter
from shared.kernel.access import Actor, permit_relation
from shared.kernel.errors import expect_version
from shared.kernel.ids import derived_id
from shared.kernel.money import Money
from shared.platform.work import Work
from shared.rules.pack import RulePack, pack_of


async def withhold(work: Work, fresh: Sequence[Hold]) -> None:
    """Keep what the acceptance of a period withholds; its event is the notice to the provider."""
    for one in fresh:
        await holds.add(work.connection, one)


async def appeal(work: Work, actor: Actor, identifier: UUID, grounds: str) -> Hold:
    """Contest a hold as the provider that would be paid."""
    before, _, pack, acceleration = await _locked(work, identifier)
    permit_relation(POLICY, "hold.appeal", actor, before.payee)
    after, events = domain.appeal(before, grounds, at=work.now, pack=pack, acceleration=acceleration)
    await holds.save(work.connection, before.version, after)
    await work.record(events)
    return after


async def propose(
    work: Work, identifier: UUID, kind: Literal["release", "forfeiture"], amount: Money | None, reason: str, by: str
) -> Hold:
    """Propose what becomes of a part of a hold; without an amount, of all that is still withheld."""
    before, _, pack, _ = await _locked(work, identifier)
    proposal = Proposal(kind, before.rest if amount is None else amount, reason, by, work.now)
    after, _ = domain.propose(before, proposal, pack)
    await holds.save(work.connection, before.version, after)
    return after


async def refuse(work: Work, identifier: UUID, by: str, *, version: int | None) -> Hold:
    """Drop what was proposed."""
    before, _, pack, _ = await _locked(work, identifier)
    expect_version(version, before.version)
    after, _ = domain.refuse(before, by=by, pack=pack)
    await holds.save(work.connection, before.version, after)
    return after


async def confirm(work: Work, identifier: UUID, by: str, *, version: int | None) -> Hold:
    """Carry out what was proposed: owe what is released, give back to the line what is forfeited."""
    before, funds, pack, _ = await _locked(work, identifier)
    expect_version(version, before.version)
    after, proposal, events = domain.confirm(before, by=by, at=work.now, pack=pack)
    await holds.save(work.connection, before.version, after)
    await work.record(events)
    if proposal.kind == "release":
        await _owe(work, funds, after, proposal.amount, proposal.reason, pack, work.now)
    else:
        cause = _cause(after, work.now)
        await enter(work, funds, count_forfeiture(funds, after, proposal.amount, proposal.reason, cause))
    return after


async def release_met(work: Work, funds: Funds, graded: GradedPeriod) -> Funds:
    """Release the holds of a contract that the grade of a later period ends."""
    contract = funds.commitment(graded.contract).contract
    pack = pack_of(contract)
    formula = formula_of(contract, pack)
    for before in await holds.open_of(work.connection, graded.contract):
        if before.met_by(formula, graded.period, graded.grade):
            reason = f"Period {graded.period} was graded {graded.grade}."
            _, funds = await _release(work, funds, before, reason, pack, work.now)
    return funds


async def let_time_act(work: Work, identifier: UUID) -> None:
    """Release a hold whose days have passed."""
    await _locked(work, identifier)


async def _release(
    work: Work, funds: Funds, before: Hold, reason: str, pack: RulePack, at: datetime
) -> tuple[Hold, Funds]:
    after, events = domain.release_by_condition(before, reason, at=at)
    await holds.save(work.connection, before.version, after)
    await work.record(events)
    return after, await _owe(work, funds, after, before.rest, reason, pack, at)


async def _owe(work: Work, funds: Funds, hold: Hold, amount: Money, reason: str, pack: RulePack, at: datetime) -> Funds:
    entered = await enter(work, funds, count_release(funds, hold, amount, reason, _cause(hold, at)))
    due = pack.ends_at("payment", at, funds.commitment(hold.contract).contract.acceleration)
    await payments.raise_order(work, released_order(hold, amount, reason, line=entered.line, at=at, due_at=due))
    return entered


async def _locked(work: Work, identifier: UUID) -> tuple[Hold, Funds, RulePack, int]:
    seen = await holds.hold(work.connection, identifier)
    # Whoever changes the money of a process holds the process first.
    await store.lock_process(work.connection, seen.ocid)
    funds = await store.process(work.connection, seen.ocid)
    contract = funds.commitment(seen.contract).contract
    pack, found = pack_of(contract), await holds.hold(work.connection, identifier)
    # Time acts first: nobody decides on what was to be paid before.
    if found.clock_at is not None and found.clock_at <= work.now:
        reason = f"{found.condition.days} days have passed."
        found, funds = await _release(work, funds, found, reason, pack, found.clock_at)
    return found, funds, pack, contract.acceleration


def _cause(hold: Hold, at: datetime) -> Cause:
    return Cause(derived_id("hold-decision", hold.id, hold.version), at)
