"""What the events of a procedure say of its lots: how each was decided or ended, or why it cannot be decided again."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import ValidationError

from onebox.replay.course import Course, read_courses
from onebox.replay.withheld import NOT_PUBLIC, Found, NotShown, Show, show_nothing
from shared.contracts import award, tender
from shared.contracts.event import Event
from shared.kernel.errors import Invalid
from shared.rules.criteria import Criterion
from shared.rules.gates import stage_of
from shared.rules.replay import DecidedBid, DecidedLot, EndedLot, NotReplayed
from shared.rules.replay_terms import pack_or_none

Sorted = DecidedLot | EndedLot | NotReplayed

_CANCELLED = ("cancelled", "The lot was cancelled before its award.")
_NOTHING_RANKED = ("lot-unsuccessful", "The lot ended without an award, and no event tells what would rank its bids.")
_PASSED_ON = ("award-passed-on", "The award was taken back and went on to the next, which no rule of scoring decides.")
_FRAMEWORK = ("framework-agreement", "An agreement takes in several suppliers, and awards nothing by itself.")


@dataclass(frozen=True, slots=True)
class History:
    """What can be decided again, and what cannot."""

    decided: tuple[DecidedLot, ...]
    ended: tuple[EndedLot, ...]
    left_out: tuple[NotReplayed, ...]


def read_history(events: Iterable[Event], show: Show = show_nothing) -> History:
    """Sort the lots of all procedures by what can be done with them; what is not public is asked of `show`."""
    courses = read_courses(events)
    kept = [one for course in courses.values() for one in course.proposed.values() if one.ranking_digest is not None]
    shown = show(kept)
    found = [lot for ocid, course in courses.items() for lot in _lots(ocid, course, shown)]
    return History(
        tuple(lot for lot in found if isinstance(lot, DecidedLot)),
        tuple(lot for lot in found if isinstance(lot, EndedLot)),
        tuple(lot for lot in found if isinstance(lot, NotReplayed)),
    )


def _lots(ocid: str, course: Course, shown: Found) -> Iterator[Sorted]:
    title = course.published.title if course.published else ""
    if course.malformed is not None:
        reason = f"An event of the procedure is not of its declared type: {course.malformed}."
        yield NotReplayed(ocid, title, None, "event-malformed", reason)
    elif course.published is None:
        yield NotReplayed(ocid, title, None, "publication-missing", "The publication is not among the events.")
    elif not (course.proposed or course.unsuccessful or course.lots_ended or course.frameworks):
        yield NotReplayed(ocid, title, None, *_unfinished(course))
    else:
        yield from _ended(ocid, course, title)
        for lot, proposal in course.proposed.items():
            if lot not in course.lots_ended:
                yield _awarded(ocid, lot, course, course.published, proposal, shown)
        for of in sorted(course.frameworks - course.lots_ended.keys()):
            yield NotReplayed(ocid, title, of, *_FRAMEWORK)
        named = {lot for lot in (*course.proposed, *course.lots_ended, *course.frameworks) if lot is not None}
        for item in course.published.lots if named else ():
            if item.id not in named:
                yield NotReplayed(ocid, title, item.id, *_unfinished(course))


def _ended(ocid: str, course: Course, title: str) -> Iterator[Sorted]:
    published = course.published
    own = pack_or_none(published.pack.id, published.pack.version) if published is not None else None
    # Where the lots tell their ends, that of the whole procedure tells nothing of any of them.
    for lot, end in course.unsuccessful.items() if not course.lots_ended else ():
        stage = stage_of(end.rule, own)
        if stage is not None:
            yield EndedLot(
                ocid=ocid, title=title, lot=lot, method=course.method, gate=end.rule, stage=stage, count=end.bids
            )
        else:
            yield NotReplayed(ocid, title, lot, "no-bid-scored", "No bid was valid, so none was scored.")
    for name, ended in course.lots_ended.items():
        if isinstance(ended, tender.LotCancelled):
            yield NotReplayed(ocid, title, name, *_CANCELLED)
            continue
        gate = ended.rule or ""
        stage = stage_of(gate, own)
        if stage is None or ended.bids is None:
            yield NotReplayed(ocid, title, name, *_NOTHING_RANKED)
        else:
            yield EndedLot(
                ocid=ocid, title=title, lot=name, method=course.method, gate=gate, stage=stage, count=ended.bids
            )


def _awarded(
    ocid: str,
    lot: str | None,
    course: Course,
    published: tender.Published,
    proposal: award.Proposed,
    shown: Found,
) -> DecidedLot | NotReplayed:
    taken_back = course.taken_back.get(lot, {})
    if proposal.award in taken_back:
        return NotReplayed(ocid, published.title, lot, *_PASSED_ON)
    if str(proposal.award) not in course.confirmed:
        return NotReplayed(ocid, published.title, lot, *_unconfirmed(course))
    try:
        whole = _whole(proposal, shown)
        # Whoever had been awarded and is ranked last was evaluated anew, and not passed over.
        if not {bid.bid for bid in whole.ranking}.issuperset(taken_back.values()):
            return NotReplayed(ocid, published.title, lot, *_PASSED_ON)
        return _decided(ocid, lot, course, published, whole)
    except Invalid as refusal:
        return NotReplayed(ocid, published.title, lot, refusal.code, refusal.detail)


def _whole(proposal: award.Proposed, shown: Found) -> award.Proposed:
    if proposal.ranking_digest is None:
        return proposal
    content = shown.get(proposal.ranking_digest, NOT_PUBLIC)
    if isinstance(content, NotShown):
        raise Invalid(content.code, content.reason)
    try:
        return award.Proposed.model_validate({**proposal.model_dump(mode="json"), **content})
    except ValidationError as problem:
        raise Invalid("ranking-malformed", "What was shown is no ranking.") from problem


def _unfinished(course: Course) -> tuple[str, str]:
    if course.cancelled:
        return "cancelled", "The procedure was cancelled before an award."
    return (
        "not-closed",
        "The bids have not been opened." if course.lots_opened is None else "No award has been proposed.",
    )


def _unconfirmed(course: Course) -> tuple[str, str]:
    if course.cancelled:
        return "cancelled", "The procedure was cancelled before its award was confirmed."
    return "not-closed", "The award has not been confirmed."


def _decided(
    ocid: str, lot: str | None, course: Course, published: tender.Published, proposal: award.Proposed
) -> DecidedLot:
    steps = proposal.derivation
    bids = tuple(_bid(bid, steps) for bid in proposal.ranking)
    winners = [str(bid.bid) for bid in proposal.ranking if bid.bidder.id == proposal.supplier.id]
    if not winners:
        raise Invalid("ranking-without-winner", "The supplier is not in the published ranking.")
    whole = next((item.value for item in published.lots if item.id == lot), published.value)
    if any(bid.price.currency != whole.currency for bid in proposal.ranking):
        raise Invalid("currency-differs", "A price is in another currency than the tender.")
    opened = course.lots_opened
    received = None if opened is None else opened.get(lot, sum(opened.values()))
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
