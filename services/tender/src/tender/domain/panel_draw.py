"""Closing the pool, and drawing from it once its beacon has spoken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from uuid import UUID

from shared.kernel.beacon import Beacon
from shared.kernel.errors import NotAllowed
from shared.rules.facts import FactValue
from shared.rules.pack import RulePack
from tender.domain.draw_parts import Closing, Randomness
from tender.domain.panel import Panel, expect_procedure, seats_for, settled
from tender.domain.panel_events import PanelDrawn, PoolClosed
from tender.domain.panel_obstacles import Candidates, hold_to
from tender.domain.panel_parts import LIFECYCLE, PanelStatus, Seat, SeatStatus
from tender.domain.public_draw import expect_ahead, expect_spoken, numbers_entered, ordered, told
from tender.domain.tender import Tender

LARGEST_POOL = 2_000


@dataclass(frozen=True, slots=True)
class Composition:
    """How a panel is to be made up.

    Shape: complex and large_social_impact are what the office says of the matter; none where it does not say.
    """

    experts: int
    representatives: int
    complex: bool | None = None
    large_social_impact: bool | None = None


def check_composition(tender: Tender, composition: Composition, pack: RulePack, *, drawn: bool) -> None:
    """Hold the make-up of a panel to the pack.

    Raises:
        NotAllowed: panel-composition; fact-missing.
    """
    facts: dict[str, FactValue] = {
        "committee.members": Fraction(composition.experts + composition.representatives),
        "committee.experts": Fraction(composition.experts),
        "committee.drawn_at_random": drawn,
        "committee.chosen_with_approval": not drawn,
        "procedure.method": tender.content.procurement.method,
        "procedure.estimate": Fraction(tender.content.value.amount),
    }
    if composition.complex is not None:
        facts["procedure.complex"] = composition.complex
    if composition.large_social_impact is not None:
        facts["procedure.large_social_impact"] = composition.large_social_impact
    hold_to(facts, pack, "panel-composition", "The panel is not made up as the rules ask.")


def close_pool(
    tender: Tender,
    composition: Composition,
    pool: Sequence[UUID],
    beacon: Beacon,
    *,
    identifier: UUID,
    commitment: str,
    at: datetime,
    pack: RulePack,
) -> tuple[Panel, tuple[PoolClosed, ...]]:
    """Fix the pool, the commitment and the beacon, before anybody can know the randomness.

    Raises:
        NotAllowed: tender-not-active, panel-composition, fact-missing, beacon-too-early, pool-too-small.
    """
    expect_procedure(tender)
    check_composition(tender, composition, pack, drawn=True)
    panel = Panel(
        id=identifier,
        version=0,
        ocid=tender.ocid,
        tender=tender.id,
        experts=composition.experts,
        representatives=composition.representatives,
        closing=None,
        round=tender.round,
    )
    return _closed(panel, tender, pool, beacon, commitment, iteration=1, reason=None, at=at, pack=pack)


def close_pool_again(
    panel: Panel, tender: Tender, pool: Sequence[UUID], beacon: Beacon, reason: str, *, at: datetime, pack: RulePack
) -> tuple[Panel, tuple[PoolClosed, ...]]:
    """Close a new pool for the places that the order of the last draw cannot fill; the next code will be revealed.

    Raises:
        NotAllowed: panel-not-forming; panel-places-filled, while the order may still fill them; as close_pool().
    """
    expect_procedure(tender)
    LIFECYCLE.admit("close-pool-again", panel.status)
    if panel.closing is None or panel.places_left == 0:
        raise NotAllowed("panel-places-filled", "Every place of an expert is filled or offered.")
    taken = {seat.label for seat in panel.seats}
    left = tuple(label for label in pool if label not in taken)
    closing = panel.closing
    return _closed(
        panel,
        tender,
        left,
        beacon,
        closing.commitment,
        iteration=closing.iteration + 1,
        reason=reason,
        at=at,
        pack=pack,
    )


def may_draw(panel: Panel, tender: Tender, *, at: datetime, pack: RulePack) -> Closing:
    """Admit the draw.

    Raises:
        NotAllowed: panel-not-pool-closed; beacon-not-yet; drawn-too-early.
    """
    expect_procedure(tender)
    LIFECYCLE.admit("draw", panel.status)
    assert panel.closing is not None  # noqa: S101 - a panel whose pool is closed has that closing
    expect_spoken(panel.closing.beacon, at=at, pack=pack)
    assert tender.closes_at is not None  # noqa: S101 - it is open for bids, or was
    dates: Mapping[str, FactValue] = {
        "committee.drawn_on": pack.calendar.day_of(at),
        "procedure.opening_day": pack.calendar.day_of(tender.closes_at),
    }
    hold_to(dates, pack, "drawn-too-early", "The panel is drawn too long before the opening.")
    return panel.closing


def enter_numbers(panel: Panel, randomness: Randomness, person: str) -> tuple[Panel, bool]:
    """Note what a person read in the public records; return also whether two persons have read the same.

    Raises:
        NotAllowed: numbers-entered, if the same person enters the same again.
    """
    entries, agreed = numbers_entered(panel.entered, randomness, person)
    LIFECYCLE.move("enter-numbers", panel.status, PanelStatus.POOL_CLOSED)
    return replace(panel, version=panel.version + 1, entered=entries), agreed


def draw_panel(
    panel: Panel,
    tender: Tender,
    randomness: Randomness,
    code: bytes,
    *,
    at: datetime,
    pack: RulePack,
    candidates: Candidates,
) -> tuple[Panel, tuple[PanelDrawn, ...]]:
    """Reveal the code, order the whole pool, and offer the places to the first whom no rule keeps away.

    Raises:
        NotAllowed: what may_draw() refuses.
    """
    closing = may_draw(panel, tender, at=at, pack=pack)
    order = ordered(closing, randomness, code)
    seats, skipped, walked = seats_for(panel, order, closing.places, tender=tender, pack=pack, candidates=candidates)
    drawn = told(closing, randomness, code, order, [seat.label for seat in seats], skipped, walked, at=at)
    version = panel.version + 1
    after = replace(panel, version=version, draws=(*panel.draws, drawn), seats=(*panel.seats, *seats), entered=())
    return settled(panel, after, "draw", at=at, tender=tender, pack=pack), (
        PanelDrawn(**panel.of(version), draw=drawn),
    )


def representative(label: UUID, person: str, name: str, organisation: str) -> Seat:
    """Offer one of the purchaser's people a seat."""
    return Seat(label, "representative", person, name, organisation, SeatStatus.INVITED)


