"""The events that what is shown is made of, over the wire."""

from typing import Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel

from portal.api.links import Links
from portal.domain.entry import Entry
from shared.contracts.event import EventData
from shared.contracts.fields import Instant

Published = TypeVar("Published", bound=EventData)


class Origin(BaseModel):
    """The event that something is made of, and where it stands."""

    event: UUID
    source: str
    time: Instant
    link: str


class Fact(Origin, Generic[Published]):
    """A part of a procedure and the event it is made of."""

    data: Published


def origin(entry: Entry, links: Links) -> Origin:
    return Origin(event=entry.id, source=entry.source, time=entry.time, link=links.event(entry))


def fact(kind: type[Published], entry: Entry | None, links: Links) -> Fact[Published] | None:
    return made(kind, entry, links) if entry else None


def made(kind: type[Published], entry: Entry, links: Links) -> Fact[Published]:
    return Fact[kind](  # type: ignore[valid-type]  # the class is known only here
        event=entry.id,
        source=entry.source,
        time=entry.time,
        link=links.event(entry),
        data=kind.model_validate(entry.data),
    )
