"""The events of capacity programmes, as the others read them."""

from collections.abc import Mapping

from provider_registry.domain import programme_events as domain
from shared.contracts import provider_programmes as contract
from shared.contracts.event import EventData
from shared.kernel.events import DomainEvent

_OF_APPLICATION: Mapping[type[DomainEvent], type[EventData]] = {
    domain.ApplicationReceived: contract.ApplicationReceived,
    domain.ApplicationAssessed: contract.ApplicationAssessed,
    domain.ApplicationDecided: contract.ApplicationDecided,
    domain.ApplicationWithdrawn: contract.ApplicationWithdrawn,
    domain.MilestoneRecorded: contract.MilestoneRecorded,
}


def published(event: DomainEvent) -> EventData | None:
    """Write an event of a programme in the published language; None of another."""
    if isinstance(event, domain.ProgrammeOpened):
        return contract.ProgrammeOpened.of(event, programme=event.aggregate)
    written = _OF_APPLICATION.get(type(event))
    return written.of(event, provider=getattr(event, "organisation", None)) if written else None
