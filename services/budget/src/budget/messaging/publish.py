"""The budget's events, as the others read them."""

from budget.domain import events as domain
from budget.messaging.publish_appropriations import granted, stated
from budget.messaging.publish_bank import of_the_bank
from budget.messaging.publish_holds import hold_event
from shared.contracts import budget as contract
from shared.contracts.event import EventData, rule_and_source
from shared.kernel.events import DomainEvent


def published(event: DomainEvent) -> EventData:
    """Write a domain event in the published language."""
    return granted(event) or of_the_bank(event) or _of_funds(event)


def _of_funds(event: DomainEvent) -> EventData:
    match event:
        case domain.FundsReserved():
            return contract.Reserved.of(event, available=stated(event.available))
        case domain.FundsRefused():
            return contract.Refused.of(event, **rule_and_source(event.reference))
        case domain.FundsCommitted():
            return contract.Committed.of(event)
        case domain.FundsReleased():
            return contract.Released.of(event, available=stated(event.available))
    return _of_a_contract(event)


def _of_a_contract(event: DomainEvent) -> EventData:
    match event:
        case domain.ChangeCommitted():
            return contract.ChangeCommitted.of(event, available=stated(event.available))
        case domain.ChangeRefused():
            return contract.ChangeRefused.of(event, **rule_and_source(event.reference))
    return _of_a_period(event)


def _of_a_period(event: DomainEvent) -> EventData:
    match event:
        case domain.PeriodAccrued():
            return contract.Accrued.of(event)
        case domain.PeriodPaid():
            return contract.Paid.of(event)
        case domain.PaymentDue():
            return contract.PaymentDue.of(event, derivation=tuple(dict(step) for step in event.derivation))
        case domain.PaymentApproved():
            return contract.PaymentApproved.of(event)
    return hold_event(event) or _of_a_reservation(event)


def _of_a_reservation(event: DomainEvent) -> EventData:
    match event:
        case domain.ReservationMade():
            return contract.ReservationMade.of(event, reservation=event.aggregate)
        case domain.ReservationReleased():
            return contract.ReservationReleased.of(event, reservation=event.aggregate)
        case domain.ReservationExpired():
            return contract.ReservationExpired.of(event, reservation=event.aggregate)
    raise TypeError(type(event).__name__)
