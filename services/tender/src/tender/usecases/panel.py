"""A panel's pool, draw and seats; nothing here commits."""

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel import draw as selection
from shared.kernel.access import Actor
from shared.kernel.beacon import Beacon
from shared.kernel.errors import NotAllowed, expect_version
from shared.kernel.ids import derived_id, opaque_id
from shared.platform.work import Work
from shared.rules.pack import RulePack, pack_of
from tender.db import experts, store
from tender.db import panels as panel_store
from tender.domain import panel as seats
from tender.domain import panel_appointment, panel_conflicts, panel_draw
from tender.domain.award import Score, ScoreSheet, check_sheet
from tender.domain.draw_parts import Closing, Randomness
from tender.domain.expert import eligible
from tender.domain.panel import Panel
from tender.domain.panel_obstacles import Candidates
from tender.domain.panel_parts import Tie
from tender.domain.panel_scores import may_score, ranked_scores
from tender.domain.roles import Part, take_part
from tender.domain.tender import Tender
from tender.usecases import draws
from tender.usecases.draws import Given
from tender.usecases.planning import own_tender

MakeSecret = Callable[[], bytes]


async def close_pool(
    work: Work,
    actor: Actor,
    tender_id: UUID,
    composition: panel_draw.Composition,
    beacon: Beacon,
    make_secret: MakeSecret,
) -> Panel:
    """Close the pool of a tender's panel: from now on neither pool nor code nor beacon can be chosen."""
    tender, pack = await _own(work, actor, "panel.close-pool", tender_id)
    if await panel_store.find(work.connection, tender_id, lock=True) is not None:
        raise NotAllowed("panel-known", "The tender has a panel, or its pool is closed.")
    pool = eligible(await experts.admitted(work.connection), tender.service.code)
    secret = make_secret()
    panel, events = panel_draw.close_pool(
        tender,
        composition,
        [expert.id for expert in pool],
        beacon,
        identifier=derived_id("panel", tender_id),
        commitment=selection.commitment(secret, selection.CODES).hex(),
        at=work.now,
        pack=pack,
    )
    await panel_store.add(work.connection, panel, secret)
    await work.record(events)
    return panel


async def close_pool_again(
    work: Work, actor: Actor, tender_id: UUID, beacon: Beacon, reason: str, *, version: int | None
) -> Panel:
    """Close a new pool for the places that the last order cannot fill."""
    tender, pack = await _own(work, actor, "panel.close-pool", tender_id)
    before = await _panel(work, tender_id, version)
    pool = eligible(await experts.admitted(work.connection), tender.service.code)
    after, events = panel_draw.close_pool_again(
        before, tender, [expert.id for expert in pool], beacon, reason, at=work.now, pack=pack
    )
    await panel_store.save(work.connection, before, after)
    await work.record(events)
    return after


async def may_be_drawn(work: Work, actor: Actor, tender_id: UUID, given: Given, *, version: int | None) -> Panel:
    """Find a panel that the actor may draw now; no code is revealed, and nobody learns the order."""
    _, panel, _, _ = await _drawable(work, actor, tender_id, given, version)
    return panel


async def draw(work: Work, actor: Actor, tender_id: UUID, given: Given, *, version: int | None) -> Panel:
    """Draw the panel; numbers of public records are read by two persons before they draw."""
    tender, before, closing, randomness = await _drawable(work, actor, tender_id, given, version)
    if randomness.numbers is not None:
        entered, agreed = panel_draw.enter_numbers(before, randomness, actor.person)
        if not agreed:
            await panel_store.save(work.connection, before, entered)
            return entered
    secret = await panel_store.secret(work.connection, before.id)
    after, events = panel_draw.draw_panel(
        before,
        tender,
        randomness,
        selection.reveal(secret, selection.CODES, closing.iteration),
        at=work.now,
        pack=pack_of(tender),
        candidates=await _candidates(work, before, closing.pool),
    )
    await panel_store.save(work.connection, before, after)
    await work.record(events)
    return after


async def appoint(
    work: Work,
    actor: Actor,
    tender_id: UUID,
    composition: panel_draw.Composition,
    labels: Sequence[UUID],
    reason: str,
) -> Panel:
    """Appoint the experts instead of drawing them, or others in the place of those who left, where the pack lets it."""
    tender, pack = await _own(work, actor, "panel.appoint", tender_id)
    before = await panel_store.find(work.connection, tender_id, lock=True)
    if before is not None:
        candidates = await _candidates(work, before, labels)
        after, filled = panel_appointment.appoint_again(
            before, tender, composition, labels, reason, at=work.now, pack=pack, candidates=candidates
        )
        await panel_store.save(work.connection, before, after)
        await work.record(filled)
        return after
    identifier = derived_id("panel", tender_id)
    known = {expert.id: expert for expert in await experts.of_pool(work.connection, labels)}
    candidates = Candidates(known, await panel_store.sat_on(work.connection, other_than=identifier))
    panel, events = panel_appointment.appoint(
        tender,
        composition,
        labels,
        reason,
        identifier=identifier,
        at=work.now,
        pack=pack,
        candidates=candidates,
    )
    await panel_store.add(work.connection, panel, None)
    await work.record(events)
    return panel


