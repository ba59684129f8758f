"""The tender service's events, as the others read them."""

from collections.abc import Sequence
from typing import Any

from shared.contracts import award, contract, tender
from shared.contracts.event import EventData, Organisation
from shared.kernel.events import DomainEvent
from tender.domain import events as domain
from tender.domain.catalogue import Service
from tender.domain.contract_events import ContractEvent
from tender.domain.parts import Milestone, Party
from tender.messaging.publish_contract import published_contract


def published(event: DomainEvent) -> EventData:
    """Write a domain event in the published language."""
    match event:
        case domain.Planned():
            return tender.Planned(
                plan=event.aggregate,
                title=event.title,
                buyer=_party(event.buyer),
                service=_service(event.service),
                estimate=event.estimate,
                budget_line=event.budget_line,
            )
        case domain.ContractGenerated() | domain.SupplierSigned() | domain.ContractSigned():
            return _contract(event)
        case domain.AwardProposed() | domain.AwardConfirmed():
            return _award(event)
        case ContractEvent():
            return published_contract(event)
        case domain.ProcedureEvent():
            return _tender(event)
    raise TypeError(type(event).__name__)


def _tender(event: domain.ProcedureEvent) -> EventData:
    of: dict[str, Any] = {"ocid": event.ocid, "tender": event.aggregate}
    match event:
        case domain.FundingRequested():
            return tender.FundingRequested(
                **of,
                plan=event.plan,
                title=event.title,
                buyer=_party(event.buyer),
                budget_line=event.budget_line,
                amount=event.amount,
                answer_due=event.answer_due,
            )
        case domain.ReturnedToDraft():
            return tender.ReturnedToDraft(**of, code=event.code, reason=event.reason)
        case domain.Published():
            return _publication(event, of)
        case domain.Opened():
            bids = tuple(
                tender.OpenedBid(
                    bid=bid.bid,
                    bidder=_party(bid.bidder),
                    received_at=bid.received_at,
                    digest=bid.digest,
                    price=bid.price,
                    valid=bid.valid,
                    reason=bid.reason,
                )
                for bid in event.bids
            )
            return tender.Opened(**of, opened_at=event.opened_at, bids=bids)
        case domain.Unsuccessful():
            return tender.Unsuccessful(**of, bids=event.bids, reason=event.reason, rule=event.rule, source=event.source)
        case domain.Cancelled():
            return tender.Cancelled(**of, reason=event.reason)
    raise TypeError(type(event).__name__)


def _publication(event: domain.Published, of: dict[str, Any]) -> tender.Published:
    delivery = event.delivery
    return tender.Published(
        **of,
        plan=event.plan,
        title=event.title,
        description=event.description,
        buyer=_party(event.buyer),
        service=_service(event.service),
        value=event.value,
        lots=tuple(tender.Lot(id=lot.id, title=lot.title, value=lot.value) for lot in event.lots),
        criteria=tuple(
            tender.Criterion(id=item.id, title=item.title, kind=item.kind, weight=item.weight)
            for item in event.criteria
        ),
        delivery=tender.Delivery(start=delivery.start, end=delivery.end, periods=delivery.periods),
        published_at=event.published_at,
        closes_at=event.closes_at,
        pack=tender.PinnedPack(id=event.pack, version=event.pack_version),
        acceleration=event.acceleration,
    )


def _award(event: domain.AwardProposed | domain.AwardConfirmed) -> EventData:
    of: dict[str, Any] = {
        "ocid": event.ocid,
        "tender": event.aggregate,
        "award": event.award,
        "supplier": _party(event.supplier),
        "value": event.value,
    }
    if isinstance(event, domain.AwardConfirmed):
        return award.Confirmed(**of, contract=event.contract, signature_due=event.signature_due)
    ranking = tuple(
        award.RankedBid(
            bid=bid.bid,
            bidder=_party(bid.bidder),
            rank=bid.rank,
            price=bid.price,
            price_points=bid.price_points,
            quality_points=dict(bid.quality_points),
            total=bid.total,
        )
        for bid in event.ranking
    )
    return award.Proposed(
        **of,
        ranking=ranking,
        formula=event.formula,
        derivation=event.derivation,
        standstill_ends_at=event.standstill_ends_at,
    )


def _contract(event: domain.ContractGenerated | domain.SupplierSigned | domain.ContractSigned) -> EventData:
    of: dict[str, Any] = {"ocid": event.ocid, "contract": event.aggregate, "supplier": _party(event.supplier)}
    match event:
        case domain.SupplierSigned():
            return contract.SupplierSigned(**of, signed_at=event.signed_at)
        case domain.ContractGenerated():
            return contract.Generated(
                **of,
                award=event.award,
                buyer=_party(event.buyer),
                value=event.value,
                milestones=_milestones(event.milestones),
                signature_due=event.signature_due,
            )
        case domain.ContractSigned():
            return contract.Signed(
                **of,
                tender=event.tender,
                award=event.award,
                title=event.title,
                buyer=_party(event.buyer),
                service=_service(event.service),
                value=event.value,
                milestones=_milestones(event.milestones),
                signed_at=event.signed_at,
                pack=tender.PinnedPack(id=event.pack, version=event.pack_version),
                acceleration=event.acceleration,
                release=event.release,
            )


def _party(party: Party) -> Organisation:
    return Organisation(id=party.id, name=party.name)


def _service(service: Service) -> tender.Service:
    return tender.Service(code=service.code, title=service.title)


def _milestones(milestones: Sequence[Milestone]) -> tuple[contract.Milestone, ...]:
    return tuple(
        contract.Milestone(period=item.period, start=item.start, end=item.end, amount=item.amount)
        for item in milestones
    )
