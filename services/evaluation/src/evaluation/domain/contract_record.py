"""What is known of a contract: a pure fold of what others published, the same whatever came first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from evaluation.domain.agreement import Milestone, Party, Service
from evaluation.domain.contract_facts import (
    AmountHeld,
    AmountPaid,
    AwardCancelled,
    AwardConfirmed,
    AwardProposed,
    ContractAnnulled,
    ContractAssigned,
    ContractChanged,
    ContractNotSigned,
    ContractSigned,
    ContractTerminated,
    Entry,
    Fact,
    FundsCommitted,
    FundsReleased,
    TenderPublished,
)
from shared.kernel.money import Money, total

Kind = TypeVar("Kind")


class ContractState(StrEnum):
    """How far a contract has come."""

    AWARDED = "awarded"
    NOT_SIGNED = "not-signed"
    ANNULLED = "annulled"
    SIGNED = "signed"
    TERMINATED = "terminated"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractRecord:
    """One contract; what nobody has published yet is None, and amounts add up what was published."""

    id: UUID
    ocid: str
    state: ContractState
    sandbox: bool
    title: str | None
    buyer: Party | None
    service: Service | None
    closes_at: datetime | None
    supplier: Party
    value: Money
    standstill_ends_at: datetime | None
    signature_due: datetime | None
    signed_at: datetime | None
    milestones: tuple[Milestone, ...]
    committed: Money
    paid: Money
    held: Money


def contract_records(entries: Iterable[Entry]) -> tuple[ContractRecord, ...]:
    """Work out the contracts of one contracting process; the order of the entries does not matter."""
    ordered = sorted(entries, key=lambda entry: (entry.at, entry.event))
    facts = [entry.fact for entry in ordered]
    contracts = {fact.contract for fact in facts if isinstance(fact, AwardConfirmed | ContractSigned)}
    sandbox = any(entry.sandbox for entry in ordered)
    return tuple(_record(contract, ordered[0].ocid, facts, sandbox=sandbox) for contract in sorted(contracts))


def _record(contract: UUID, ocid: str, facts: Sequence[Fact], *, sandbox: bool) -> ContractRecord:
    tender = _latest(_of(facts, TenderPublished))
    confirmations = [fact for fact in _of(facts, AwardConfirmed) if fact.contract == contract]
    signatures = [fact for fact in _of(facts, ContractSigned) if fact.contract == contract]
    confirmed, signed = _latest(confirmations), _latest(signatures)
    agreements: list[AwardConfirmed | ContractSigned] = [*confirmations, *signatures]
    agreed = agreements[-1]
    proposed = _latest(fact for fact in _of(facts, AwardProposed) if fact.award == agreed.award)
    described = signed or tender
    changed = _latest(fact for fact in _of(facts, ContractChanged) if fact.contract == contract)
    assigned = _latest(fact for fact in _of(facts, ContractAssigned) if fact.contract == contract)
    currency = agreed.value.currency
    released = _sum(facts, FundsReleased, contract, currency)
    return ContractRecord(
        id=contract,
        ocid=ocid,
        state=_state(facts, contract, agreed.award, signed=signed is not None),
        sandbox=sandbox,
        title=described.title if described else None,
        buyer=described.buyer if described else None,
        service=described.service if described else None,
        closes_at=tender.closes_at if tender else None,
        supplier=assigned.supplier if assigned else agreed.supplier,
        value=changed.value if changed else agreed.value,
        standstill_ends_at=proposed.standstill_ends_at if proposed else None,
        signature_due=confirmed.signature_due if confirmed else None,
        signed_at=signed.signed_at if signed else None,
        milestones=changed.milestones if changed else signed.milestones if signed else (),
        committed=_sum(facts, FundsCommitted, contract, currency) - released,
        paid=_sum(facts, AmountPaid, contract, currency),
        held=_sum(facts, AmountHeld, contract, currency),
    )


def _state(facts: Sequence[Fact], contract: UUID, award: UUID, *, signed: bool) -> ContractState:
    if any(fact.contract == contract for fact in _of(facts, ContractTerminated)):
        return ContractState.TERMINATED
    if signed:
        return ContractState.SIGNED
    if any(fact.contract == contract for fact in _of(facts, ContractAnnulled)):
        return ContractState.ANNULLED
    unsigned = any(fact.contract == contract for fact in _of(facts, ContractNotSigned))
    # The contract of an award that was taken back will not be signed either.
    taken_back = any(fact.award == award for fact in _of(facts, AwardCancelled))
    return ContractState.NOT_SIGNED if unsigned or taken_back else ContractState.AWARDED


def _of(facts: Sequence[Fact], kind: type[Kind]) -> Iterable[Kind]:
    return (fact for fact in facts if isinstance(fact, kind))


def _latest(facts: Iterable[Kind]) -> Kind | None:
    return next(reversed(list(facts)), None)


def _sum(
    facts: Sequence[Fact],
    kind: type[FundsCommitted | AmountPaid | AmountHeld | FundsReleased],
    contract: UUID,
    currency: str,
) -> Money:
    return total([fact.amount for fact in _of(facts, kind) if fact.contract == contract], currency)
