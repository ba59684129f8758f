"""From the scores to the signed contract; nothing here commits."""

from uuid import UUID

from shared.kernel.access import Actor, permit_relation
from shared.kernel.ids import derived_id
from shared.platform.work import Work
from shared.rules.pack import pinned_pack
from tender.db import store
from tender.domain.award import confirm_award, may_propose, propose_award
from tender.domain.contract import Contract, generate_contract
from tender.domain.policy import POLICY
from tender.domain.roles import Part
from tender.domain.tender import Tender
from tender.usecases.panel import locked_scores, may_take_part
from tender.usecases.planning import own_tender


async def may_be_proposed(work: Work, actor: Actor, tender_id: UUID, *, version: int | None) -> Tender:
    """Find a tender whose award the actor may propose now; the scores stay unseen."""
    tender = await own_tender(work, actor, "award.propose", tender_id, version=version)
    may_propose(tender, await locked_scores(work.connection, tender_id))
    await may_take_part(work, tender, Part(actor.person, actor.organisation, "award-proposer"))
    return tender


async def propose(work: Work, actor: Actor, tender_id: UUID, *, version: int | None) -> Tender:
    """Rank the bids and begin the standstill."""
    before = await may_be_proposed(work, actor, tender_id, version=version)
    scores = await locked_scores(work.connection, tender_id)
    after, events = propose_award(
        before, scores, by=actor.person, at=work.now, pack=pinned_pack(before.pack, before.pack_version)
    )
    await store.save_tender(work.connection, before, after)
    await work.record(events)
    return after


async def confirm(work: Work, actor: Actor, tender_id: UUID, *, version: int | None) -> Tender:
    """Confirm the award after the standstill, and generate the contract from it."""
    before = await own_tender(work, actor, "award.confirm", tender_id, version=version)
    pack = pinned_pack(before.pack, before.pack_version)
    identifier = derived_id("contract", before.award.id if before.award else before.id)
    after, events = confirm_award(before, by=actor.person, at=work.now, pack=pack, contract=identifier)
    assert after.award is not None  # noqa: S101 - confirmed
    contract, generated = generate_contract(
        after, after.award, identifier=identifier, signature_due=events[0].signature_due
    )
    await store.save_tender(work.connection, before, after)
    await store.add_contract(work.connection, contract)
    await work.record((*events, *generated))
    return after


async def sign_as_supplier(work: Work, actor: Actor, contract_id: UUID) -> Contract:
    """Sign as the supplier, first."""
    before = await store.contract(work.connection, contract_id, lock=True)
    permit_relation(POLICY, "contract.sign-as-supplier", actor, before.supplier.id)
    after, events = before.sign_as_supplier(work.now)
    await store.save_contract(work.connection, before, after)
    await work.record(events)
    return after


async def sign_as_buyer(work: Work, actor: Actor, contract_id: UUID) -> Contract:
    """Sign as the buyer, second; the contract is in force."""
    before = await store.contract(work.connection, contract_id, lock=True)
    permit_relation(POLICY, "contract.sign-as-buyer", actor, before.buyer.id)
    after, events = before.sign_as_buyer(work.now)
    await store.save_contract(work.connection, before, after)
    await work.record(events)
    return after
