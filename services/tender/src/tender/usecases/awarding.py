"""From the scores to the confirmed award; nothing here commits."""

from uuid import UUID

from shared.kernel.access import Actor
from shared.kernel.ids import derived_id
from shared.platform.work import Work
from shared.rules.pack import pack_of
from tender.db import contract as contracts
from tender.db import store
from tender.domain.award import (
    cancel_award,
    confirm_award,
    may_propose,
    propose_award,
)
from tender.domain.contract import generate_contract
from tender.domain.endings import Change, standing_award
from tender.domain.framework_award import not_for_framework
from tender.domain.panel import Panel
from tender.domain.panel_scores import ranked_scores
from tender.domain.roles import Part
from tender.domain.tender import Tender
from tender.usecases import withheld
from tender.usecases.annulment import annul_contract
from tender.usecases.challenges import hold_up
from tender.usecases.notices import tell_result
from tender.usecases.panel import may_take_part
from tender.usecases.planning import own_tender


async def _kept(work: Work, before: Tender, change: Change) -> Tender:
    after, events = change
    await store.save_tender(work.connection, before, after)
    await work.record(events)
    return after


async def may_be_proposed(work: Work, actor: Actor, tender_id: UUID, lot: str, *, version: int | None) -> Tender:
    """Find a tender of which the actor may propose a lot's award now; the scores stay unseen."""
    tender, _ = await _proposable(work, actor, tender_id, lot, version)
    return tender


async def _proposable(
    work: Work, actor: Actor, tender_id: UUID, lot: str, version: int | None
) -> tuple[Tender, Panel | None]:
    tender = await own_tender(work, actor, "award.propose", tender_id, version=version)
    not_for_framework(tender)
    may_propose(tender, lot, pack_of(tender))
    return tender, await may_take_part(work, tender, Part(actor.person, actor.organisation, "award-proposer"))


async def propose(work: Work, actor: Actor, tender_id: UUID, lot: str, *, version: int | None) -> Tender:
    """Rank the bids of a lot and begin the standstill."""
    before, panel = await _proposable(work, actor, tender_id, lot, version)
    scores = ranked_scores(panel, before)
    change = propose_award(
        before, lot, scores or (), by=actor.person, at=work.now, pack=pack_of(before), salt=withheld.new_salt()
    )
    after = await _kept(work, before, change)
    await withheld.keep(work, tender_id, change[1])
    await tell_result(work, after, lot)
    return after


async def confirm(work: Work, actor: Actor, tender_id: UUID, lot: str, *, version: int | None) -> Tender:
    """Confirm a lot's award after the standstill, and generate the contract from it."""
    before = await own_tender(work, actor, "award.confirm", tender_id, version=version)
    identifier = derived_id("contract", standing_award(before, lot).id)
    await hold_up(work, before, lot)
    after, award, event = confirm_award(
        before, lot, by=actor.person, at=work.now, pack=pack_of(before), contract=identifier
    )
    contract, generated = generate_contract(
        after,
        award,
        identifier=identifier,
        signature_due=event.signature_due,
        release=after.lot(lot).value - award.value,
    )
    await store.save_tender(work.connection, before, after)
    await contracts.add(work.connection, contract)
    await work.record((event, *generated))
    return after


async def cancel(work: Work, actor: Actor, tender_id: UUID, lot: str, reason: str, *, version: int | None) -> Tender:
    """Take an award back, unless a contract is in force on it."""
    before = await own_tender(work, actor, "award.cancel", tender_id, version=version)
    identifier = standing_award(before, lot).contract
    if identifier is not None:
        await annul_contract(work, identifier, reason)
    return await _kept(work, before, cancel_award(before, lot, reason, at=work.now, pack=pack_of(before)))
