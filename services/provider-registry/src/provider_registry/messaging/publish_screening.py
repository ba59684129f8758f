"""Events of screening, as the others read them."""

from provider_registry.domain import match_events as domain
from shared.contracts import provider_screening as contract
from shared.contracts.event import EventData
from shared.kernel.events import DomainEvent


def screening_event(event: DomainEvent) -> EventData | None:
    """Write what was found; of anything else, nothing."""
    match event:
        case domain.ScreeningListEntered():
            return contract.ScreeningListEntered.of(event)
        case domain.MatchFound():
            return contract.MatchFound.of(event, provider=event.organisation)
        case domain.MatchDecided():
            return contract.MatchDecided.of(event, provider=event.organisation)
    return None
