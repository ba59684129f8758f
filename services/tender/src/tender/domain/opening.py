"""The opening: at the deadline, not before, and only of lots with enough bids. No price is opened yet."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from shared.kernel.errors import NotAllowed
from shared.rules.gates import Stage, count_gate
from shared.rules.pack import RulePack
from shared.rules.result import RuleResult, Verdict, require
from tender.domain.bid_checks import Objection
from tender.domain.deadline import answers_awaited
from tender.domain.endings import Change, end_lot, open_lots, settle
from tender.domain.events import FundsUnneeded, Opened
from tender.domain.lifecycles import TENDER
from tender.domain.parts import OpenedBid, Party, Status
from tender.domain.tender import Tender


@dataclass(frozen=True, slots=True)
class ReceivedBid:
    """What is known of a bid while its price is sealed."""

    bid: UUID
    lot: str
    bidder: Party
    received_at: datetime
    digest: str
    technical_digest: str | None = None
    objection: Objection | None = None
    deduction: Decimal = Decimal(0)
    findings: tuple[str, ...] = ()


def check_bid_time(tender: Tender, at: datetime, pack: RulePack) -> None:
    """Admit a bid that is received strictly before the deadline.

    Raises:
        NotAllowed: tender-not-active before the publication and after a cancellation; bid-late from the instant of the
            deadline on, which waits for the answers to all questions.
    """
    late = tender.bidding_ended(at, pack)
    if late or tender.opened_at is not None or tender.status is Status.UNSUCCESSFUL:
        raise NotAllowed(
            "bid-late",
            "The deadline has passed; a bid received at that instant is late.",
            reference=pack.reference("bid-deadline"),
            satisfied_by="A bid received before the deadline.",
        )
    tender.expect(Status.ACTIVE)


def may_open(tender: Tender, at: datetime, pack: RulePack) -> None:
    """Admit the opening.

    Raises:
        NotAllowed: tender-not-active; bids-sealed before the deadline; amendment-ordered; questions-unanswered.
    """
    TENDER.admit("open", tender.status, pack)
    if tender.closes_at is None or at < tender.closes_at:
        raise NotAllowed(
            "bids-sealed",
            "The bids stay sealed until the deadline.",
            reference=pack.reference("bid-deadline"),
            satisfied_by="The deadline.",
        )
    if tender.amendment_ordered_at is not None:
        raise NotAllowed(
            "amendment-ordered",
            "The documents are amended before the bids are opened.",
            reference=pack.reference("complaint-decision"),
            satisfied_by="The publication of the amendment, and the deadline after it.",
        )
    require(answers_awaited(tender.unanswered, pack), "questions-unanswered")


def enough(tender: Tender, stage: Stage, count: int, pack: RulePack) -> RuleResult | None:
    """Return the rule that ends a lot with so few bids, or none.

    Raises:
        NotAllowed: facts-missing, where it is not known whether a rule binds that so few bids would not meet.
    """
    result = count_gate(pack, stage, count, tender.content.procurement.counted_by)
    if result.verdict is Verdict.FAIL:
        return result
    require(result)
    return None


def open_bids(tender: Tender, received: tuple[ReceivedBid, ...], *, at: datetime, pack: RulePack) -> Change:
    """Make public who bid for the lots that go on; the prices stay sealed.

    Raises:
        NotAllowed: what may_open() refuses.
    """
    may_open(tender, at, pack)
    going_on = open_lots(tender)
    bids = tuple(_opened(bid) for bid in received if bid.lot in going_on)
    opened, event = replace(
        tender,
        status=TENDER.move("open", tender.status, Status.QUALIFICATION, pack),
        opened_at=at,
        bids=bids,
        due_at=pack.ends_at("qualification", at, tender.acceleration),
    ).telling(Opened, opened_at=at, bids=bids)
    after, unneeded = _tell_unneeded_funds(opened)
    return after, (event, *unneeded)


def _tell_unneeded_funds(tender: Tender) -> Change:
    # Until the opening an amendment may still bring the value back to what was reserved.
    unneeded = tender.funded - tender.content.value if tender.funded else None
    if unneeded is None or unneeded.minor <= 0:
        return tender, ()
    after, event = tender.telling(FundsUnneeded, amount=unneeded)
    return after, (event,)


def _opened(bid: ReceivedBid) -> OpenedBid:
    objection = bid.objection
    return OpenedBid(
        bid=bid.bid,
        lot=bid.lot,
        bidder=bid.bidder,
        received_at=bid.received_at,
        digest=bid.digest,
        technical_digest=bid.technical_digest,
        valid=objection is None,
        reason=objection.reason if objection else None,
        rule=objection.reference if objection else None,
        excluded_in=Status.ACTIVE if objection else None,
        deduction=bid.deduction,
        findings=bid.findings,
    )


def end_lots(tender: Tender, action: str, stage: Stage, counts: dict[str, int], pack: RulePack) -> Change:
    """Hold the number of bids of every open lot to the pack; with the last lot the procedure ends."""
    after, events = tender, ()  # type: Change
    for lot in open_lots(tender):
        failed = enough(tender, stage, counts.get(lot, 0), pack)
        if failed is not None:
            after, ended = end_lot(after, lot, failed.detail, failed.rule, bids=counts.get(lot, 0))
            events = (*events, *ended)
            last = failed
    if not events:
        return tender, ()
    # Before the opening nothing is known of the bids but how many there are.
    came = len(tender.bids) or sum(counts.values())
    after, ended = settle(after, action, last.detail, last.rule, bids=came)
    return after, (*events, *ended)
