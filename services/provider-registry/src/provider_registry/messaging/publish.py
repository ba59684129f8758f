"""The registry's events, as the others read them."""

from provider_registry.domain import events as domain
from provider_registry.messaging import (
    publish_evidence,
    publish_identity,
    publish_programmes,
    publish_results,
    publish_years,
)
from provider_registry.messaging.publish_cases import case_event
from provider_registry.messaging.publish_eligibility import eligibility_event
from provider_registry.messaging.publish_screening import screening_event
from shared.contracts import provider as contract
from shared.contracts.event import EventData
from shared.kernel.events import DomainEvent


def published(event: DomainEvent) -> EventData:
    """Write a domain event in the published language."""
    for part in (
        publish_identity.published,
        _of_verification,
        case_event,
        eligibility_event,
        screening_event,
        publish_evidence.published,
        publish_results.published,
        publish_years.published,
        publish_programmes.published,
    ):
        if (told := part(event)) is not None:
            return told
    raise TypeError(type(event).__name__)


def _of_verification(event: DomainEvent) -> EventData | None:
    match event:
        case domain.EvidenceSubmitted():
            evidence = tuple(
                contract.Evidence(document_type=item.document_type, digest=item.digest, valid_until=item.valid_until)
                for item in event.evidence
            )
            return contract.EvidenceSubmitted(provider=event.organisation, evidence=evidence, check_due=event.check_due)
        case domain.EvidenceChecked():
            return contract.EvidenceChecked(provider=event.organisation)
        case domain.ProviderVerified():
            return contract.ProviderVerified(
                provider=event.organisation,
                name=event.name,
                legal_form=event.legal_form,
                verified_at=event.verified_at,
                valid_until=event.valid_until,
            )
        case domain.VerificationRefused():
            return contract.VerificationRefused(provider=event.organisation, reason=event.reason)
    return None
