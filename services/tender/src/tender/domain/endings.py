"""How lots end, and the procedure with the last of them."""

from dataclasses import replace
from uuid import UUID

from shared.kernel.errors import NotAllowed, RuleReference
from tender.domain.events import (
    AwardCancelled,
    BidExcluded,
    Cancelled,
    LotCancelled,
    LotUnsuccessful,
    ProcedureEvent,
    Unsuccessful,
)
from tender.domain.lifecycles import AWARD, LOT, TENDER
from tender.domain.parts import Award, AwardStatus, LotStatus, OpenedBid, Status
from tender.domain.tender import Tender

Change = tuple[Tender, tuple[ProcedureEvent, ...]]


def open_lots(tender: Tender) -> tuple[str, ...]:
    """Return the lots that have not ended."""
    return tuple(lot.id for lot in tender.lots if lot.status is LotStatus.ACTIVE)


def undecided_lots(tender: Tender) -> tuple[str, ...]:
    """Return the lots that have not ended and of which no award or framework agreement has been proposed."""
    going_on = open_lots(tender)
    return tuple(lot.id for lot in tender.lots if lot.id in going_on and lot.award is None and lot.framework is None)


def standing_award(tender: Tender, lot: str) -> Award:
    """Return the award of a lot that has been proposed and not taken back.

    Raises:
        NotFound: lot-unknown.
        NotAllowed: award-missing.
    """
    award = tender.progress(lot).award
    if award is None:
        raise NotAllowed("award-missing", "No award of the lot has been proposed.", satisfied_by="A proposed award.")
    return award


def take_back(tender: Tender, lot: str, reason: str, *, pass_over: bool) -> Change:
    """Take the award of a lot back; the lot is open again, and who is passed over is not awarded it any more.

    Raises:
        NotFound: lot-unknown.
        NotAllowed: award-missing.
    """
    award, progress = standing_award(tender, lot), tender.progress(lot)
    status = AWARD.move("cancel", award.status, AwardStatus.CANCELLED)
    cancelled = replace(award, status=status, cancelled_because=reason)
    complete = progress.status is LotStatus.COMPLETE
    reopened = replace(
        progress,
        status=LOT.move("reopen", progress.status, LotStatus.ACTIVE) if complete else progress.status,
        awards=tuple(cancelled if other.id == award.id else other for other in progress.awards),
        passed_over=(*progress.passed_over, award.bid) if pass_over else progress.passed_over,
    )
    after, event = tender.with_lot(reopened).telling(
        AwardCancelled, lot=lot, award=award.id, bid=award.bid, supplier=award.supplier, reason=reason
    )
    return after, (event,)


def end_lot(tender: Tender, lot: str, reason: str, reference: RuleReference, *, bids: int | None = None) -> Change:
    """End a lot without an award; what was set aside for it is given back.

    Shape: bids are those that a gate counted; none where no gate ended the lot.
    """
    progress = tender.progress(lot)
    status = LOT.move("end", progress.status, LotStatus.UNSUCCESSFUL)
    ended, event = tender.with_lot(replace(progress, status=status)).telling(
        LotUnsuccessful, lot=lot, amount=tender.lot(lot).value, reason=reason, reference=reference, bids=bids
    )
    return ended, (event,)


def end_lot_and_settle(tender: Tender, lot: str, action: str, reason: str, reference: RuleReference) -> Change:
    """End a lot without an award, and with the last of them the procedure."""
    ended, events = end_lot(tender, lot, reason, reference)
    settled, endings = settle(ended, action, reason, reference, bids=len(ended.bids))
    return settled, (*events, *endings)


def settle(tender: Tender, action: str, reason: str, reference: RuleReference, *, bids: int) -> Change:
    """End the procedure if none of its lots is left; otherwise leave it. The bids are those that came."""
    if open_lots(tender):
        return tender, ()
    if _one_awarded(tender):
        return complete(tender, action), ()
    status = TENDER.move(action, tender.status, Status.UNSUCCESSFUL)
    ended, event = replace(tender, status=status, due_at=None).telling(
        Unsuccessful, bids=bids, reason=reason, reference=reference
    )
    return ended, (event,)


