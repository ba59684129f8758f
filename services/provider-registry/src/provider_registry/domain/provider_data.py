"""The parts a provider is made of."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class LegalForm(StrEnum):
    """The kinds of organisation that may provide services."""

    ASSOCIATION = "association"
    FOUNDATION = "foundation"
    SOCIAL_SERVICE_INSTITUTION = "social-service-institution"
    COOPERATIVE = "cooperative"
    COMPANY = "company"
    INDIVIDUAL = "individual"


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
