"""What its bidder is told of a bid once the award of its lot is proposed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.kernel.errors import NotAllowed, RuleReference
from shared.rules.pack import RulePack
from tender.domain.parts import AwardStatus, OpenedBid, Party, RankedBid
from tender.domain.tender import Tender


@dataclass(frozen=True, slots=True, kw_only=True)
class BidResult:
    """How one bid did, as its own bidder is told.

    Shape: place is None where the bid does not count, and then reason, rule and requirement say why; size_reason says
        why its declared size was not confirmed, where it was not; leading is the place of the
        first, for a bid that did not win where the pack has its bidder told; rule_of_standstill is None
        where no rule asks for a standstill; award is None for a framework agreement.
    """

    bid: UUID
    lot: str
    won: bool
    place: RankedBid | None
    ranked: int
    reason: str | None
    rule: RuleReference | None
    requirement: str | None
    size_reason: str | None
    award: UUID | None
    suppliers: tuple[Party, ...]
    leading: RankedBid | None
    proposed_at: datetime
    standstill_ends_at: datetime
    rule_of_standstill: RuleReference | None


def result_of(tender: Tender, identifier: UUID, pack: RulePack) -> BidResult:
    """Return how an opened bid did.

    Raises:
        NotFound: bid-unknown, for one that was not opened.
        NotAllowed: result-open.
    """
    if tender.opened_at is None:
        raise _open()
    bid = tender.bid(identifier)
    progress = tender.progress(bid.lot)
    # An award that was taken back is no result, but what its bidders were told stays true until there is another.
    last = progress.award or next(reversed(progress.awards), None)
    if last is not None:
        won = last.bid == bid.bid and last.status is not AwardStatus.CANCELLED
        return _result(
            bid, pack, last.ranking, won=won, award=last.id, suppliers=(last.supplier,),
            proposed_at=last.proposed_at, standstill_ends_at=last.standstill_ends_at,
            standstill_rule=last.standstill_rule,
        )  # fmt: skip
    proposal = progress.framework
    if proposal is None:
        raise _open()
    return _result(
        bid, pack, proposal.ranking, won=bid.bidder in proposal.suppliers, award=None, suppliers=proposal.suppliers,
        proposed_at=proposal.proposed_at, standstill_ends_at=proposal.standstill_ends_at,
        standstill_rule=proposal.standstill_rule,
    )  # fmt: skip


def _open() -> NotAllowed:
    return NotAllowed(
        "result-open",
        "How a bid did is known once the award of its lot is proposed.",
        satisfied_by="The proposal of the award.",
    )


def _result(
    bid: OpenedBid,
    pack: RulePack,
    ranking: Sequence[RankedBid],
    *,
    won: bool,
    award: UUID | None,
    suppliers: tuple[Party, ...],
    proposed_at: datetime,
    standstill_ends_at: datetime,
    standstill_rule: str | None,
) -> BidResult:
    told = not won and pack.flag("award.advantages-told")
    return BidResult(
        bid=bid.bid,
        lot=bid.lot,
        won=won,
        place=next((place for place in ranking if place.bid == bid.bid), None),
        ranked=len(ranking),
        reason=bid.reason,
        rule=bid.rule,
        requirement=bid.requirement,
        size_reason=bid.size_reason,
        award=award,
        suppliers=suppliers,
        leading=next((place for place in ranking if place.bidder in suppliers), None) if told else None,
        proposed_at=proposed_at,
        standstill_ends_at=standstill_ends_at,
        rule_of_standstill=pack.reference(standstill_rule) if standstill_rule else None,
    )
