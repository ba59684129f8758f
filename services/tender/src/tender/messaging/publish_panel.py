"""The events of panels, as the others read them."""

from collections.abc import Mapping

from shared.contracts import panel
from shared.contracts.event import EventData
from shared.kernel import draw as selection
from shared.kernel.events import DomainEvent
from tender.domain import panel_events as domain
from tender.messaging.publish_draw import drawn

_AS_THEY_ARE: Mapping[type[DomainEvent], type[EventData]] = {
    domain.PanelAppointed: panel.PanelAppointed,
    domain.ScoresRevealed: panel.ScoresRevealed,
    domain.ScoresLocked: panel.ScoresLocked,
    domain.RoundOpened: panel.PanelRoundOpened,
}


def panel_event(event: DomainEvent) -> EventData | None:
    """Write an event of a panel; of anything else, nothing."""
    match event:
        case domain.PoolClosed():
            return panel.PanelPoolClosed.of(
                event.closing,
                ocid=event.ocid,
                tender=event.tender,
                method=selection.METHOD,
                representatives=event.representatives,
            )
        case domain.PanelDrawn():
            return panel.PanelDrawn.of(drawn(event.draw), ocid=event.ocid, tender=event.tender)
        case domain.MemberReplaced():
            return panel.PanelMemberReplaced.of(event.substitution, ocid=event.ocid, tender=event.tender)
    return _AS_THEY_ARE[type(event)].of(event) if type(event) in _AS_THEY_ARE else None
