"""Events about who a provider is, as the others read them."""

from provider_registry.domain import events as domain
from shared.contracts import provider as contract
from shared.contracts.event import EventData
from shared.kernel.events import DomainEvent


def published(event: DomainEvent) -> EventData | None:
    """Write an event about who a provider is in the published language; None of another."""
    match event:
        case domain.ProviderRegistered():
            return contract.ProviderRegistered.of(event, provider=event.organisation)
        case domain.DetailsChanged():
            people = tuple(contract.RoleCount(role=role, number=number) for role, number in event.people.items())
            return contract.DetailsChanged.of(event, provider=event.organisation, people=people)
        case domain.ProviderMerged():
            return contract.ProviderMerged.of(event, provider=event.organisation)
        case domain.ProviderAbsorbed():
            return contract.ProviderAbsorbed.of(event, provider=event.organisation)
    return None