def _closed(
    panel: Panel,
    tender: Tender,
    pool: Sequence[UUID],
    beacon: Beacon,
    commitment: str,
    *,
    iteration: int,
    reason: str | None,
    at: datetime,
    pack: RulePack,
) -> tuple[Panel, tuple[PoolClosed, ...]]:
    expect_ahead(beacon, at=at, acceleration=tender.acceleration, pack=pack)
    places = panel.places_left
    if len(pool) > LARGEST_POOL:
        raise NotAllowed("pool-too-large", f"A draw is from {LARGEST_POOL} experts at the most.")
    if len(pool) < places:
        raise NotAllowed(
            "pool-too-small",
            "The pool has not enough experts for the places.",
            reference=pack.reference("committee.expert-admitted"),
            satisfied_by="Enough admitted experts of the service's speciality.",
        )
    closing = Closing(
        pool=tuple(sorted(pool, key=str)),
        commitment=commitment,
        iteration=iteration,
        beacon=beacon,
        places=places,
        closed_at=at,
        reason=reason,
    )
    version = panel.version + 1
    status = PanelStatus.POOL_CLOSED
    if version > 1:
        status = LIFECYCLE.move("close-pool-again", panel.status, status)
    due = pack.ends_at("committee.draw-term", beacon.at, tender.acceleration)
    after = replace(panel, version=version, status=status, closing=closing, due_at=due, entered=())
    event = PoolClosed(**panel.of(version), closing=closing, representatives=panel.representatives)
    return after, (event,)
