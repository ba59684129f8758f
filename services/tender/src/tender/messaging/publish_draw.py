"""Draws by a public beacon, as the others read them."""

import hashlib

from shared.contracts import award, panel, preparation
from shared.contracts.event import EventData
from shared.kernel import draw as selection
from shared.kernel.events import DomainEvent
from tender.domain import events as domain
from tender.domain import invitation_events
from tender.domain.draw_parts import Closing, Draw

_LONGEST = 200


def draw_event(event: DomainEvent) -> EventData | None:
    """Write what happens to a tie that is drawn, or to the draw of invitees; of anything else, nothing."""
    match event:
        case domain.TieDrawAnnounced():
            closing = event.closing
            return award.TieDrawAnnounced.of(
                event,
                tender=event.aggregate,
                bids=closing.pool,
                source=closing.beacon.name,
                not_before=closing.beacon.at,
                fixed=fixed(closing),
            )
        case domain.TieDrawn():
            return award.TieDrawn.of(
                event,
                tender=event.aggregate,
                source=event.draw.closing.beacon.name,
                randomness=_short(event.draw.randomness),
                order=event.draw.order,
                draw=drawn(event.draw),
            )
        case invitation_events.CandidatesPooled():
            return preparation.CandidatesPooled.of(
                event, invitation=event.aggregate, pooled_at=event.closing.closed_at, fixed=fixed(event.closing)
            )
        case invitation_events.InviteesDrawn():
            return preparation.InviteesDrawn.of(
                event,
                invitation=event.aggregate,
                method=selection.METHOD,
                randomness=_short(event.draw.randomness),
                drawn_at=event.draw.drawn_at,
                draw=drawn(event.draw),
            )
    return None


def _short(randomness: str) -> str:
    # The numbers of public records may be longer than this field ever could be; the draw beside it has them whole.
    return randomness if len(randomness) <= _LONGEST else hashlib.sha256(bytes.fromhex(randomness)).hexdigest()


def fixed(closing: Closing) -> panel.FixedDraw:
    """Write what was fixed of a draw."""
    return panel.FixedDraw.of(closing, method=selection.METHOD)


def drawn(draw: Draw) -> panel.PublicDraw:
    """Write a draw with everything that is needed to draw again."""
    closing = fixed(draw.closing)
    return panel.PublicDraw.of(draw, **{name: getattr(closing, name) for name in panel.FixedDraw.model_fields})