def cancel(tender: Tender, reason: str, ground: str | None = None) -> Change:
    """End the procedure before a contract.

    Raises:
        NotAllowed: tender-not-cancellable.
    """
    _cancellable(tender)
    if _one_awarded(tender):
        raise NotAllowed(
            "tender-not-cancellable",
            "A lot of the tender has been awarded.",
            satisfied_by="The cancellation of the lots that are left.",
        )
    if tender.status is Status.DRAFT:
        # What is said of a draft is its office's business; that funds are not waited for any more is not.
        reason, ground = "It was given up before it was published.", None
    after, events = tender, ()  # type: Change
    for lot in open_lots(tender):
        if after.progress(lot).award is not None:
            # An award that was proposed does not outlive its lot.
            after, taken_back = take_back(after, lot, reason, pass_over=False)
            events = (*events, *taken_back)
        progress = after.progress(lot)
        after = after.with_lot(replace(progress, status=LOT.move("cancel", progress.status, LotStatus.CANCELLED)))
    cancelled, ended = _cancelled(after, reason, ground)
    return cancelled, (*events, *ended)


def cancel_lot(tender: Tender, lot: str, reason: str, ground: str | None = None) -> Change:
    """End one lot before its award; the procedure goes on with the others, and ends with the last.

    Raises:
        NotFound: lot-unknown.
        NotAllowed: tender-not-cancellable, lot-not-active, lot-awarded.
    """
    _cancellable(tender)
    progress = tender.progress(lot)
    if progress.award is not None:
        raise NotAllowed("lot-awarded", "An award of the lot stands.", satisfied_by="The cancellation of the award.")
    status = LOT.move("cancel", progress.status, LotStatus.CANCELLED)
    after, event = tender.with_lot(replace(progress, status=status)).telling(
        LotCancelled, lot=lot, amount=tender.lot(lot).value, reason=reason
    )
    if open_lots(after):
        return after, (event,)
    if _one_awarded(after):
        return complete(after, "cancel"), (event,)
    cancelled, events = _cancelled(after, reason, ground)
    return cancelled, (event, *events)


def may_examine(tender: Tender, identifier: UUID) -> OpenedBid:
    """Admit that a bid is looked into between the prices and the award of its lot.

    Raises:
        NotFound: bid-unknown.
        NotAllowed: tender-not-award, bid-not-valid, lot-not-active, award-pending.
    """
    tender.expect(Status.AWARD)
    return to_be_decided(tender, identifier)


def may_answer(tender: Tender, identifier: UUID) -> None:
    """Admit what a bidder was asked for, also while its lot has gone back to an earlier stage.

    Raises:
        NotFound: bid-unknown.
        NotAllowed: tender-not-qualification; what to_be_decided() refuses.
    """
    TENDER.admit("answer", tender.status)
    to_be_decided(tender, identifier)


def to_be_decided(tender: Tender, identifier: UUID) -> OpenedBid:
    """Admit a decision on a bid: it counts, and nobody has been proposed for its lot.

    Raises:
        NotFound: bid-unknown.
        NotAllowed: bid-not-valid, lot-not-active, award-pending.
    """
    bid = tender.bid(identifier)
    if not bid.valid:
        raise NotAllowed("bid-not-valid", "The bid does not count.", satisfied_by="A bid that counts.")
    LOT.admit("complete", tender.progress(bid.lot).status)
    if bid.lot not in undecided_lots(tender):
        raise NotAllowed("award-pending", "An award of the lot has been proposed.")
    return bid


def exclude(
    tender: Tender, bid: OpenedBid, reason: str, reference: RuleReference | None, *, requirement: str | None = None
) -> Change:
    """Let a bid not count any more."""
    excluded = replace(
        bid, valid=False, reason=reason, rule=reference, requirement=requirement, excluded_in=tender.status
    )
    bids = tuple(excluded if other.bid == bid.bid else other for other in tender.bids)
    after, event = replace(tender, bids=bids).telling(
        BidExcluded,
        bid=bid.bid,
        lot=bid.lot,
        bidder=bid.bidder,
        reason=reason,
        reference=reference,
        requirement=requirement,
    )
    return after, (event,)


def _one_awarded(tender: Tender) -> bool:
    return any(lot.status is LotStatus.COMPLETE for lot in tender.lots)


def complete(tender: Tender, action: str) -> Tender:
    """End the procedure with the last of its lots that was awarded."""
    return replace(tender, status=TENDER.move(action, tender.status, Status.COMPLETE), due_at=None)


def _cancellable(tender: Tender) -> None:
    if tender.status not in TENDER.transitions["cancel"].before:
        raise NotAllowed("tender-not-cancellable", f"The tender is {tender.status}; it can no longer be cancelled.")


def _cancelled(tender: Tender, reason: str, ground: str | None) -> Change:
    status = TENDER.move("cancel", tender.status, Status.CANCELLED)
    cancelled, event = replace(tender, status=status, due_at=None).telling(Cancelled, reason=reason, ground=ground)
    return cancelled, (event,)
