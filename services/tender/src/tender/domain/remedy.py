"""What an upheld challenge does to the procedure: back to the stage where it went wrong."""

from dataclasses import replace
from datetime import datetime

from shared.kernel.errors import NotAllowed
from shared.rules.pack import RulePack
from tender.domain import deficiency, price_inquiry
from tender.domain.challenge import Remedy
from tender.domain.challenge_events import SentBack
from tender.domain.endings import Change, cancel, take_back
from tender.domain.lifecycles import TENDER
from tender.domain.negotiation import begin, forget_prices
from tender.domain.parts import LotStatus, OpenedBid, Status
from tender.domain.tender import Tender

_STAGES = {
    Remedy.QUALIFY_AGAIN: (Status.QUALIFICATION, "qualification"),
    Remedy.EVALUATE_AGAIN: (Status.EVALUATION, "scoring"),
    Remedy.ANNUL_AWARD: (Status.AWARD, "award-proposal"),
}
_GOING_ON = frozenset({LotStatus.ACTIVE, LotStatus.COMPLETE})


def carry_out(tender: Tender, remedy: Remedy, lot: str | None, reason: str, *, at: datetime, pack: RulePack) -> Change:
    """Do what was ordered: nothing, an amendment, the procedure's end, or a return of one lot or of all to a stage.

    Raises:
        NotFound: lot-unknown.
        NotAllowed: tender-not-evaluation, tender-not-cancellable, lot-ended, framework-in-force; stage-not-reached, if
            the procedure has not come that far; tender-not-active, bidding-ended, if the documents are past amending.
    """
    if remedy is Remedy.NONE:
        return tender, ()
    if remedy is Remedy.CANCEL_PROCEDURE:
        return cancel(tender, reason)
    if lot is not None:
        tender.progress(lot)
    if remedy is Remedy.AMEND_DOCUMENTS:
        return _order_amendment(tender, lot, reason, at=at, pack=pack)
    stage, term = _STAGES[remedy]
    TENDER.admit("send back", tender.status)
    if tender.status is Status.EVALUATION and stage is Status.AWARD:
        raise NotAllowed("stage-not-reached", "The procedure has not come to an award.")
    lots = tuple(item.id for item in tender.lots if lot in {None, item.id} and item.status in _GOING_ON)
    if not lots:
        raise NotAllowed("lot-ended", "The lot has ended without an award.", satisfied_by="A new tender.")
    after, events = tender, ()  # type: Change
    for identifier in lots:
        after, annulled = _annul(after, identifier, reason)
        events = (*events, *annulled)
    evaluated_again = stage is not Status.AWARD
    if evaluated_again:
        after = forget_prices(after, lots, pack)
    after, again = _bids_again(after, lots, stage, at, pack)
    events = (*events, *again)
    returned = replace(
        after,
        status=TENDER.move("send back", after.status, stage),
        round=after.round + evaluated_again,
        due_at=pack.ends_at(term, at, tender.acceleration),
    )
    sent, event = (begin(returned, pack) if stage is Status.EVALUATION else returned).telling(
        SentBack, stage=stage, lots=lots, reason=reason
    )
    return sent, (*events, event)


def _order_amendment(tender: Tender, lot: str | None, reason: str, *, at: datetime, pack: RulePack) -> Change:
    status = TENDER.move("order amendment", tender.status, Status.ACTIVE)
    if tender.bidding_ended(at, pack):
        raise NotAllowed(
            "bidding-ended",
            "The deadline has passed; documents are not amended once nobody can react.",
            reference=pack.reference("bid-deadline"),
            satisfied_by="The cancellation of the procedure.",
        )
    lots = tuple(item.id for item in tender.lots if lot in {None, item.id})
    ordered, event = replace(
        tender,
        status=status,
        amendment_ordered_at=at,
        due_at=pack.ends_at("amendment-publication", at, tender.acceleration),
    ).telling(SentBack, stage=status, lots=lots, reason=reason)
    return ordered, (event,)


def _annul(tender: Tender, lot: str, reason: str) -> Change:
    progress = tender.progress(lot)
    if progress.framework is not None:
        if progress.status is LotStatus.COMPLETE:
            raise NotAllowed("framework-in-force", "The framework agreement of the lot has been concluded.")
        return tender.with_lot(replace(progress, framework=None)), ()
    if progress.award is None:
        return tender, ()
    # Whose award was wrong may still be right.
    return take_back(tender, lot, reason, pass_over=False)


def _bids_again(tender: Tender, lots: tuple[str, ...], stage: Status, at: datetime, pack: RulePack) -> Change:
    # The award is done again after every return; a price that was opened and cannot count still cannot.
    bids = tuple(_again(bid, stage) if bid.lot in lots else bid for bid in tender.bids)
    after, asked = price_inquiry.again(replace(tender, bids=bids), lots, at=at, pack=pack)
    after, notified = deficiency.again(after, lots, at=at, pack=pack)
    return after, (*asked, *notified)


def _again(bid: OpenedBid, stage: Status) -> OpenedBid:
    qualified_again = stage is Status.QUALIFICATION
    if bid.excluded_in is Status.AWARD or (qualified_again and bid.excluded_in is Status.QUALIFICATION):
        bid = replace(bid, valid=True, reason=None, rule=None, requirement=None, excluded_in=None)
    return replace(bid, size_confirmed=True, size_reason=None) if qualified_again else bid
