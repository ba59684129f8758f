"""From the scores to the confirmed award; nothing here commits."""

from uuid import UUID

from shared.kernel.access import Actor
from shared.kernel.ids import derived_id
from shared.platform.work import Work
from shared.rules.pack import pinned_pack
from tender.db import contract as contracts
from tender.db import store
from tender.domain.award import ScoreSheet, check_sheet, confirm_award, may_propose, propose_award
from tender.domain.contract import generate_contract
from tender.domain.tender import Tender
from tender.usecases.planning import own_tender


async def score(work: Work, actor: Actor, tender_id: UUID, sheet: ScoreSheet) -> None:
    """Keep a panel member's scores; nobody sees them before the proposal."""
    tender = await store.tender(work.connection, tender_id, lock=True)
    check_sheet(tender, sheet, actor.organisation)
    await store.add_sheet(work.connection, tender_id, sheet, work.now)


async def may_be_proposed(work: Work, actor: Actor, tender_id: UUID, *, version: int | None) -> Tender:
    """Find a tender whose award the actor may propose now; the scores stay unseen."""
    tender = await own_tender(work, actor, "award.propose", tender_id, version=version)
    may_propose(tender, await store.sheets(work.connection, tender_id))
    return tender


async def propose(work: Work, actor: Actor, tender_id: UUID, *, version: int | None) -> Tender:
    """Rank the bids and begin the standstill."""
    before = await own_tender(work, actor, "award.propose", tender_id, version=version)
    sheets = await store.sheets(work.connection, tender_id)
    after, events = propose_award(
        before, sheets, by=actor.person, at=work.now, pack=pinned_pack(before.pack, before.pack_version)
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
    await contracts.add(work.connection, contract)
    await work.record((*events, *generated))
    return after
