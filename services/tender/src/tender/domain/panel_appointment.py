"""Appointing a panel's experts, where the pack has no draw or lets the office's head do without one."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from shared.kernel.errors import Invalid, NotAllowed
from shared.rules.pack import RulePack
from tender.domain.panel import Panel, expect_procedure, invited
from tender.domain.panel_draw import Composition, check_composition
from tender.domain.panel_events import PanelAppointed
from tender.domain.panel_obstacles import Candidates, obstacle
from tender.domain.panel_parts import PanelStatus
from tender.domain.roles import parts
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
    if len(set(labels)) != composition.experts or len(labels) != composition.experts:
        raise Invalid("experts-differ-from-places", "Each place is offered to one expert.", pointer="/body/members")
    if not set(labels) <= set(candidates.experts):
        raise Invalid("expert-unknown", "There is no such expert in the pool.", pointer="/body/members")
    for label in labels:
        expert = candidates.experts[label]
        rule = obstacle(expert, candidates.panels.get(label, 0), known=parts(tender), tender=tender, pack=pack)
        if rule is not None:
            raise NotAllowed("expert-kept-away", "A rule keeps an expert from this panel.", reference=rule)
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
        seats=tuple(invited(candidates.experts[label]) for label in labels),
    )
    event = PanelAppointed(
        **panel.of(1), members=tuple(labels), representatives=composition.representatives, reason=reason
    )
    return panel, (event,)
