"""Documents, known by the SHA-256 of their content."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Document:
    """A document as an organisation has put it here.

    Units: size in bytes.
    """

    digest: str
    organisation: str
    media_type: str
    size: int
    uploaded_at: datetime


@dataclass(frozen=True, slots=True)
class Listing:
    """Where a document is listed: in a tender, or in an opened bid; `buyer` is the tender's."""

    tender: UUID
    buyer: str
    bid: UUID | None
    confidential: bool
