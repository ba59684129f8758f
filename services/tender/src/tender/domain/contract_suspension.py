"""A contract that rests for a time, and a contract that goes over to another provider."""

from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction

from shared.kernel.errors import Invalid, NotAllowed
from shared.rules.checks import check_rule
from shared.rules.pack import RulePack
from shared.rules.result import require
from tender.domain.contract import CONTRACT, Contract
from tender.domain.contract_events import Assigned, Resumed, Suspended
from tender.domain.contract_parts import Assignment, ContractStatus, Suspension
from tender.domain.contract_terms import hold
from tender.domain.parts import Party

_SECOND = timedelta(seconds=1)
_SECONDS_A_DAY = 86_400
_CHALLENGED = "A challenge may affect the result."


def suspend(
    contract: Contract, *, reason: str, until: datetime, at: datetime, pack: RulePack
) -> tuple[Contract, tuple[Suspended, ...]]:
    """Let a contract rest until an instant that is known from the start.

    Raises:
        NotAllowed: contract-not-active, suspension-too-long.
        Invalid: suspension-ends-early.
    """
    status = CONTRACT.move("suspend", contract.status, ContractStatus.SUSPENDED)
    if until <= at:
        raise Invalid("suspension-ends-early", "A suspension ends after it begins.", pointer="/body/until")
    suspensions = (*contract.suspensions, Suspension(reason, at, until))
    # Whole numbers, since a hastened time span may be longer than a timedelta can be.
    wished = [(one.ended_at or one.until) - one.since for one in suspensions if not one.challenged]
    rested = sum(span // _SECOND for span in wished) * contract.acceleration
    facts = {"contract.suspended_days": Fraction(-(-rested // _SECONDS_A_DAY))}
    hold(pack, "contract-suspension.cap", facts, "suspension-too-long")
    after = replace(contract, version=contract.version + 1, status=status, suspensions=suspensions)
    return after, (Suspended(**after.of(), reason=reason, since=at, until=until),)


def resume(contract: Contract, *, at: datetime) -> tuple[Contract, tuple[Resumed, ...]]:
    """Bring a suspended contract back into force, at the end of its suspension or before.

    Raises:
        NotAllowed: contract-not-suspended.
    """
    status = CONTRACT.move("resume", contract.status, ContractStatus.ACTIVE)
    *earlier, last = contract.suspensions
    ended = replace(last, ended_at=min(at, last.until))
    after = replace(contract, version=contract.version + 1, status=status, suspensions=(*earlier, ended))
    return after, (Resumed(**after.of(), at=at, early=at < last.until),)


def follow_challenges(
    contract: Contract, *, until: datetime | None, at: datetime
) -> tuple[Contract, tuple[Suspended | Resumed, ...]]:
    """Let a contract in force rest while its award is challenged, however long it has rested before.

    Shape: until is the latest to which a challenge holds it up, None while none does.
    """
    events: tuple[Suspended | Resumed, ...] = ()
    if contract.rests_for_challenge and until != contract.suspensions[-1].until:
        contract, events = resume(contract, at=at)
    if until is None or contract.status is not ContractStatus.ACTIVE:
        return contract, events
    suspensions = (*contract.suspensions, Suspension(_CHALLENGED, at, until, challenged=True))
    status = CONTRACT.move("suspend", contract.status, ContractStatus.SUSPENDED)
    after = replace(contract, version=contract.version + 1, status=status, suspensions=suspensions)
    return after, (*events, Suspended(**after.of(), reason=_CHALLENGED, since=at, until=until))


def assign(
    contract: Contract, supplier: Party, *, ground: str, reason: str, at: datetime, pack: RulePack
) -> tuple[Contract, tuple[Assigned, ...]]:
    """Let another provider take a contract over, which no rule book allows but as an exception.

    Raises:
        NotAllowed: contract-not-active, contract-assignment-refused, assignment-ground-not-permitted, change-pending.
        Invalid: supplier-unchanged.
    """
    status = CONTRACT.move("assign", contract.status, ContractStatus.ACTIVE)
    exception = pack.rules.get("contract-assignment.grounds")
    if exception is None:
        facts = {"contract.assigned": True}
        require(check_rule(pack.rule("contract-assignment-refused"), facts, pack.calendar).result)
    elif ground not in pack.choice(exception.id):
        raise NotAllowed(
            "assignment-ground-not-permitted",
            "A contract does not go over to another provider on this ground.",
            reference=pack.reference(exception.id),
            satisfied_by=f"One of: {', '.join(pack.choice(exception.id))}.",
        )
    if contract.pending is not None:
        raise NotAllowed(
            "change-pending",
            "A change is not signed yet.",
            reference=pack.reference("contract-change.pending-cap"),
            satisfied_by="Its signature or withdrawal.",
        )
    if supplier.id == contract.supplier.id:
        raise Invalid("supplier-unchanged", "This provider holds the contract.", pointer="/body/supplier")
    assignment = Assignment(contract.supplier, supplier, ground, reason, at)
    after = replace(
        contract,
        version=contract.version + 1,
        status=status,
        supplier=supplier,
        assignments=(*contract.assignments, assignment),
    )
    reference = pack.reference("contract-assignment.grounds" if exception else "contract-assignment-refused")
    event = Assigned(
        **after.of(),
        before=contract.supplier,
        supplier=supplier,
        ground=ground,
        reason=reason,
        at=at,
        reference=reference,
    )
    return after, (event,)
