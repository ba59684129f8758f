"""What goes over the wire of who runs, owns and forms a provider."""

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, StringConstraints
from pydantic_core import PydanticCustomError

from provider_registry.api.request import Request
from provider_registry.domain.provider import Provider
from provider_registry.domain.provider_data import (
    Address,
    Contact,
    Control,
    Identifier,
    Member,
    Owner,
    OwnerKind,
    PersonInRole,
    PersonRole,
)
from shared.contracts.fields import Day, DecimalText, OrganisationId, ShortText

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]{1,64}@[^@\s]{1,190}$")]


def _share(value: Decimal) -> Decimal:
    # Six decimals come over the wire; more than four are of no use to anybody, and would not add up.
    if value != round(value, 4):
        raise PydanticCustomError("share_too_fine", "A share has four decimals at the most.")
    return value


Share = Annotated[DecimalText, AfterValidator(_share)]


class IdentifierBody(Request):
    scheme: ShortText
    id: ShortText

    def value(self) -> Identifier:
        return Identifier(self.scheme, self.id)


class AddressBody(Request):
    street: ShortText
    locality: ShortText
    postal_code: ShortText | None = None
    region: ShortText | None = None
    country: Country

    def value(self) -> Address:
        return Address(**self.model_dump())


class ContactBody(Request):
    name: ShortText
    email: Email
    telephone: ShortText | None = None

    def value(self) -> Contact:
        return Contact(**self.model_dump())


class ContactDetails(Request):
    """Where an organisation has its seat and whom to ask; what is left out is not kept."""

    address: AddressBody | None = None
    contact: ContactBody | None = None


class PersonBody(Request):
    name: ShortText
    role: PersonRole
    since: Day
    until: Day | None = None

    def value(self) -> PersonInRole:
        return PersonInRole(**self.model_dump())


class People(Request):
    people: Annotated[list[PersonBody], Field(max_length=200)]


class OwnerBody(Request):
    """Who owns or controls; an organisation may be named by its entry here, or by its number in a register."""

    name: ShortText
    kind: OwnerKind
    control: Annotated[list[Control], Field(min_length=1, max_length=len(Control))]
    since: Day
    share: Share | None = None
    until: Day | None = None
    organisation: OrganisationId | None = None
    identifier: IdentifierBody | None = None

    def value(self) -> Owner:
        return Owner(
            name=self.name,
            kind=self.kind,
            control=tuple(dict.fromkeys(self.control)),
            since=self.since,
            share=self.share,
            until=self.until,
            organisation=self.organisation,
            identifier=self.identifier.value() if self.identifier else None,
        )


class Owners(Request):
    owners: Annotated[list[OwnerBody], Field(max_length=200)]


class MemberBody(Request):
    organisation: OrganisationId
    share: Share


class Members(Request):
    members: Annotated[list[MemberBody], Field(max_length=50)]

    def values(self) -> tuple[Member, ...]:
        return tuple(Member(one.organisation, one.share) for one in self.members)


class IdentifierView(BaseModel):
    scheme: str
    id: str


class AddressView(BaseModel):
    street: str
    locality: str
    postal_code: str | None
    region: str | None
    country: str


class ContactView(BaseModel):
    name: str
    email: str
    telephone: str | None


class PersonView(BaseModel):
    name: str
    role: PersonRole
    since: Day
    until: Day | None


class OwnerView(BaseModel):
    name: str
    kind: OwnerKind
    control: list[Control]
    since: Day
    share: DecimalText | None
    until: Day | None
    organisation: str | None
    identifier: IdentifierView | None


class MemberView(BaseModel):
    organisation: str
    share: DecimalText


class PeopleView(BaseModel):
    """What is not public of a provider."""

    organisation: str
    address: AddressView | None
    contact: ContactView | None
    people: list[PersonView]
    owners: list[OwnerView]


def identifier_view(identifier: Identifier) -> IdentifierView:
    return IdentifierView(scheme=identifier.scheme, id=identifier.id)


def address_view(address: Address | None) -> AddressView | None:
    if address is None:
        return None
    return AddressView(
        street=address.street,
        locality=address.locality,
        postal_code=address.postal_code,
        region=address.region,
        country=address.country,
    )


def owner_view(owner: Owner) -> OwnerView:
    return OwnerView(
        name=owner.name,
        kind=owner.kind,
        control=list(owner.control),
        since=owner.since,
        share=owner.share,
        until=owner.until,
        organisation=owner.organisation,
        identifier=identifier_view(owner.identifier) if owner.identifier else None,
    )


def people_view(provider: Provider) -> PeopleView:
    contact = provider.contact
    return PeopleView(
        organisation=provider.organisation,
        address=address_view(provider.address),
        contact=ContactView(name=contact.name, email=contact.email, telephone=contact.telephone) if contact else None,
        people=[PersonView(name=one.name, role=one.role, since=one.since, until=one.until) for one in provider.people],
        owners=[owner_view(one) for one in provider.owners],
    )
