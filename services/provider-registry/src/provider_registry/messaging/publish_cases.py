"""Events of cases, as the others read them."""

from provider_registry.domain import case_events as domain
from shared.contracts import provider_case as contract
from shared.contracts.event import EventData, rule_and_source
from shared.kernel.events import DomainEvent


def case_event(event: DomainEvent) -> EventData | None:
    """Write what happened in a case; of anything else, nothing."""
    if not isinstance(event, domain.CaseEvent):
        return None
    if isinstance(event, domain.CaseDecided):
        return contract.CaseDecided.of(event, provider=event.organisation, **rule_and_source(event.reference))
    return _PLAIN[type(event)].of(event, provider=event.organisation)


_PLAIN: dict[type[domain.CaseEvent], type[EventData]] = {
    domain.CaseNotified: contract.CaseNotified,
    domain.CaseReplied: contract.CaseReplied,
    domain.CaseWithdrawn: contract.CaseWithdrawn,
    domain.CaseInForce: contract.CaseInForce,
    domain.CaseAppealed: contract.CaseAppealed,
    domain.CaseAppealDecided: contract.CaseAppealDecided,
    domain.SelfCleaningOffered: contract.SelfCleaningOffered,
    domain.SelfCleaningHeard: contract.SelfCleaningHeard,
    domain.CaseEnded: contract.CaseEnded,
}
