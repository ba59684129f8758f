"""What happened, in one sentence: our own where the type is known by name, and the catalogue's for every other."""

from portal.domain.course import Course
from portal.domain.entry import Entry
from portal.domain.telling import located, told
from shared.contracts import catalogue


def meaning(event_type: str) -> str:
    """Say what a type of event tells."""
    model = catalogue.event_types().get(event_type)
    return ((model.__doc__ if model else None) or "").partition("\n")[0]


def sentence(entry: Entry, course: Course | None = None) -> str:
    """Say what happened in the course of a procedure, or outside of one."""
    bidders, lots = (course.bidders, course.titles) if course else ({}, {})
    return told(entry, bidders, lots) or located(entry, _by_type(entry), lots)


def _by_type(entry: Entry) -> str:
    # A type that is new says by its own description what happened, and most say why.
    meant, reason = meaning(entry.type), entry.data.get("reason")
    said = meant or entry.type
    return f"{said} {reason}" if isinstance(reason, str) else said
