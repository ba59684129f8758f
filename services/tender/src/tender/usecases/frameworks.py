"""Framework agreements, from the award to the last call-off; nothing here commits."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.access import Actor, permit_relation
from shared.kernel.errors import expect_version
from shared.kernel.ids import derived_id, new_id, opaque_id
from shared.kernel.money import Money
from shared.platform.work import Work
from shared.rules.pack import pack_of
from tender.db import contract as contracts
from tender.db import frameworks as kept
from tender.db import store
from tender.domain.contract import Contract, generate_order
from tender.domain.framework import Framework
from tender.domain.framework_award import confirm_framework, may_propose_framework, propose_framework
from tender.domain.framework_conclusion import conclude
from tender.domain.framework_events import FrameworkEvent
from tender.domain.framework_parts import Order
from tender.domain.panel import Panel
from tender.domain.panel_scores import ranked_scores
from tender.domain.parts import Party
from tender.domain.policy import POLICY
from tender.domain.roles import Part
from tender.domain.seal import digest, scheme
from tender.domain.tender import Tender
from tender.usecases import withheld
from tender.usecases.bidding import verified
from tender.usecases.challenges import hold_up
from tender.usecases.notices import tell_result
from tender.usecases.panel import may_take_part
from tender.usecases.planning import own_tender

Change = tuple[Framework, tuple[FrameworkEvent, ...]]


async def may_be_proposed(work: Work, actor: Actor, tender_id: UUID, lot: str, *, version: int | None) -> Tender:
    """Find a tender of which the actor may propose a lot's framework agreement now; the scores stay unseen."""
    tender, _ = await _proposable(work, actor, tender_id, lot, version)
    return tender


async def _proposable(
    work: Work, actor: Actor, tender_id: UUID, lot: str, version: int | None
) -> tuple[Tender, Panel | None]:
    tender = await own_tender(work, actor, "award.propose", tender_id, version=version)
    may_propose_framework(tender, lot, pack_of(tender))
    return tender, await may_take_part(work, tender, Part(actor.person, actor.organisation, "award-proposer"))


async def propose(work: Work, actor: Actor, tender_id: UUID, lot: str, *, version: int | None) -> Tender:
    """Rank the bids of a lot and name who is to be admitted."""
    before, panel = await _proposable(work, actor, tender_id, lot, version)
    scores = ranked_scores(panel, before)
    after, events = propose_framework(
        before, lot, scores or (), by=actor.person, at=work.now, pack=pack_of(before), salt=withheld.new_salt()
    )
    await store.save_tender(work.connection, before, after)
    await work.record(events)
    await withheld.keep(work, tender_id, events)
    await tell_result(work, after, lot)
    return after


async def confirm(work: Work, actor: Actor, tender_id: UUID, lot: str, *, version: int | None) -> Framework:
    """Conclude the framework agreement of a lot after the standstill."""
    before = await own_tender(work, actor, "award.confirm", tender_id, version=version)
    await hold_up(work, before, lot)
    pack = pack_of(before)
    after, proposal = confirm_framework(before, lot, by=actor.person, at=work.now, pack=pack)
    identifier = derived_id("framework", before.id, lot)
    framework, events = conclude(after, lot, proposal, identifier=identifier, at=work.now, pack=pack)
    await store.save_tender(work.connection, before, after)
    await kept.add(work.connection, framework)
    await work.record(events)
    return framework


async def call_off(
    work: Work, actor: Actor, framework_id: UUID, order: Order, supplier: str, *, version: int | None
) -> Contract:
    """Order under a framework agreement from a verified supplier; the contract is generated from the order."""
    before = await _own(work, actor, "framework.call-off", framework_id, version)
    identifier = new_id()
    after, events = before.call_off(order, supplier, contract=identifier, at=work.now, pack=pack_of(before))
    await verified(work, supplier, pack_of(before), "orders")
    await _kept(work, before, (after, events))
    return await _contracted(work, after, order, after.member(supplier).supplier, identifier)


async def compete(
    work: Work, actor: Actor, framework_id: UUID, order: Order, closes_at: datetime, *, version: int | None
) -> Framework:
    """Let the suppliers compete for an order."""
    before = await _own(work, actor, "framework.call-off", framework_id, version)
    change = before.compete(order, identifier=new_id(), closes_at=closes_at, at=work.now, pack=pack_of(before))
    return await _kept(work, before, change)


async def quote(
    work: Work, actor: Actor, framework_id: UUID, competition: UUID, *, scheme_name: str, envelope: bytes, salt: str
) -> kept.SealedQuote:
    """Receive a verified supplier's sealed quote strictly before the deadline; the last one counts."""
    framework = await kept.framework_for_quote(work.connection, framework_id)
    framework.check_quote(competition, actor.organisation, work.now, pack_of(framework))
    await verified(work, actor.organisation, pack_of(framework), "orders")
    scheme(scheme_name).check(envelope, "/body/envelope")
    sealed = kept.SealedQuote(
        id=opaque_id(),
        framework=framework.id,
        competition=competition,
        supplier=framework.member(actor.organisation).supplier,
        received_at=work.now,
        digest=digest(salt, envelope),
        salt=salt,
        scheme=scheme_name,
        envelope=envelope,
    )
    await kept.keep_quote(work.connection, sealed)
    return sealed


