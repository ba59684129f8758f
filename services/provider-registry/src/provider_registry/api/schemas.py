"""What goes over the wire."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from provider_registry.domain.provider import Provider
from provider_registry.domain.provider_data import LegalForm, Status
from shared.contracts.fields import Day, Instant, Sha256, ShortText


class Request(BaseModel):
    """A body; what the API does not name is refused."""

    model_config = ConfigDict(extra="forbid")


class IdentifierBody(Request):
    scheme: ShortText
    id: ShortText


class Registration(Request):
    name: ShortText
    legal_form: LegalForm
    identifier: IdentifierBody


class Change(Request):
    name: ShortText
    legal_form: LegalForm


class EvidenceBody(Request):
    document_type: ShortText
    digest: Sha256
    valid_until: Day


class Submission(Request):
    evidence: Annotated[list[EvidenceBody], Field(min_length=1, max_length=50)]


class Refusal(Request):
    reason: ShortText


class IdentifierView(BaseModel):
    scheme: str
    id: str


class ProviderView(BaseModel):
    organisation: str
    name: str
    legal_form: LegalForm
    identifier: IdentifierView
    status: Status
    verified_at: Instant | None
    valid_until: date | None
    evidence_documents: int
    waiting_until: Instant | None


def provider_view(provider: Provider) -> ProviderView:
    return ProviderView(
        organisation=provider.organisation,
        name=provider.name,
        legal_form=provider.legal_form,
        identifier=IdentifierView(scheme=provider.identifier.scheme, id=provider.identifier.id),
        status=provider.status,
        verified_at=provider.verified_at,
        valid_until=provider.valid_until,
        evidence_documents=len(provider.evidence),
        waiting_until=provider.check_due,
    )
