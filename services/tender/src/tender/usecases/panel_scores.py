"""Revealing, agreeing on, signing and locking a panel's scores; nothing here commits."""

from collections.abc import Sequence
from uuid import UUID

from shared.kernel.access import Actor
from shared.kernel.errors import expect_version
from shared.platform.work import Work
from shared.rules.pack import pack_of
from tender.db import panels as panel_store
from tender.domain import panel_scores
from tender.domain.panel import Panel
from tender.domain.panel_parts import Agreed, Vote
from tender.usecases import withheld
from tender.usecases.panel import for_member
from tender.usecases.planning import own_tender


async def may_be_revealed(work: Work, actor: Actor, tender_id: UUID) -> Panel:
    """Find a panel whose scores the actor may reveal now; no sheet is read."""
    tender, panel, pack = await for_member(work, tender_id)
    scored = await panel_store.scored(work.connection, panel)
    panel_scores.may_reveal(panel, tender, actor.person, scored, pack)
    return panel


async def reveal(work: Work, actor: Actor, tender_id: UUID) -> Panel:
    """Reveal all sheets at once."""
    tender, before, pack = await for_member(work, tender_id)
    sheets = await panel_store.sheets(work.connection, before)
    after, events = panel_scores.reveal(
        before, tender, actor.person, sheets, at=work.now, pack=pack, salt=withheld.new_salt()
    )
    await panel_store.save(work.connection, before, after)
    await work.record(events)
    await withheld.keep(work, tender_id, events)
    return after


async def agree(work: Work, actor: Actor, tender_id: UUID, agreed: Sequence[Agreed]) -> Panel:
    """Set the scores that the panel agreed on."""
    tender, before, pack = await for_member(work, tender_id)
    after = panel_scores.agree(before, actor.person, agreed, at=work.now, tender=tender, pack=pack)
    await panel_store.save(work.connection, before, after)
    return after


async def sign(
    work: Work, actor: Actor, tender_id: UUID, vote: Vote, reasons: str | None, *, version: int | None
) -> Panel:
    """Sign the report that the actor has read, or dissent."""
    tender, before, pack = await for_member(work, tender_id)
    expect_version(version, before.version)
    after = panel_scores.sign(before, actor.person, vote, reasons, tender=tender, pack=pack)
    await panel_store.save(work.connection, before, after)
    return after


async def lock(work: Work, actor: Actor, tender_id: UUID) -> Panel:
    """Make the scores final."""
    tender, before, pack = await for_member(work, tender_id)
    after, events = panel_scores.lock(
        before, actor.person, at=work.now, tender=tender, pack=pack, salt=withheld.new_salt()
    )
    await panel_store.save(work.connection, before, after)
    await work.record(events)
    await withheld.keep(work, tender_id, events)
    return after


async def open_round(work: Work, actor: Actor, tender_id: UUID, reason: str) -> Panel:
    """Let the panel score anew."""
    tender = await own_tender(work, actor, "panel.open-round", tender_id)
    before = await panel_store.panel(work.connection, tender_id, lock=True)
    pack = pack_of(tender)
    after, events = panel_scores.open_round(before, tender, reason, at=work.now, pack=pack)
    await panel_store.save(work.connection, before, after)
    await work.record(events)
    return after
