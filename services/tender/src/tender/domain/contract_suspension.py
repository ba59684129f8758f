"""A contract that rests for a time."""

from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction

from shared.kernel.errors import Invalid
from shared.rules.pack import RulePack
from tender.domain.contract import CONTRACT, Contract
from tender.domain.contract_events import Resumed, Suspended
from tender.domain.contract_parts import ContractStatus, Suspension
from tender.domain.contract_terms import hold

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
