"""The events of each procedure that matter for a replay, put together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from shared.contracts import award, tender
from shared.contracts.event import Data, Event
from shared.contracts.fields import Amount, ShortText


class _Amended(Data):
    """What counts once a published tender was changed."""

    title: ShortText
    value: Amount
    lots: tuple[tender.Lot, ...]
    criteria: tuple[tender.Criterion, ...]


class _LotEnded(Data):
    """A lot that ended without an award."""

    lot: ShortText


class _TakenBack(Data):
    """An award that was taken back, after which the next in the ranking has its turn."""

    award: UUID


# Not every version of the catalogue has all of these, so some are read by the few fields that count here.
_MODELS: Mapping[str, type[Data]] = {
    "tender.published.v1": tender.Published,
    "tender.amended.v1": _Amended,
    "tender.opened.v1": tender.Opened,
    "tender.unsuccessful.v1": tender.Unsuccessful,
    "tender.cancelled.v1": tender.Cancelled,
    "tender.lot-unsuccessful.v1": _LotEnded,
    "tender.lot-cancelled.v1": _LotEnded,
    "award.proposed.v1": award.Proposed,
    "award.ranking-continued.v1": award.RankingContinued,
    "award.confirmed.v1": award.Confirmed,
    "award.cancelled.v1": _TakenBack,
}


@dataclass(slots=True)
class Course:
    """The events of one procedure that matter here; of the proposals the last one of each lot.

    lots_opened are the bids opened by lot, None before the opening; lots_ended says of each whether it was cancelled.
    """

    published: tender.Published | None = None
    method: str = "open"
    lots_opened: dict[str | None, int] | None = None
    unsuccessful: dict[str | None, tender.Unsuccessful] = field(default_factory=dict)
    cancelled: bool = False
    proposed: dict[str | None, award.Proposed] = field(default_factory=dict)
    confirmed: set[str] = field(default_factory=set)
    lots_ended: dict[str | None, bool] = field(default_factory=dict)
    taken_back: set[str | None] = field(default_factory=set)
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
            course.method = str(event.data.get("method") or "open")
        case _Amended() if course.published is not None:
            fields = {name: getattr(data, name) for name in _Amended.model_fields}
            course.published = course.published.model_copy(update=fields)
        case tender.Opened():
            course.lots_opened = counted
        case tender.Cancelled():
            course.cancelled = True
        case _:
            _note_end(course, data, lot, event.type)


def _note_end(course: Course, data: Data, lot: str | None, event_type: str) -> None:
    match data:
        case tender.Unsuccessful():
            course.unsuccessful[lot] = data
        case _LotEnded():
            course.lots_ended[data.lot] = event_type == "tender.lot-cancelled.v1"
        case award.Proposed():
            course.proposed[lot] = data
        case award.RankingContinued():
            _continue(course, data)
        case award.Confirmed():
            course.confirmed.add(str(data.award))
        case _TakenBack():
            course.taken_back.add(next((of for of, item in course.proposed.items() if item.award == data.award), lot))


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
