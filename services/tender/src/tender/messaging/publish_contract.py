"""What of a contract is told in other words than the domain's."""

from shared.contracts import contract
from shared.contracts.event import EventData, rule_and_source
from shared.kernel.events import DomainEvent
from tender.domain import contract_events as domain
from tender.domain.events import ContractSigned


def contract_event(event: DomainEvent) -> EventData | None:
    """Write an event of a contract; of anything else, nothing."""
    match event:
        case ContractSigned():
            pack = {"id": event.pack, "version": event.pack_version}
            return contract.Signed.of(event, contract=event.aggregate, pack=pack)
        case domain.Suspended():
            return contract.Suspended.of(
                event, contract=event.aggregate, suspended_from=event.since, suspended_until=event.until
            )
        case domain.Resumed():
            return contract.Resumed.of(event, contract=event.aggregate, resumed_at=event.at)
        case domain.NotSigned():
            return contract.NotSigned.of(event, contract=event.aggregate, **rule_and_source(event.reference))
    return _end(event)


def _end(event: DomainEvent) -> EventData | None:
    match event:
        case domain.Assigned():
            reference = rule_and_source(event.reference)
            return contract.Assigned.of(event, contract=event.aggregate, assigned_at=event.at, **reference)
        case domain.TerminationNotified():
            return contract.TerminationNotified.of(event, contract=event.aggregate, notified_at=event.at)
        case domain.Terminated():
            return contract.Terminated.of(event, contract=event.aggregate, terminated_at=event.at)
        case domain.HandoverCompleted():
            return contract.HandoverCompleted.of(event, contract=event.aggregate, completed_at=event.at)
    return None
