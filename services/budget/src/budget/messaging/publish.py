"""The budget's events, as the others read them."""

from budget.domain import events as domain
from shared.contracts import budget as contract
from shared.contracts.event import EventData
from shared.kernel.events import DomainEvent
from shared.kernel.money import Money


def published(event: DomainEvent) -> EventData:
    """Write a domain event in the published language."""
    match event:
        case domain.LineAppropriated():
            return contract.Appropriated(
                line=event.aggregate,
                code=event.code,
                title=event.title,
                fiscal_year=event.fiscal_year,
                amount=event.amount,
                available=_stated(event.available),
            )
        case domain.FundsReserved():
            return contract.Reserved(
                ocid=event.ocid,
                tender=event.tender,
                line=event.line,
                amount=event.amount,
                available=_stated(event.available),
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
            return contract.Committed(ocid=event.ocid, contract=event.contract, line=event.line, amount=event.amount)
        case domain.FundsReleased():
            return contract.Released(
                ocid=event.ocid,
                line=event.line,
                amount=event.amount,
                available=_stated(event.available),
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
                available=_stated(event.available),
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
        case domain.PeriodHeld():
            return contract.Held(
                ocid=event.ocid,
                contract=event.contract,
                period=event.period,
                payee=event.payee,
                amount=event.amount,
                grade=event.grade,
                reason=event.reason,
            )
    raise TypeError(type(event).__name__)


def _stated(available: Money | None) -> Money:
    if available is None:
        raise ValueError("An event that states what is available is published after its transfers are in the ledger.")
    return available
