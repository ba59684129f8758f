"""The read models that the evaluation builds from the events of others."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from evaluation.domain import contract_facts as facts
from evaluation.messaging.agreements import milestones, party, service
from evaluation.usecases import contracts
from shared.contracts.award import Cancelled, Confirmed, Proposed
from shared.contracts.budget import ChangeCommitted, Committed, Held, Paid, Released
from shared.contracts.contract import Annulled, Assigned, Changed, NotSigned, Signed, Terminated
from shared.contracts.tender import Published
from shared.platform.consumer import Delivery, Projection
from shared.platform.work import Work


def _published(data: Published) -> facts.Fact:
    return facts.TenderPublished(data.title, party(data.buyer), service(data.service), data.closes_at)


def _proposed(data: Proposed) -> facts.Fact:
    return facts.AwardProposed(data.award, party(data.supplier), data.value, data.standstill_ends_at)


def _confirmed(data: Confirmed) -> facts.Fact:
    return facts.AwardConfirmed(data.award, data.contract, party(data.supplier), data.value, data.signature_due)


def _signed(data: Signed) -> facts.Fact:
    return facts.ContractSigned(
        award=data.award,
        contract=data.contract,
        title=data.title,
        buyer=party(data.buyer),
        supplier=party(data.supplier),
        service=service(data.service),
        value=data.value,
        milestones=milestones(data),
        signed_at=data.signed_at,
    )


def _committed(data: Committed | ChangeCommitted) -> facts.Fact:
    return facts.FundsCommitted(data.contract, data.amount)


def _paid(data: Paid) -> facts.Fact:
    return facts.AmountPaid(data.contract, data.amount)


def _held(data: Held) -> facts.Fact:
    return facts.AmountHeld(data.contract, data.amount)


def _changed(data: Changed) -> facts.Fact:
    return facts.ContractChanged(data.contract, data.value, milestones(data))


def _assigned(data: Assigned) -> facts.Fact:
    return facts.ContractAssigned(data.contract, party(data.supplier))


def _terminated(data: Terminated) -> facts.Fact:
    return facts.ContractTerminated(data.contract)


def _award_cancelled(data: Cancelled) -> facts.Fact:
    return facts.AwardCancelled(data.award)


def _not_signed(data: NotSigned) -> facts.Fact:
    return facts.ContractNotSigned(data.contract)


def _annulled(data: Annulled) -> facts.Fact:
    return facts.ContractAnnulled(data.contract)


def _released(data: Released) -> facts.Fact:
    return facts.FundsReleased(data.contract, data.amount)


_READ: Mapping[str, Mapping[str, Callable[[Any], facts.Fact]]] = {
    "tender": {
        Published.TYPE: _published,
        Proposed.TYPE: _proposed,
        Confirmed.TYPE: _confirmed,
        Cancelled.TYPE: _award_cancelled,
        NotSigned.TYPE: _not_signed,
        Annulled.TYPE: _annulled,
        Signed.TYPE: _signed,
        Changed.TYPE: _changed,
        Assigned.TYPE: _assigned,
        Terminated.TYPE: _terminated,
    },
    "budget": {
        Committed.TYPE: _committed,
        Paid.TYPE: _paid,
        Held.TYPE: _held,
        ChangeCommitted.TYPE: _committed,
        Released.TYPE: _released,
    },
}
_READ_OF_TYPE = {event_type: read for types in _READ.values() for event_type, read in types.items()}


async def _enter(work: Work, deliveries: Sequence[Delivery]) -> None:
    await contracts.enter(work, [_entry(delivery) for delivery in deliveries])


def _entry(delivery: Delivery) -> facts.Entry:
    event = delivery.event
    return facts.Entry(
        event.id, event.time, event.partitionkey, event.sandbox, _READ_OF_TYPE[event.type](delivery.data)
    )


PROJECTIONS: Mapping[str, Projection] = {
    "contracts": Projection(tables=contracts.TABLES, types=_READ, enter=_enter),
}
