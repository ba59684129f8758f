"""What happens from the deadline to the prices, and how lots end, in the published language."""

from typing import Any

from shared.contracts import tender
from shared.contracts.event import EventData
from shared.kernel.errors import RuleReference
from tender.domain import events as domain
from tender.domain.parts import OpenedBid
from tender.messaging.publish_party import party


def opening_event(event: domain.ProcedureEvent) -> EventData | None:  # noqa: PLR0911 - one return an event
    """Write an event of the opening; of another kind, nothing."""
    of: dict[str, Any] = {"ocid": event.ocid, "tender": event.aggregate}
    match event:
        case domain.Opened():
            return tender.Opened(**of, opened_at=event.opened_at, bids=tuple(map(_bid, event.bids)))
        case domain.PricesOpened():
            return tender.PricesOpened(**of, opened_at=event.opened_at, bids=tuple(map(_bid, event.bids)))
        case domain.BidsQualified():
            return tender.BidsQualified(
                **of,
                qualified=event.qualified,
                accepted=tuple(tender.AcceptedBid(bid=bid, reason=reason) for bid, reason in event.accepted),
            )
        case domain.BidExcluded():
            return tender.BidExcluded(
                **of,
                bid=event.bid,
                lot=event.lot,
                bidder=party(event.bidder),
                reason=event.reason,
                **_reference(event.reference),
            )
        case domain.LotUnsuccessful():
            return tender.LotUnsuccessful(
                **of, lot=event.lot, amount=event.amount, reason=event.reason, **_reference(event.reference)
            )
        case domain.LotCancelled():
            return tender.LotCancelled(**of, lot=event.lot, amount=event.amount, reason=event.reason)
        case domain.Unsuccessful():
            return tender.Unsuccessful(**of, bids=event.bids, reason=event.reason, **_reference(event.reference))
    return None


def _bid(bid: OpenedBid) -> tender.OpenedBid:
    return tender.OpenedBid(
        bid=bid.bid,
        lot=bid.lot,
        bidder=party(bid.bidder),
        received_at=bid.received_at,
        digest=bid.digest,
        technical_digest=bid.technical_digest,
        price=bid.price,
        valid=bid.valid,
        reason=bid.reason,
        **_reference(bid.rule),
    )


def _reference(reference: RuleReference | None) -> dict[str, Any]:
    return {"rule": reference.rule, "source": reference.source} if reference else {}