async def release_seat(
    work: Work, actor: Actor, tender_id: UUID, label: UUID, reason: str, *, version: int | None
) -> Panel:
    """Take the seat of somebody who is silent beyond the term."""
    tender, pack = await _own(work, actor, "panel.release-seat", tender_id)
    before = await _panel(work, tender_id, version)
    after, events = seats.release_seat(
        before,
        label,
        reason,
        await panel_store.scored(work.connection, before),
        at=work.now,
        tender=tender,
        pack=pack,
        candidates=await _candidates(work, before, _last_pool(before)),
    )
    await panel_store.save(work.connection, before, after)
    await work.record(events)
    return after


async def represent(work: Work, actor: Actor, tender_id: UUID, person: str, name: str, *, version: int | None) -> Panel:
    """Appoint one of the purchaser's people."""
    tender, pack = await _own(work, actor, "panel.represent", tender_id)
    before = await _panel(work, tender_id, version)
    seat = panel_draw.representative(opaque_id(), person, name, actor.organisation)
    after = seats.represent(before, seat, at=work.now, tender=tender, pack=pack)
    await panel_store.save(work.connection, before, after)
    return after


async def name_chair(work: Work, actor: Actor, tender_id: UUID, label: UUID, *, version: int | None) -> Panel:
    """Name who chairs."""
    tender, pack = await _own(work, actor, "panel.name-chair", tender_id)
    before = await _panel(work, tender_id, version)
    after = seats.name_chair(before, label, tender=tender, pack=pack)
    await panel_store.save(work.connection, before, after)
    return after


async def accept(work: Work, actor: Actor, tender_id: UUID) -> Panel:
    """Accept a seat."""
    tender, before, pack = await for_member(work, tender_id)
    candidates = await _candidates(work, before, ())
    after = seats.accept(before, actor.person, at=work.now, tender=tender, pack=pack, candidates=candidates)
    await panel_store.save(work.connection, before, after)
    return after


async def refuse(work: Work, actor: Actor, tender_id: UUID, reason: str) -> Panel:
    """Refuse a seat."""
    tender, before, pack = await for_member(work, tender_id)
    after, events = seats.refuse(
        before,
        actor.person,
        reason,
        at=work.now,
        tender=tender,
        pack=pack,
        candidates=await _candidates(work, before, _last_pool(before)),
    )
    await panel_store.save(work.connection, before, after)
    await work.record(events)
    return after


async def declare(work: Work, actor: Actor, tender_id: UUID, ties: Sequence[Tie]) -> Panel:
    """Declare how one stands to the bidders."""
    tender, before, pack = await for_member(work, tender_id)
    after, events = panel_conflicts.declare(
        before,
        actor.person,
        ties,
        organisation=actor.organisation,
        at=work.now,
        tender=tender,
        pack=pack,
        candidates=await _candidates(work, before, _last_pool(before)),
    )
    await panel_store.save(work.connection, before, after)
    await work.record(events)
    return after


async def score(work: Work, actor: Actor, tender_id: UUID, sheet: ScoreSheet) -> None:
    """Keep a member's private sheet in the place of an earlier one; nobody else sees it before all are revealed."""
    tender, panel, pack = await for_member(work, tender_id)
    may_score(panel, tender, actor.person, actor.organisation, pack)
    check_sheet(tender, sheet)
    await panel_store.put_sheet(work.connection, panel, sheet, work.now)


async def locked_scores(connection: AsyncConnection, tender: Tender) -> tuple[Score, ...] | None:
    """Return the final scores that the ranking takes; none until the panel has locked those of this round."""
    return ranked_scores(await panel_store.find(connection, tender.id), tender)


async def may_take_part(work: Work, tender: Tender, part: Part) -> Panel | None:
    """Admit a person to one more role in a procedure, and return its panel.

    Raises:
        Forbidden: roles-incompatible.
    """
    panel = await panel_store.find(work.connection, tender.id)
    known = panel.parts(tender) if panel else ()
    take_part(part, known, tender, pack_of(tender))
    return panel


async def for_member(work: Work, tender_id: UUID) -> tuple[Tender, Panel, RulePack]:
    """Lock a tender's panel for one of its members; the tender stays as it is meanwhile.

    Raises:
        NotFound: not-found, for a tender without a panel.
    """
    tender = await store.tender_for_bid(work.connection, tender_id)
    panel = await panel_store.panel(work.connection, tender_id, lock=True)
    return tender, panel, pack_of(tender)


async def _own(work: Work, actor: Actor, action: str, tender_id: UUID) -> tuple[Tender, RulePack]:
    tender = await own_tender(work, actor, action, tender_id)
    return tender, pack_of(tender)


async def _panel(work: Work, tender_id: UUID, version: int | None) -> Panel:
    panel = await panel_store.panel(work.connection, tender_id, lock=True)
    expect_version(version, panel.version)
    return panel


async def _drawable(
    work: Work, actor: Actor, tender_id: UUID, given: Given, version: int | None
) -> tuple[Tender, Panel, Closing, Randomness]:
    tender, pack = await _own(work, actor, "panel.draw", tender_id)
    panel = await _panel(work, tender_id, version)
    closing = panel_draw.may_draw(panel, tender, at=work.now, pack=pack)
    return tender, panel, closing, await draws.read(closing.beacon, given)


async def _candidates(work: Work, panel: Panel, pool: Sequence[UUID]) -> Candidates:
    labels = (*pool, *(seat.label for seat in panel.seats))
    known = {expert.id: expert for expert in await experts.of_pool(work.connection, labels)}
    return Candidates(known, await panel_store.sat_on(work.connection, other_than=panel.id))


def _last_pool(panel: Panel) -> tuple[UUID, ...]:
    return panel.draws[-1].closing.pool if panel.draws else ()
