"""What procedures can be searched by."""

from dataclasses import dataclass
from datetime import datetime

from portal.domain.procedure import State


@dataclass(frozen=True, slots=True)
class Search:
    """Say what procedures are looked for; what is None does not matter."""

    state: State | None = None
    buyer: str | None = None
    supplier: str | None = None
    title_contains: str | None = None
    external: bool | None = None
    sandbox: bool | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Name a place in the list: our own come first, then the newest event, then the greatest ocid."""

    external: bool
    last_event_at: datetime
    ocid: str
