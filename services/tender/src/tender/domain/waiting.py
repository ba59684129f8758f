"""Whom a procedure waits for, until when, and what happens by itself when a time is over."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tender.domain import deficiency, price_inquiry
from tender.domain.endings import open_lots
from tender.domain.parts import AwardStatus, Status
from tender.domain.tender import Tender

_WAITS_FOR = {
    Status.FUNDING_REQUESTED: "the budget's answer",
    Status.ACTIVE: "the opening",
    Status.QUALIFICATION: "the decision who qualifies",
    Status.EVALUATION: "the panel's scores and the opening of the prices",
}
_ORDERED = "the amendment that was ordered"
_IN_TALKS = "the panel's scores, the talks and the call for final quotes"
_QUOTES = "the opening of the final quotes"
_PROPOSED = "a second person on who qualifies"


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a procedure waits for, and when that is overdue."""

    waiting_for: str
    due_at: datetime


def next_wait(tender: Tender) -> Waiting | None:
    """Return what is overdue first."""
    waits = sorted(_waits(tender), key=lambda wait: wait.due_at)
    return waits[0] if waits else None


def clock_at(tender: Tender) -> datetime | None:
    """Return when time next acts on the procedure by itself."""
    return min((item.due_at for item in deficiency.awaited(tender)), default=None)


def _waits(tender: Tender) -> Iterator[Waiting]:
    if tender.status in _WAITS_FOR and tender.due_at is not None:
        yield Waiting(_waits_for(tender), tender.due_at)
    if tender.status is Status.AWARD:
        for lot in open_lots(tender):
            yield from _waits_of_lot(tender, lot)


def _waits_for(tender: Tender) -> str:
    if tender.amendment_ordered_at is not None:
        return _ORDERED
    if tender.status is Status.EVALUATION and tender.negotiation is not None:
        return _IN_TALKS if tender.negotiation.closes_at is None else _QUOTES
    if tender.status is Status.QUALIFICATION and tender.qualification is not None:
        return _PROPOSED
    return _WAITS_FOR[tender.status]


def _waits_of_lot(tender: Tender, lot: str) -> Iterator[Waiting]:
    yield from _answers(tender, lot)
    award, framework = tender.progress(lot).award, tender.progress(lot).framework
    if framework is not None:
        yield Waiting("the conclusion of a framework agreement", framework.confirmation_due)
    elif award is not None and award.status is AwardStatus.PENDING:
        yield Waiting("the confirmation of an award", award.confirmation_due)
    elif award is None:
        if tender.due_at is not None:
            yield Waiting("the proposal of an award", tender.due_at)
        for draw in tender.tie_draws:
            if draw.lot == lot and draw.closing is not None and draw.awaited:
                yield Waiting("the draw of a tie", draw.closing.beacon.at)


def _answers(tender: Tender, lot: str) -> Iterator[Waiting]:
    for inquiry in price_inquiry.undecided(tender, lot):
        if inquiry.explained_at is None:
            yield Waiting("a bidder's explanation of its price", inquiry.due_at)
        elif tender.due_at is not None:
            yield Waiting("the decision on an explained price", tender.due_at)
    for open_deficiency in deficiency.undecided(tender, lot):
        if open_deficiency.correction is None:
            yield Waiting("a bidder's correction", open_deficiency.due_at)
        elif tender.due_at is not None:
            yield Waiting("the decision on a correction", tender.due_at)
