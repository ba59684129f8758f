"""Events of deductions and holds, as the others read them."""

from budget.domain import hold_events as domain
from budget.domain.events import PeriodDeducted, PeriodHeld
from shared.contracts import budget, withholding
from shared.contracts.event import EventData
from shared.kernel.events import DomainEvent


def hold_event(event: DomainEvent) -> EventData | None:
    """Write what is deducted or withheld; of anything else, nothing."""
    match event:
        case PeriodHeld():
            return budget.Held.of(event)
        case PeriodDeducted():
            return withholding.Deducted.of(event)
        case domain.HoldAppealed():
            return withholding.HoldAppealed.of(event)
        case domain.HoldReleased():
            return withholding.HoldReleased.of(event)
        case domain.HoldDecided():
            return withholding.HoldDecided.of(event)
    return None
