"""What a domain returns beside its new state."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainEvent:
    """A fact that happened to one aggregate.

    Units: version is the aggregate's after the event; it grows, with a gap where a change was no public event.
    """

    aggregate: UUID
    version: int
