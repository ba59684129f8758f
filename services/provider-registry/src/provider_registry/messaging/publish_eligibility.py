"""The event of eligibility, as the others read it."""

from provider_registry.domain import eligibility_events as domain
from shared.contracts import provider_eligibility as contract
from shared.contracts.event import EventData, rule_and_source
from shared.kernel.events import DomainEvent


def eligibility_event(event: DomainEvent) -> EventData | None:
    """Write what changed; of anything else, nothing."""
    if not isinstance(event, domain.EligibilityChanged):
        return None
    return contract.EligibilityChanged.of(
        event, provider=event.organisation, answers=tuple(_answer(one) for one in event.answers)
    )


def _answer(one: domain.Held) -> contract.EligibilityAnswer:
    exclusions = tuple(
        contract.EligibilityExclusion.of(each, **rule_and_source(each.reference)) for each in one.exclusions
    )
    return contract.EligibilityAnswer.of(one, exclusions=exclusions)
