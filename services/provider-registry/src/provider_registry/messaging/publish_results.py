"""The events about a provider's results, as the others read them."""

from provider_registry.domain import result_events as domain
from shared.contracts import provider, provider_results
from shared.contracts.event import EventData
from shared.contracts.tender import PinnedPack
from shared.kernel.events import DomainEvent


def published(event: DomainEvent) -> EventData | None:
    """Write an event about results in the published language; None of another."""
    match event:
        case domain.RecordUpdated():
            return provider.RecordUpdated.of(event, provider=event.organisation)
        case domain.RatingChanged():
            pack = PinnedPack(id=event.pack, version=event.pack_version)
            return provider_results.RatingChanged.of(event, provider=event.organisation, pack=pack)
        case domain.ReplyGiven():
            return provider_results.ReplyGiven.of(event, provider=event.organisation)
    return None
