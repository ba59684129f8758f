"""The events of each procedure that matter for a replay, put together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from shared.contracts import award, framework, tender
from shared.contracts.event import Event, EventData

_MODELS: Mapping[str, type[EventData]] = {
    model.TYPE: model
    for model in (
        tender.Published,
        tender.Amended,
        tender.Opened,
        tender.Unsuccessful,
        tender.Cancelled,
        tender.LotUnsuccessful,
        tender.LotCancelled,
        award.Proposed,
        award.RankingContinued,
        award.Confirmed,
        award.Cancelled,
        framework.FrameworkProposed,
    )
}


@dataclass(slots=True)
class Course:
    """The events of one procedure that matter here; of the proposals the last one of each lot.

    lots_opened are the bids opened by lot, None before the opening; taken_back are, by lot, the bids of the awards that
    were; frameworks are the lots whose suppliers were to be admitted to an agreement.
    """

    published: tender.Published | None = None
    method: str = "open"
    lots_opened: dict[str | None, int] | None = None
    unsuccessful: dict[str | None, tender.Unsuccessful] = field(default_factory=dict)
    cancelled: bool = False
    proposed: dict[str | None, award.Proposed] = field(default_factory=dict)
    confirmed: set[str] = field(default_factory=set)
    lots_ended: dict[str, tender.LotUnsuccessful | tender.LotCancelled] = field(default_factory=dict)
    taken_back: dict[str | None, dict[UUID, UUID]] = field(default_factory=dict)
    frameworks: set[str] = field(default_factory=set)
    malformed: str | None = None


def read_courses(events: Iterable[Event]) -> Mapping[str, Course]:
    """Gather the events by contracting process, each once, in the order in which they are given."""
    courses: dict[str, Course] = {}
    seen = set()
    for event in events:
        if event.type in _MODELS and event.id not in seen:
            seen.add(event.id)
            _note(courses.setdefault(event.partitionkey, Course()), event)
    return courses


def _note(course: Course, event: Event) -> None:
    try:
        data = _MODELS[event.type].model_validate(event.data)
        lot = _lot(event.data)
        counted = _counted(event.data) if isinstance(data, tender.Opened) else {}
    except (ValidationError, TypeError):
        course.malformed = event.type
        return
    match data:
        case tender.Published():
            course.published = data
            course.method = data.procurement.method if data.procurement else "open"
        case tender.Amended() if course.published is not None:
            fields = {name: getattr(data, name) for name in ("title", "value", "lots", "criteria")}
            course.published = course.published.model_copy(update=fields)
        case tender.Opened():
            course.lots_opened = counted
        case tender.Cancelled():
            course.cancelled = True
        case _:
            _note_end(course, data, lot)


def _note_end(course: Course, data: EventData, lot: str | None) -> None:
    match data:
        case tender.Unsuccessful():
            course.unsuccessful[lot] = data
        case tender.LotUnsuccessful() | tender.LotCancelled():
            course.lots_ended[data.lot] = data
        case framework.FrameworkProposed():
            course.frameworks.add(data.lot)
        case award.Proposed():
            course.proposed[lot] = data
        case award.RankingContinued():
            _continue(course, data)
        case award.Confirmed():
            course.confirmed.add(str(data.award))
        case award.Cancelled():
            of = next((of for of, item in course.proposed.items() if item.award == data.award), lot)
            course.taken_back.setdefault(of, {})[data.award] = data.bid


def _continue(course: Course, more: award.RankingContinued) -> None:
    proposal = course.proposed.get(more.lot)
    if proposal is not None and proposal.award == more.award:
        whole = {
            "ranking": (*proposal.ranking, *more.ranking),
            "derivation": (*proposal.derivation, *more.derivation),
        }
        course.proposed[more.lot] = proposal.model_copy(update=whole)


def _counted(data: Mapping[str, Any]) -> dict[str | None, int]:
    counts: dict[str | None, int] = {}
    for bid in data["bids"]:
        counts[_lot(bid)] = counts.get(_lot(bid), 0) + 1
    return counts


def _lot(data: Mapping[str, Any]) -> str | None:
    lot = data.get("lot")
    if lot is not None and not isinstance(lot, str):
        raise TypeError("lot")
    return lot
