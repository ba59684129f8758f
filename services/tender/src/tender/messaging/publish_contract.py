"""The life of a contract, as the others read it."""

from typing import Any

from shared.contracts import contract
from shared.contracts.event import EventData, Organisation
from tender.domain import contract_events as domain
from tender.domain.parts import Party


def published_contract(event: domain.ContractEvent) -> EventData:
    """Write what happened to a contract in the published language."""
    of: dict[str, Any] = {"ocid": event.ocid, "contract": event.aggregate}
    match event:
        case domain.ChangeEvent():
            return _change(event, of)
        case domain.ChangeFailed():
            return contract.ChangeFailed(**of, change=event.change, code=event.code, reason=event.reason)
        case domain.Suspended():
            return contract.Suspended(
                **of, reason=event.reason, suspended_from=event.since, suspended_until=event.until
            )
        case domain.Resumed():
            return contract.Resumed(**of, resumed_at=event.at, early=event.early)
        case domain.HandoverCompleted():
            return contract.HandoverCompleted(**of, successor=event.successor, items=event.items, completed_at=event.at)
    return _end(event, of)


def _change(event: domain.ChangeEvent, of: dict[str, Any]) -> EventData:
    change: dict[str, Any] = {
        **of,
        "change": event.change,
        "ground": event.ground,
        "reason": event.reason,
        "difference": event.difference,
        "value": event.value,
        "term": contract.Term(start=event.term.start, end=event.term.end),
        "milestones": tuple(
            contract.Milestone(period=one.period, start=one.start, end=one.end, amount=one.amount)
            for one in event.milestones
        ),
        "documents": tuple(contract.Document(title=one.title, digest=one.digest) for one in event.documents),
    }
    match event:
        case domain.ChangeRequested():
            return contract.ChangeRequested(**change, answer_due=event.answer_due)
        case domain.Changed():
            return contract.Changed(**change, option=event.option, signed_at=event.signed_at)
    raise TypeError(type(event).__name__)


def _end(event: domain.ContractEvent, of: dict[str, Any]) -> EventData:
    match event:
        case domain.NotSigned():
            return contract.NotSigned(
                **of,
                tender=event.tender,
                award=event.award,
                supplier=_party(event.supplier),
                code=event.code,
                reason=event.reason,
                signature_due=event.signature_due,
                recorded_at=event.recorded_at,
                rule=event.reference.rule,
                source=event.reference.source,
            )
        case domain.Assigned():
            return contract.Assigned(
                **of,
                before=_party(event.before),
                supplier=_party(event.supplier),
                ground=event.ground,
                reason=event.reason,
                assigned_at=event.at,
                rule=event.reference.rule,
                source=event.reference.source,
            )
        case domain.TerminationNotified():
            return contract.TerminationNotified(
                **of, ground=event.ground, reason=event.reason, notified_at=event.at, last_day=event.last_day
            )
        case domain.Terminated():
            return contract.Terminated(
                **of,
                supplier=_party(event.supplier),
                ground=event.ground,
                reason=event.reason,
                amount_paid=event.amount_paid,
                last_day=event.last_day,
                terminated_at=event.at,
                without_handover=event.without_handover,
            )
    raise TypeError(type(event).__name__)


def _party(party: Party) -> Organisation:
    return Organisation(id=party.id, name=party.name)
