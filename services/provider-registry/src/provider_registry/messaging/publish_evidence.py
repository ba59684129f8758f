"""What providers declare and prove, in the published language."""

from provider_registry.domain import verification_events as domain
from shared.contracts import provider_evidence as contract
from shared.contracts.event import EventData
from shared.contracts.tender import PinnedPack
from shared.kernel.events import DomainEvent

_DOCUMENT: dict[type[domain.DocumentEvent], type[EventData]] = {
    domain.DocumentEntered: contract.DocumentEntered,
    domain.DocumentAccepted: contract.DocumentAccepted,
    domain.DocumentRejected: contract.DocumentRejected,
    domain.DocumentWithdrawn: contract.DocumentWithdrawn,
    domain.DocumentExpiring: contract.DocumentExpiring,
    domain.DocumentExpired: contract.DocumentExpired,
}


def published(event: DomainEvent) -> EventData | None:
    """Write an event of declarations, documents, packs and professionals; None for any other."""
    match event:
        case domain.DocumentEvent():
            return _DOCUMENT[type(event)].of(event, provider=event.organisation)
        case domain.ProviderDeclared():
            return contract.Declared.of(event, provider=event.organisation, pack=_pinned(event))
        case domain.EvidencePackIssued():
            return contract.EvidencePackIssued.of(event, provider=event.organisation, pack=_pinned(event))
        case domain.ProfessionalsChanged():
            counts = tuple(
                contract.CertificateCount(certificate_type=name, certificates=number)
                for name, number in event.certificates.items()
            )
            return contract.ProfessionalsChanged.of(event, provider=event.organisation, certificates=counts)
    return None


def _pinned(event: domain.ProviderDeclared | domain.EvidencePackIssued) -> PinnedPack:
    return PinnedPack(id=event.pack, version=event.pack_version)
