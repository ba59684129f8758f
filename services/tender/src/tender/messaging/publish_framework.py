"""Framework agreements, in the published language."""

from typing import Any

from shared.contracts import framework
from shared.contracts.event import EventData
from shared.kernel.events import DomainEvent
from tender.domain import framework_events as domain
from tender.messaging.publish_award import ranked
from tender.messaging.publish_party import party


def framework_event(event: DomainEvent) -> EventData | None:
    """Write an event of a framework agreement; of anything else, nothing."""
    match event:
        case domain.FrameworkProposed():
            return framework.FrameworkProposed(
                ocid=event.ocid,
                tender=event.aggregate,
                lot=event.lot,
                suppliers=tuple(map(party, event.suppliers)),
                ranking=ranked(event.ranking),
                formula=event.formula,
                derivation=event.derivation,
                standstill_ends_at=event.standstill_ends_at,
            )
        case domain.FrameworkEvent():
            of: dict[str, Any] = {"ocid": event.ocid, "tender": event.tender, "framework": event.aggregate}
            return _of_orders(event, of) or _of_suppliers(event, of)
    return None


def _of_orders(event: domain.FrameworkEvent, of: dict[str, Any]) -> EventData | None:
    match event:
        case domain.CompetitionOpened():
            return framework.CompetitionOpened(
                **of, competition=event.competition, title=event.title, closes_at=event.closes_at
            )
        case domain.CompetitionDecided():
            return framework.CompetitionDecided(
                **of,
                competition=event.competition,
                quotes=tuple(framework.Quote(supplier=party(of_), price=price) for of_, price in event.quotes),
                supplier=party(event.supplier) if event.supplier else None,
            )
        case domain.CalledOff():
            return framework.CalledOff(
                **of,
                contract=event.contract,
                supplier=party(event.supplier),
                value=event.value,
                called_off=event.called_off,
                stage_two=event.stage_two,
                reason=event.reason,
            )
        case domain.CallOffReturned():
            return framework.CallOffReturned(
                **of, contract=event.contract, value=event.value, called_off=event.called_off
            )
    return None


def _of_suppliers(event: domain.FrameworkEvent, of: dict[str, Any]) -> EventData:
    match event:
        case domain.FrameworkConcluded():
            return framework.FrameworkConcluded(
                **of,
                lot=event.lot,
                title=event.title,
                suppliers=tuple(map(party, event.suppliers)),
                ceiling=event.ceiling,
                start=event.start,
                end=event.end,
                stage_two=event.stage_two,
            )
        case domain.SupplierJoined():
            return framework.SupplierJoined(
                **of, supplier=party(event.supplier), admitted=event.admitted, reason=event.reason
            )
        case domain.SupplierLeft():
            return framework.SupplierLeft(**of, supplier=party(event.supplier), reason=event.reason)
        case domain.FrameworkEnded():
            return framework.FrameworkEnded(**of, amount=event.amount)
    raise TypeError(type(event).__name__)
