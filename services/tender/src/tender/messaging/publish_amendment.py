"""Amendments, as the others read them."""

from shared.contracts import tender
from tender.domain.amendment_events import Amended
from tender.messaging.publish_requirements import published_criteria, published_requirements


def published_amendment(event: Amended) -> tender.Amended:
    """Write an amendment in the published language."""
    delivery = event.delivery
    return tender.Amended(
        ocid=event.ocid,
        tender=event.aggregate,
        amendment=event.amendment,
        number=event.number,
        reason=event.reason,
        changed=event.changed,
        title=event.title,
        description=event.description,
        value=event.value,
        lots=tuple(tender.Lot(id=lot.id, title=lot.title, value=lot.value) for lot in event.lots),
        criteria=published_criteria(event.criteria),
        requirements=published_requirements(event.requirements),
        delivery=tender.Delivery(start=delivery.start, end=delivery.end, periods=delivery.periods),
        amended_at=event.amended_at,
        old_closes_at=event.old_closes_at,
        closes_at=event.closes_at,
        questions_until=event.questions_until,
    )
