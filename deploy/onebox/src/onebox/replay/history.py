"""What the events of a procedure say of its lots: how each was decided or ended, or why it cannot be decided again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import ValidationError

from shared.contracts import award, tender
from shared.contracts.event import Event, EventData
from shared.kernel.errors import Invalid
from shared.rules.criteria import Criterion
from shared.rules.replay import DecidedBid, DecidedLot, EndedLot, NotReplayed

# The opening of prices says of the bids what the opening says; not every version of the catalogue has it.
_MODELS: Mapping[str, type[EventData]] = {
    "tender.published.v1": tender.Published,
    "tender.opened.v1": tender.Opened,
    "tender.prices-opened.v1": tender.Opened,
    "tender.unsuccessful.v1": tender.Unsuccessful,
    "tender.cancelled.v1": tender.Cancelled,
    "award.proposed.v1": award.Proposed,
    "award.confirmed.v1": award.Confirmed,
}
_MALFORMED = "An event of the procedure is not of its declared type: {}."


@dataclass(frozen=True, slots=True)
class History:
    """What can be decided again, and what cannot."""

    decided: tuple[DecidedLot, ...]
    ended: tuple[EndedLot, ...]
    left_out: tuple[NotReplayed, ...]


@dataclass(slots=True)
class _Course:
    """The events of one procedure that matter here; of the proposals the last one of each lot."""

    published: tender.Published | None = None
    method: str = "open"
    opened: bool = False
    lots_opened: dict[str | None, int] = field(default_factory=dict)
    unsuccessful: dict[str | None, tender.Unsuccessful] = field(default_factory=dict)
    cancelled: bool = False
    proposed: dict[str | None, award.Proposed] = field(default_factory=dict)
    confirmed: set[str] = field(default_factory=set)
    malformed: str | None = None


def read_history(events: Iterable[Event]) -> History:
    """Gather the events by procedure, each once, in the order in which they are given."""
    courses: dict[str, _Course] = {}
    seen = set()
    for event in events:
        if event.type in _MODELS and event.id not in seen:
            seen.add(event.id)
            _note(courses.setdefault(event.partitionkey, _Course()), event)
    decided: list[DecidedLot] = []
    ended: list[EndedLot] = []
    left_out: list[NotReplayed] = []
    for ocid, course in courses.items():
        for found in _lots(ocid, course):
            match found:
                case DecidedLot():
                    decided.append(found)
                case EndedLot():
                    ended.append(found)
                case NotReplayed():
                    left_out.append(found)
    return History(tuple(decided), tuple(ended), tuple(left_out))


def _note(course: _Course, event: Event) -> None:
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
        case tender.Opened():
            course.opened = True
            course.lots_opened = counted
        case tender.Unsuccessful():
            course.unsuccessful[lot] = data
        case tender.Cancelled():
            course.cancelled = True
        case award.Proposed():
            course.proposed[lot] = data
        case award.Confirmed():
            course.confirmed.add(str(data.award))


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


def _lots(ocid: str, course: _Course) -> Iterable[DecidedLot | EndedLot | NotReplayed]:
    title = course.published.title if course.published else ""

    def left_out(lot: str | None, code: str, reason: str) -> NotReplayed:
        return NotReplayed(ocid, title, lot, code, reason)

    if course.malformed is not None:
        yield left_out(None, "event-malformed", _MALFORMED.format(course.malformed))
        return
    if course.published is None:
        yield left_out(None, "publication-missing", "The publication is not among the events.")
        return
    if not course.proposed and not course.unsuccessful:
        yield left_out(None, *_unfinished(course))
    for lot, end in course.unsuccessful.items():
        if end.rule.startswith("gate."):
            yield EndedLot(ocid=ocid, title=title, lot=lot, method=course.method, gate=end.rule, count=end.bids)
        else:
            yield left_out(lot, "no-bid-scored", "No bid was valid, so none was scored.")
    for lot, proposal in course.proposed.items():
        if str(proposal.award) not in course.confirmed:
            yield left_out(lot, *_unconfirmed(course))
            continue
        try:
            yield _decided(ocid, lot, course, course.published, proposal)
        except Invalid as refusal:
            yield left_out(lot, refusal.code, refusal.detail)


def _unfinished(course: _Course) -> tuple[str, str]:
    if course.cancelled:
        return "cancelled", "The procedure was cancelled before an award."
    return "not-closed", "No award has been proposed." if course.opened else "The bids have not been opened."


def _unconfirmed(course: _Course) -> tuple[str, str]:
    if course.cancelled:
        return "cancelled", "The procedure was cancelled before its award was confirmed."
    return "not-closed", "The award has not been confirmed."


def _decided(
    ocid: str, lot: str | None, course: _Course, published: tender.Published, proposal: award.Proposed
) -> DecidedLot:
    steps = proposal.derivation
    bids = tuple(_bid(bid, steps) for bid in proposal.ranking)
    winners = [str(bid.bid) for bid in proposal.ranking if bid.bidder.id == proposal.supplier.id]
    if not winners:
        raise Invalid("ranking-without-winner", "The supplier is not in the published ranking.")
    whole = next((item.value for item in published.lots if item.id == lot), published.value)
    if any(bid.price.currency != whole.currency for bid in proposal.ranking):
        raise Invalid("currency-differs", "A price is in another currency than the tender.")
    received = course.lots_opened.get(lot, sum(course.lots_opened.values())) if course.opened else None
    return DecidedLot(
        ocid=ocid,
        title=published.title,
        lot=lot,
        currency=whole.currency,
        estimate=whole.amount,
        method=course.method,
        pack=published.pack.id,
        pack_version=published.pack.version,
        criteria=tuple(
            Criterion(item.id, item.title, item.weight, "price" if item.kind == "price" else "quality")
            for item in published.criteria
        ),
        formula=proposal.formula,
        parameters={
            str(step.get("name")): _number(step.get("value")) for step in steps if step.get("step") == "parameter"
        },
        bids=bids,
        received=received,
        winner=winners[0],
    )


def _bid(bid: award.RankedBid, steps: Iterable[Mapping[str, Any]]) -> DecidedBid:
    own = [step for step in steps if step.get("bid") == str(bid.bid)]
    scores = {
        str(step.get("criterion")): _number(step.get("score")) for step in own if step.get("step") == "quality-points"
    }
    if scores.keys() != bid.quality_points.keys():
        raise Invalid("scores-not-published", "The derivation does not give every bid's scores.")
    deductions = [_number(step.get("deduction")) for step in own if step.get("step") == "evaluation-price"]
    return DecidedBid(
        id=str(bid.bid),
        bidder=bid.bidder.name,
        price=bid.price.amount,
        scores=scores,
        deduction=deductions[0] if deductions else Decimal(0),
        total=bid.total,
    )


def _number(value: Any) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation as problem:
        raise Invalid("derivation-malformed", "The derivation holds a figure that is no number.") from problem
    if not number.is_finite():
        raise Invalid("derivation-malformed", "The derivation holds a figure that is no number.")
    return number
