"""What becomes of a plan, as the others read it."""

from collections.abc import Sequence

from shared.contracts import tender
from shared.contracts.event import EventData, Organisation
from tender.domain import plan_events as domain


def plan_published(
    event: domain.Planned | domain.PlanChanged | domain.PlanCompleted | domain.PlanCancelled,
) -> EventData:
    """Write a plan's event in the published language."""
    match event:
        case domain.Planned():
            return tender.Planned(
                plan=event.aggregate,
                title=event.title,
                buyer=Organisation(id=event.buyer.id, name=event.buyer.name),
                service=tender.Service(code=event.service.code, title=event.service.title),
                estimate=event.estimate,
                budget_line=event.budget_line,
                breakdown=_shares(event.breakdown),
                method=event.method,
                expected=_expected(event.expected),
                pack=event.pack,
                catalogue=event.catalogue,
                scheduled_at=event.scheduled_at,
            )
        case domain.PlanChanged():
            return tender.PlanChanged(
                plan=event.aggregate,
                title=event.title,
                estimate=event.estimate,
                breakdown=_shares(event.breakdown),
                method=event.method,
                expected=_expected(event.expected),
                reason=event.reason,
                changed_at=event.changed_at,
            )
        case domain.PlanCompleted():
            return tender.PlanCompleted(plan=event.aggregate, tendered=event.tendered, completed_at=event.completed_at)
        case domain.PlanCancelled():
            return tender.PlanCancelled(plan=event.aggregate, reason=event.reason, cancelled_at=event.cancelled_at)


def _shares(shares: Sequence[domain.BudgetShare]) -> tuple[tender.BudgetShare, ...]:
    return tuple(tender.BudgetShare(line=share.line, amount=share.amount) for share in shares)


def _expected(expected: domain.Expected | None) -> tender.Expected | None:
    if expected is None:
        return None
    return tender.Expected(tender=expected.tender, start=expected.start, end=expected.end)
