"""Appointing a panel's experts, where the pack has no draw or lets the office's head do without one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from shared.kernel.errors import Invalid, NotAllowed
from shared.rules.pack import RulePack
from tender.domain.panel import Panel, expect_procedure, invited, settled
from tender.domain.panel_draw import Composition, check_composition
from tender.domain.panel_events import PanelAppointed
from tender.domain.panel_obstacles import Candidates, expect_free
from tender.domain.panel_parts import LIFECYCLE, PanelStatus, Seat
from tender.domain.roles import Part, parts
from tender.domain.tender import Tender


def appoint(
    tender: Tender,
    composition: Composition,
    labels: Sequence[UUID],
    reason: str,
    *,
    identifier: UUID,
    at: datetime,
    pack: RulePack,
    candidates: Candidates,
) -> tuple[Panel, tuple[PanelAppointed, ...]]:
    """Offer the places to experts of the pool by name, with a reason that is public.

    Raises:
        NotAllowed: tender-not-active, panel-composition, fact-missing, expert-kept-away.
        Invalid: experts-differ-from-places.
    """
    expect_procedure(tender)
    check_composition(tender, composition, pack, drawn=False)
    seats = _offered(labels, composition.experts, known=parts(tender), tender=tender, pack=pack, candidates=candidates)
    panel = Panel(
        id=identifier,
        version=1,
        ocid=tender.ocid,
        tender=tender.id,
        experts=composition.experts,
        representatives=composition.representatives,
        closing=None,
        status=PanelStatus.FORMING,
        due_at=pack.ends_at("committee.acceptance", at, tender.acceleration),
        seats=seats,
        round=tender.round,
    )
    event = PanelAppointed(
        **panel.of(1), members=tuple(labels), representatives=composition.representatives, reason=reason
    )
    return panel, (event,)


def appoint_again(
    panel: Panel,
    tender: Tender,
    composition: Composition,
    labels: Sequence[UUID],
    reason: str,
    *,
    at: datetime,
    pack: RulePack,
    candidates: Candidates,
) -> tuple[Panel, tuple[PanelAppointed, ...]]:
    """Offer the places that appointed experts have left to others, with a reason that is public.

    Raises:
        NotAllowed: tender-not-active, panel-known, panel-not-pool-closed, panel-places-filled, seat-taken,
            expert-kept-away.
        Invalid: composition-differs, experts-differ-from-places.
    """
    expect_procedure(tender)
    if panel.closing is not None:
        raise NotAllowed("panel-known", "The tender has a panel, or its pool is closed.")
    LIFECYCLE.admit("appoint", panel.status)
    if (composition.experts, composition.representatives) != (panel.experts, panel.representatives):
        raise Invalid("composition-differs", "The panel is made up otherwise.", pointer="/body/experts")
    if panel.places_left == 0:
        raise NotAllowed("panel-places-filled", "Every place of an expert is filled or offered.")
    if not {seat.label for seat in panel.seats}.isdisjoint(labels):
        raise NotAllowed("seat-taken", "One of them has or had a seat in this panel.")
    seats = _offered(
        labels, panel.places_left, known=panel.parts(tender), tender=tender, pack=pack, candidates=candidates
    )
    version = panel.version + 1
    after = settled(
        panel,
        replace(panel, version=version, seats=(*panel.seats, *seats)),
        "appoint",
        at=at,
        tender=tender,
        pack=pack,
    )
    event = PanelAppointed(
        **panel.of(version), members=tuple(labels), representatives=panel.representatives, reason=reason
    )
    return after, (event,)


def _offered(
    labels: Sequence[UUID],
    places: int,
    *,
    known: Sequence[Part],
    tender: Tender,
    pack: RulePack,
    candidates: Candidates,
) -> tuple[Seat, ...]:
    if len(set(labels)) != places or len(labels) != places:
        raise Invalid("experts-differ-from-places", "Each place is offered to one expert.", pointer="/body/members")
    if not set(labels) <= set(candidates.experts):
        raise Invalid("expert-unknown", "There is no such expert in the pool.", pointer="/body/members")
    for label in labels:
        expect_free(label, known=known, tender=tender, pack=pack, candidates=candidates)
    return tuple(invited(candidates.experts[label]) for label in labels)