async def may_be_decided(
    work: Work, actor: Actor, framework_id: UUID, competition: UUID, *, version: int | None
) -> Framework:
    """Find a competition that the actor may open now; every quote stays sealed."""
    framework = await _own(work, actor, "framework.call-off", framework_id, version)
    framework.may_decide(competition, work.now, pack_of(framework))
    return framework


async def decide(work: Work, actor: Actor, framework_id: UUID, competition: UUID, *, version: int | None) -> Framework:
    """Open the quotes at the deadline; the lowest gets the order."""
    before = await may_be_decided(work, actor, framework_id, competition, version=version)
    quotes = await kept.release_quotes(work.connection, competition, person=actor.person, at=work.now)
    identifier = new_id()
    after, events, best = before.decide_competition(
        competition, quotes, contract=identifier, at=work.now, pack=pack_of(before)
    )
    await _kept(work, before, (after, events))
    if best is not None and best.price is not None:
        order = replace(before.competition(competition).order, value=best.price)
        await _contracted(work, after, order, best.supplier, identifier)
    return after


async def ask_to_join(work: Work, actor: Actor, framework_id: UUID, *, version: int | None) -> Framework:
    """Ask, as a verified provider, to be taken into an open framework agreement."""
    before = await _as_of_now(work, await kept.framework(work.connection, framework_id, lock=True), version)
    supplier = await verified(work, actor.organisation, pack_of(before))
    return await _kept(work, before, (before.ask_to_join(supplier, at=work.now, pack=pack_of(before)), ()))


async def decide_joining(
    work: Work,
    actor: Actor,
    framework_id: UUID,
    supplier: str,
    reason: str,
    *,
    admitted: bool,
    version: int | None,
) -> Framework:
    """Take in a supplier that has asked to join, or not."""
    before = await _own(work, actor, "framework.admit", framework_id, version)
    return await _kept(work, before, before.decide_joining(supplier, reason, admitted=admitted))


async def let_leave(
    work: Work, actor: Actor, framework_id: UUID, supplier: str, reason: str, *, version: int | None
) -> Framework:
    """Call on a supplier no more."""
    before = await _own(work, actor, "framework.admit", framework_id, version)
    return await _kept(work, before, before.leave(supplier, reason))


async def give_back(work: Work, contract: Contract) -> None:
    """Take back into the ceiling what was called off by a contract that nobody signed."""
    if contract.framework is None:
        return
    before = await _as_of_now(work, await kept.framework(work.connection, contract.framework, lock=True))
    await _kept(work, before, before.give_back(contract.supplier.id, contract.value, contract=contract.id))


async def check_change(connection: AsyncConnection, contract: Contract, difference: Money) -> None:
    """Refuse early what would not stay within the ceiling; what counts is the signature."""
    if contract.framework is not None:
        framework = await kept.framework(connection, contract.framework)
        framework.check_change(difference, pack_of(framework))


async def change_order(work: Work, contract: Contract, difference: Money) -> None:
    """Count what a change that comes into force makes of an order under a framework agreement."""
    if contract.framework is None:
        return
    before = await _as_of_now(work, await kept.framework(work.connection, contract.framework, lock=True))
    # Also where another provider took the contract over, the order stays one from whom it was called off.
    supplier = contract.assignments[0].before if contract.assignments else contract.supplier
    after, events = before.change_order(supplier.id, difference, contract=contract.id, pack=pack_of(before))
    if events:
        await _kept(work, before, (after, events))


async def let_time_act(work: Work, framework_id: UUID) -> None:
    """End a framework agreement with its term."""
    await _as_of_now(work, await kept.framework(work.connection, framework_id, lock=True))


async def listed(connection: AsyncConnection, after: UUID | None, limit: int) -> Sequence[Framework]:
    return await kept.page(connection, after, limit)


async def one(connection: AsyncConnection, framework_id: UUID) -> Framework:
    return await kept.framework(connection, framework_id)


async def _own(work: Work, actor: Actor, action: str, framework_id: UUID, version: int | None) -> Framework:
    framework = await kept.framework(work.connection, framework_id, lock=True)
    permit_relation(POLICY, action, actor, framework.buyer.id)
    return await _as_of_now(work, framework, version)


async def _as_of_now(work: Work, stored: Framework, version: int | None = None) -> Framework:
    """Do first what time has done to a locked agreement; the version is that of the agreement as it was stored."""
    expect_version(version, stored.version)
    after, events = stored.expire(work.now)
    return await _kept(work, stored, (after, events)) if events else stored


async def _kept(work: Work, before: Framework, change: Change) -> Framework:
    after, events = change
    await kept.save(work.connection, before, after)
    await work.record(events)
    return after


async def _contracted(work: Work, framework: Framework, order: Order, supplier: Party, identifier: UUID) -> Contract:
    due = pack_of(framework).ends_at("contract-signing", work.now, framework.acceleration)
    contract, events = generate_order(framework, order, supplier, identifier=identifier, signature_due=due)
    await contracts.add(work.connection, contract)
    await work.record(events)
    return contract
