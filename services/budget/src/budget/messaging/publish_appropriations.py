"""The events of what was granted and of revisions, as the others read them."""

from budget.domain import ceiling_events, events, revision_events, year_events
from shared.contracts import appropriation as contract
from shared.contracts.event import EventData
from shared.kernel.events import DomainEvent
from shared.kernel.money import Money


def granted(event: DomainEvent) -> EventData | None:
    """Write an event of a line, a revision or a fiscal year in the published language; none if it is of another."""
    match event:
        case events.LineAppropriated():
            return contract.Appropriated.of(
                event,
                line=event.aggregate,
                available=stated(event.available),
                sources=event.sources or None,
                quarters=event.quarters or None,
            )
        case events.QuarterOpened():
            return contract.QuarterOpened.of(event, line=event.aggregate, available=stated(event.available))
        case events.LineRevised():
            return contract.Revised.of(
                event, line=event.aggregate, available=stated(event.available), sources=event.sources or None
            )
    return _of_a_revision(event)


def _of_a_revision(event: DomainEvent) -> EventData | None:
    match event:
        case revision_events.RevisionProposed():
            return contract.RevisionProposed.of(event, revision=event.aggregate, decision_due=event.due_at)
        case revision_events.RevisionRejected():
            return contract.RevisionRejected.of(event, revision=event.aggregate)
    return _of_a_year(event)


def _of_a_year(event: DomainEvent) -> EventData | None:
    match event:
        case year_events.FiscalYearDeclared():
            return contract.FiscalYearDeclared.of(event)
        case year_events.ClosingProposed():
            return contract.ClosingProposed.of(event, decision_due=event.due_at)
        case year_events.ClosingRejected():
            return contract.ClosingRejected.of(event)
        case year_events.FiscalYearClosed():
            return contract.FiscalYearClosed.of(event)
    return _of_a_year_end(event)


def _of_a_year_end(event: DomainEvent) -> EventData | None:
    match event:
        case year_events.LineClosed():
            return contract.LineClosed.of(event, line=event.aggregate)
        case year_events.LineCarriedOver():
            return contract.CarriedOver.of(event, line=event.aggregate, available=stated(event.available))
        case year_events.FundsCarriedForward():
            return contract.CarriedForward.of(event)
        case year_events.FundsRenewed():
            return contract.Renewed.of(event, available=stated(event.available))
        case year_events.RenewalRefused():
            return contract.RenewalRefused.of(event)
    return _of_ceilings(event)


def _of_ceilings(event: DomainEvent) -> EventData | None:
    match event:
        case ceiling_events.CeilingsProposed():
            return contract.CeilingsProposed.of(event, ceilings=event.limits, decision_due=event.due_at)
        case ceiling_events.CeilingsSet():
            return contract.CeilingsSet.of(event, ceilings=event.limits)
        case ceiling_events.CeilingsRejected():
            return contract.CeilingsRejected.of(event)
    return None


def stated(available: Money | None) -> Money:
    """Return what is available, which an event that says so states once its transfers are in the ledger."""
    if available is None:
        raise ValueError("An event that states what is available is published after its transfers are in the ledger.")
    return available
