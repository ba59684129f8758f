"""The tender service's events, as the others read them."""

from collections.abc import Sequence
from typing import Any

from shared.contracts import contract, tender
from shared.contracts.event import EventData
from shared.kernel.events import DomainEvent
from tender.domain import events as domain
from tender.domain import panel_events
from tender.domain.amendment_events import Amended
from tender.domain.catalogue import Service
from tender.domain.contract_events import ContractEvent
from tender.domain.exception_events import ExceptionGranted
from tender.domain.invitation_events import CandidatesPooled, InviteesDrawn
from tender.domain.parts import Milestone
from tender.domain.plan_events import PlanCancelled, PlanChanged, PlanCompleted, Planned
from tender.domain.publicity_events import ObjectionRaised, ObjectionReviewed, SingleSourcePublicised
from tender.domain.question_events import QuestionEvent
from tender.messaging import publish_panel
from tender.messaging.publish_amendment import published_amendment
from tender.messaging.publish_award import award_event
from tender.messaging.publish_challenge import challenge_event
from tender.messaging.publish_contract import published_contract
from tender.messaging.publish_framework import framework_event
from tender.messaging.publish_opening import opening_event
from tender.messaging.publish_party import party as _party
from tender.messaging.publish_plan import plan_published
from tender.messaging.publish_preparation import preparation_published, publicity_published
from tender.messaging.publish_question import published_question
from tender.messaging.publish_requirements import published_criteria, published_requirements


def published(event: DomainEvent) -> EventData:  # noqa: PLR0911 - one return a kind of event
    """Write a domain event in the published language."""
    match event:
        case Planned() | PlanChanged() | PlanCompleted() | PlanCancelled():
            return plan_published(event)
        case ExceptionGranted() | CandidatesPooled() | InviteesDrawn():
            return preparation_published(event)
        case SingleSourcePublicised() | ObjectionRaised() | ObjectionReviewed():
            return publicity_published(event)
        case domain.ContractGenerated() | domain.SupplierSigned() | domain.ContractSigned():
            return _contract(event)
        case QuestionEvent():
            return published_question(event)
        case Amended():
            return published_amendment(event)
        case panel_events.PanelEvent():
            return publish_panel.published(event)
        case ContractEvent():
            return published_contract(event)
        case domain.ProcedureEvent():
            return (
                award_event(event)
                or opening_event(event)
                or challenge_event(event)
                or framework_event(event)
                or _tender(event)
            )
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
                pack=tender.PinnedPack(id=event.pack, version=event.pack_version),
            )
        case domain.ReturnedToDraft():
            return tender.ReturnedToDraft(**of, code=event.code, reason=event.reason)
        case domain.Published():
            return _publication(event, of)
        case domain.Cancelled():
            return tender.Cancelled(**of, reason=event.reason, ground=event.ground)
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
        criteria=published_criteria(event.criteria),
        delivery=tender.Delivery(start=delivery.start, end=delivery.end, periods=delivery.periods),
        published_at=event.published_at,
        closes_at=event.closes_at,
        pack=tender.PinnedPack(id=event.pack, version=event.pack_version),
        acceleration=event.acceleration,
        procurement=tender.Procurement(
            method=event.procurement.method,
            ground=event.procurement.ground,
            rationale=event.procurement.rationale,
            follows=event.procurement.follows,
        ),
        requirements=published_requirements(event.requirements),
        questions_until=event.questions_until,
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


def _service(service: Service) -> tender.Service:
    return tender.Service(code=service.code, title=service.title)


def _milestones(milestones: Sequence[Milestone]) -> tuple[contract.Milestone, ...]:
    return tuple(
        contract.Milestone(period=item.period, start=item.start, end=item.end, amount=item.amount)
        for item in milestones
    )
