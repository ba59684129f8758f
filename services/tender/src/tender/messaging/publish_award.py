"""What happens between the prices and the contract, in the published language."""

from collections.abc import Sequence
from typing import Any

from shared.contracts import award
from shared.contracts.event import EventData
from tender.domain import events as domain
from tender.domain.parts import RankedBid
from tender.messaging.publish_party import party


def award_event(event: domain.ProcedureEvent) -> EventData | None:
    """Write an event of the topic `award`; of another topic, nothing."""
    of: dict[str, Any] = {"ocid": event.ocid, "tender": event.aggregate}
    match event:
        case domain.AwardProposed():
            return _proposed(event, of)
        case domain.AwardConfirmed():
            return award.Confirmed(
                **of,
                lot=event.lot,
                award=event.award,
                contract=event.contract,
                supplier=party(event.supplier),
                value=event.value,
                signature_due=event.signature_due,
            )
        case domain.AwardCancelled():
            return award.Cancelled(
                **of,
                lot=event.lot,
                award=event.award,
                bid=event.bid,
                supplier=party(event.supplier),
                reason=event.reason,
            )
        case domain.TieDrawAnnounced():
            return award.TieDrawAnnounced(
                **of, lot=event.lot, bids=event.bids, source=event.source, not_before=event.not_before
            )
        case domain.TieDrawn():
            return award.TieDrawn(
                **of, lot=event.lot, source=event.source, randomness=event.randomness, order=event.order
            )
        case _:
            return _examined(event, of)


def _examined(event: domain.ProcedureEvent, of: dict[str, Any]) -> EventData | None:
    match event:
        case domain.PriceExplanationRequested():
            return award.PriceExplanationRequested(
                **of,
                bid=event.bid,
                lot=event.lot,
                bidder=party(event.bidder),
                triggers=event.triggers,
                due_at=event.due_at,
            )
        case domain.PriceExplained():
            return award.PriceExplained(**of, bid=event.bid, lot=event.lot, explained_at=event.explained_at)
        case domain.PriceExplanationDecided():
            return award.PriceExplanationDecided(
                **of, bid=event.bid, lot=event.lot, accepted=event.accepted, reason=event.reason
            )
        case domain.DeficiencyNotified():
            return award.DeficiencyNotified(
                **of, bid=event.bid, lot=event.lot, bidder=party(event.bidder), what=event.what, due_at=event.due_at
            )
        case domain.DeficiencyCorrected():
            return award.DeficiencyCorrected(
                **of, bid=event.bid, lot=event.lot, digest=event.digest, corrected_at=event.corrected_at
            )
    return None


def ranked(ranking: Sequence[RankedBid]) -> tuple[award.RankedBid, ...]:
    """Write a ranking."""
    return tuple(
        award.RankedBid(
            bid=bid.bid,
            bidder=party(bid.bidder),
            rank=bid.rank,
            price=bid.price,
            price_points=bid.price_points,
            quality_points=dict(bid.quality_points),
            total=bid.total,
        )
        for bid in ranking
    )


def _proposed(event: domain.AwardProposed, of: dict[str, Any]) -> EventData:
    return award.Proposed(
        **of,
        lot=event.lot,
        award=event.award,
        supplier=party(event.supplier),
        value=event.value,
        ranking=ranked(event.ranking),
        formula=event.formula,
        derivation=event.derivation,
        standstill_ends_at=event.standstill_ends_at,
    )
