"""What of a procedure is told in other words than the domain's."""

from collections.abc import Iterable, Sequence
from typing import Any

from shared.contracts import tender
from shared.contracts.event import EventData, rule_and_source
from shared.kernel.events import DomainEvent
from tender.domain import events as domain
from tender.domain.amendment_events import Amended
from tender.domain.parts import OpenedBid
from tender.domain.requirements import RequirementCriterion


def tender_event(event: DomainEvent) -> EventData | None:
    """Write an event of a procedure; of anything else, nothing."""
    match event:
        case domain.FundingRequested():
            return tender.FundingRequested.of(event, tender=event.aggregate, pack=_pack(event))
        case domain.Published():
            requirements = _requirements(event.requirements)
            return tender.Published.of(event, tender=event.aggregate, pack=_pack(event), requirements=requirements)
        case Amended():
            return tender.Amended.of(event, tender=event.aggregate, requirements=_requirements(event.requirements))
    return _opening(event) or _ended(event)


def _opening(event: DomainEvent) -> EventData | None:
    match event:
        case domain.Opened():
            return tender.Opened.of(event, tender=event.aggregate, bids=_bids(event.bids))
        case domain.PricesOpened():
            return tender.PricesOpened.of(event, tender=event.aggregate, bids=_bids(event.bids))
        case domain.BidsQualified():
            return tender.BidsQualified.of(event, tender=event.aggregate)
        case domain.BidExcluded():
            return tender.BidExcluded.of(event, tender=event.aggregate, **rule_and_source(event.reference))
    return None


def _ended(event: DomainEvent) -> EventData | None:
    match event:
        case domain.LotUnsuccessful():
            return tender.LotUnsuccessful.of(event, tender=event.aggregate, **rule_and_source(event.reference))
        case domain.LotCancelled():
            return tender.LotCancelled.of(event, tender=event.aggregate, **rule_and_source(None))
        case domain.Unsuccessful():
            return tender.Unsuccessful.of(event, tender=event.aggregate, **rule_and_source(event.reference))
    return None


def _pack(event: domain.FundingRequested | domain.Published) -> dict[str, str]:
    return {"id": event.pack, "version": event.pack_version}


def _bids(bids: Iterable[OpenedBid]) -> list[tender.OpenedBid]:
    return [tender.OpenedBid.of(bid, **rule_and_source(bid.rule)) for bid in bids]


def _requirements(criteria: Sequence[RequirementCriterion]) -> list[dict[str, Any]]:
    return [
        {
            "id": criterion.id,
            "title": criterion.title,
            "kind": criterion.kind,
            "groups": [
                {
                    "id": group.id,
                    "title": group.title,
                    "requirements": [
                        tender.Requirement.of(item, eligible_evidence=item.evidence) for item in group.requirements
                    ],
                }
                for group in criterion.groups
            ],
        }
        for criterion in criteria
    ]
