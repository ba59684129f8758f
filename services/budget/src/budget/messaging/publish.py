"""The budget's events, as the others read them."""

from budget.domain import events as domain
from budget.messaging.publish_appropriations import granted, stated
from budget.messaging.publish_bank import of_the_bank
from budget.messaging.publish_holds import hold_event
from shared.contracts import budget as contract
from shared.contracts.event import EventData
from shared.kernel.events import DomainEvent


def published(event: DomainEvent) -> EventData:
    """Write a domain event in the published language."""
    return granted(event) or of_the_bank(event) or _of_funds(event)


def _of_funds(event: DomainEvent) -> EventData:
    match event:
        case domain.FundsReserved():
            return contract.Reserved(
                ocid=event.ocid,
                tender=event.tender,
                line=event.line,
                amount=event.amount,
                available=stated(event.available),
            )
        case domain.FundsRefused():
            return contract.Refused(
                ocid=event.ocid,
                tender=event.tender,
                line=event.line,
                requested=event.requested,
                available=event.available,
                code=event.code,
                reason=event.reason,
                rule=event.reference.rule,
                source=event.reference.source,
            )
        case domain.FundsCommitted():
            return contract.Committed.of(event)
        case domain.FundsReleased():
            return contract.Released(
                ocid=event.ocid,
                line=event.line,
                amount=event.amount,
                available=stated(event.available),
                reason=event.reason,
                contract=event.contract,
            )
    return _of_a_contract(event)


def _of_a_contract(event: DomainEvent) -> EventData:
    match event:
        case domain.ChangeCommitted():
            return contract.ChangeCommitted(
                ocid=event.ocid,
                contract=event.contract,
                change=event.change,
                line=event.line,
                amount=event.amount,
                available=stated(event.available),
            )
        case domain.ChangeRefused():
            return contract.ChangeRefused(
                ocid=event.ocid,
                contract=event.contract,
                change=event.change,
                line=event.line,
                requested=event.requested,
                available=event.available,
                code=event.code,
                reason=event.reason,
                rule=event.reference.rule,
                source=event.reference.source,
            )
    return _of_a_period(event)


def _of_a_period(event: DomainEvent) -> EventData:
    match event:
        case domain.PeriodAccrued():
            return contract.Accrued(ocid=event.ocid, contract=event.contract, period=event.period, amount=event.amount)
        case domain.PeriodPaid():
            return contract.Paid(
                ocid=event.ocid,
                contract=event.contract,
                period=event.period,
                payment=event.payment,
                payee=event.payee,
                amount=event.amount,
                grade=event.grade,
                share=event.share,
                paid_at=event.paid_at,
            )
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
