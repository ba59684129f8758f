"""What goes over the wire."""

from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from provider_registry.api.detail_schemas import (
    AddressBody,
    AddressView,
    ContactBody,
    IdentifierBody,
    IdentifierView,
    MemberView,
    OwnerView,
    address_view,
    identifier_view,
    owner_view,
)
from provider_registry.api.request import Request
from provider_registry.domain.details import counted, owning_persons
from provider_registry.domain.identifier_schemes import IdentifierScheme
from provider_registry.domain.legal_forms import Kind, LegalForm
from provider_registry.domain.provider import Provider
from provider_registry.domain.provider_data import Entry, FormerName, Identifier, OwnerKind, PersonRole, Status
from shared.contracts.fields import Day, Instant, Sha256, ShortText


class FormerNameBody(Request):
    name: ShortText
    since: Day | None = None
    until: Day

    def value(self) -> FormerName:
        return FormerName(self.name, self.since, self.until)


OtherIdentifiers = Annotated[list[IdentifierBody], Field(default_factory=list, max_length=20)]


class Registration(Request):
    name: ShortText
    legal_form: ShortText
    identifier: IdentifierBody
    other_identifiers: OtherIdentifiers
    former_names: Annotated[list[FormerNameBody], Field(default_factory=list, max_length=50)]
    address: AddressBody | None = None
    contact: ContactBody | None = None

    def entry(self) -> Entry:
        return Entry(
            name=self.name,
            legal_form=self.legal_form,
            identifiers=(self.identifier.value(), *(one.value() for one in self.other_identifiers)),
            former_names=tuple(one.value() for one in self.former_names),
            address=self.address.value() if self.address else None,
            contact=self.contact.value() if self.contact else None,
        )


class Change(Request):
    """A corrected entry; without `identifier` it keeps its registration numbers."""

    name: ShortText
    legal_form: ShortText
    identifier: IdentifierBody | None = None
    other_identifiers: OtherIdentifiers

    @model_validator(mode="after")
    def _numbers_together(self) -> Self:
        if self.other_identifiers and self.identifier is None:
            raise PydanticCustomError("identifier_missing", "Other numbers are named together with the first one.")
        return self

    def identifiers(self) -> tuple[Identifier, ...] | None:
        if self.identifier is None:
            return None
        return (self.identifier.value(), *(one.value() for one in self.other_identifiers))


class EvidenceBody(Request):
    document_type: ShortText
    digest: Sha256
    valid_until: Day


class Submission(Request):
    evidence: Annotated[list[EvidenceBody], Field(min_length=1, max_length=50)]


class Refusal(Request):
    reason: ShortText


class FormerNameView(BaseModel):
    name: str
    since: Day | None
    until: Day


class ProviderView(BaseModel):
    """What anybody may know of a provider: people, and owners who are persons, are counted."""

    organisation: str
    name: str
    legal_form: str
    identifier: IdentifierView
    other_identifiers: list[IdentifierView]
    former_names: list[FormerNameView]
    address: AddressView | None
    people: dict[PersonRole, int]
    owners: list[OwnerView]
    owning_persons: int
    members: list[MemberView]
    status: Status
    verified_at: Instant | None
    valid_until: date | None
    evidence_documents: int
    waiting_until: Instant | None
    merged_into: str | None
    absorbed: list[str]


class LegalFormView(BaseModel):
    id: str
    title: str
    kind: Kind
    packs: list[str]
    schemes: list[str]
    source: str


class IdentifierSchemeView(BaseModel):
    code: str
    title: str
    jurisdiction: str
    pattern: str
    ignored: str
    check: str | None
    source: str
    packs: list[str]


def provider_view(provider: Provider) -> ProviderView:
    return ProviderView(
        organisation=provider.organisation,
        name=provider.name,
        legal_form=provider.legal_form,
        identifier=identifier_view(provider.identifier),
        other_identifiers=[identifier_view(one) for one in provider.other_identifiers],
        former_names=[FormerNameView(name=one.name, since=one.since, until=one.until) for one in provider.former_names],
        address=address_view(provider.public_address),
        people=dict(counted(provider.people)),
        owners=[owner_view(one) for one in provider.owners if one.kind is OwnerKind.ORGANISATION],
        owning_persons=owning_persons(provider.owners),
        members=[MemberView(organisation=one.organisation, share=one.share) for one in provider.members],
        status=provider.status,
        verified_at=provider.verified_at,
        valid_until=provider.valid_until,
        evidence_documents=len(provider.evidence),
        waiting_until=provider.check_due,
        merged_into=provider.merged_into,
        absorbed=list(provider.absorbed),
    )


def legal_form_view(form: LegalForm) -> LegalFormView:
    return LegalFormView(
        id=form.id,
        title=form.title,
        kind=form.kind,
        packs=list(form.packs),
        schemes=list(form.schemes),
        source=form.source,
    )


def scheme_view(scheme: IdentifierScheme) -> IdentifierSchemeView:
    return IdentifierSchemeView(
        code=scheme.code,
        title=scheme.title,
        jurisdiction=scheme.jurisdiction,
        pattern=scheme.pattern.pattern,
        ignored=scheme.ignored,
        check=scheme.check,
        source=scheme.source,
        packs=list(scheme.packs),
    )
