"""The events about a provider's yearly reports, as the others read them."""

from provider_registry.domain import year_events
from shared.contracts import provider_years
from shared.contracts.event import EventData
from shared.kernel.events import DomainEvent


def published(event: DomainEvent) -> EventData | None:
    """Write an event about a yearly report in the published language; None of another."""
    match event:
        case year_events.YearEntered():
            return provider_years.YearEntered.of(event, provider=event.organisation)
        case year_events.YearConfirmed():
            return provider_years.YearConfirmed.of(event, provider=event.organisation)
        case year_events.YearSentBack():
            return provider_years.YearSentBack.of(event, provider=event.organisation)
    return None
