"""The parts a provider is made of."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Status(StrEnum):
    """Where a provider stands with the registry."""

    REGISTERED = "registered"
    SUBMITTED = "submitted"
    CHECKED = "checked"
    VERIFIED = "verified"


@dataclass(frozen=True, slots=True)
class Identifier:
    """A registration number in a scheme of org-id.guide."""

    scheme: str
    id: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A document that supports the registration, by its digest (SHA-256, hexadecimal)."""

    document_type: str
    digest: str
    valid_until: date


@dataclass(frozen=True, slots=True)
class FormerName:
    """A name that is not used any more.

    Units: both are days on which it was used; since is None where nobody said.
    """

    name: str
    since: date | None
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where an organisation has its seat.

    Units: country is ISO 3166-1 alpha-2.
    """

    street: str
    locality: str
    postal_code: str | None = None
    region: str | None = None
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom to ask; never public."""

    name: str
    email: str
    telephone: str | None = None


class PersonRole(StrEnum):
    """What a person does in an organisation."""

    HEAD = "head"
    BOARD_MEMBER = "board-member"
    OFFICER = "officer"
    AUTHORISED_SIGNATORY = "authorised-signatory"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonInRole:
    """A person of an organisation; never public.

    Units: both are days on which the person had the role; without an end it still has.
    """

    name: str
    role: PersonRole
    since: date
    until: date | None = None


class OwnerKind(StrEnum):
    """What an owner is."""

    PERSON = "person"
    ORGANISATION = "organisation"


class Control(StrEnum):
    """How an owner controls (Beneficial Ownership Data Standard 0.4, interest types)."""

    SHAREHOLDING = "shareholding"
    VOTING_RIGHTS = "voting-rights"
    APPOINTMENT_OF_BOARD = "appointment-of-board"
    OTHER_INFLUENCE = "other-influence-or-control"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Who owns or controls a provider; never public where it is a person.

    Units: share is in percent; since and until are days.
    Shape: organisation is the owner's own entry in this registry, identifier its number in a register; a person has
    neither.
    """

    name: str
    kind: OwnerKind
    control: tuple[Control, ...]
    since: date
    share: Decimal | None = None
    until: date | None = None
    organisation: str | None = None
    identifier: Identifier | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """An organisation of a consortium.

    Units: share is in percent of what the consortium delivers.
    """

    organisation: str
    share: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What an organisation says of itself when it is entered.

    Shape: identifiers are all registration numbers, the one it is entered under first.
    """

    name: str
    legal_form: str
    identifiers: tuple[Identifier, ...]
    former_names: tuple[FormerName, ...] = ()
    address: Address | None = None
    contact: Contact | None = None
