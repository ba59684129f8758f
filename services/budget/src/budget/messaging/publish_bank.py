"""What invoices and the bank's statements say, as the others read it."""

from budget.domain import advance_events
from budget.domain import bank_events as domain
from shared.contracts import advance
from shared.contracts import bank as contract
from shared.contracts.event import EventData
from shared.kernel.events import DomainEvent


def of_the_bank(event: DomainEvent) -> EventData | None:
    """Write a domain event that follows from an invoice or a bank statement; None for any other."""
    match event:
        case domain.Invoiced():
            return contract.Invoiced.of(event)
        case domain.PaymentReturned():
            return contract.PaymentReturned.of(event)
        case domain.MismatchFound():
            return contract.MismatchFound.of(event, mismatch=event.aggregate)
        case domain.MismatchSettled():
            return contract.MismatchSettled.of(event, mismatch=event.aggregate)
    return _of_an_advance(event)


def _of_an_advance(event: DomainEvent) -> EventData | None:
    match event:
        case advance_events.AdvancePaid():
            return advance.AdvancePaid.of(event)
        case advance_events.AdvanceRecovered():
            return advance.AdvanceRecovered.of(event)
        case advance_events.AdvanceRepaid():
            return advance.AdvanceRepaid.of(event)
    return None
