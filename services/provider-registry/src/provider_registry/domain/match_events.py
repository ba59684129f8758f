"""What happens to lists and matches; no name of a person, and none of an entry."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.kernel.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningListEntered(DomainEvent):
    list: UUID
    publisher: str
    title: str
    day: date
    digest: str
    entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchFound(DomainEvent):
    organisation: str
    publisher: str
    title: str
    part: str
    similarity: int

    @property
    def match(self) -> UUID:
        """The match."""
        return self.aggregate


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchDecided(DomainEvent):
    organisation: str
    outcome: str
    case: UUID | None

    @property
    def match(self) -> UUID:
        """The match."""
        return self.aggregate
