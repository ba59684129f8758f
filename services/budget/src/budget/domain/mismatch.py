"""A difference between the ledger and the bank, from the run that found it until somebody can explain it."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from budget.domain.bank_events import MismatchFound, MismatchSettled
from budget.domain.reconciliation import Finding, Outcome
from shared.kernel.access import different_persons
from shared.kernel.errors import NotAllowed
from shared.kernel.events import DomainEvent
from shared.kernel.ids import derived_id
from shared.kernel.lifecycle import lifecycle, transition

# What agrees, and what the ledger follows by itself.
SETTLED = frozenset({Outcome.MATCHED, Outcome.RETURNED})


class MismatchState(StrEnum):
    """Tell an open difference from one that a person explained and one that a later statement removed."""

    OPEN = "open"
    EXPLAINED = "explained"
    RESOLVED = "resolved"


MISMATCH = lifecycle(
    "mismatch",
    MismatchState.OPEN,
    transition("explain", "open", "explained", "another finance-officer", events="budget.mismatch-settled.v1"),
    transition("resolve", "open", "resolved", "later statement", events="budget.mismatch-settled.v1"),
    events="budget.mismatch-found.v1",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """A difference that a reconciliation found.

    Shape: ocid and contract are those of the payment, none where the movement belongs to none.
    """

    id: UUID
    version: int
    state: MismatchState
    finding: Finding
    ocid: str | None
    contract: UUID | None
    found_at: datetime
    found_by: str
    explanation: str | None = None
    explained_by: str | None = None


Changed = tuple[Mismatch, tuple[DomainEvent, ...]]


def mismatch_id(finding: Finding, statement: UUID) -> UUID:
    """Return the id of what was found: a payment is missing once, a movement is odd in its statement."""
    if finding.outcome in {Outcome.MISSING, Outcome.LEDGER_DIFFERS}:
        return derived_id("mismatch", finding.outcome, finding.payment or finding.reference)
    return derived_id("mismatch", statement, finding.reference, finding.outcome)


def found(
    finding: Finding, statement: UUID, *, ocid: str | None, contract: UUID | None, at: datetime, by: str
) -> Changed:
    """Report a difference. What a movement that is none of ours was worth is nobody else's business."""
    mismatch = Mismatch(
        id=mismatch_id(finding, statement),
        version=1,
        state=MismatchState.OPEN,
        finding=finding,
        ocid=ocid,
        contract=contract,
        found_at=at,
        found_by=by,
    )
    event = MismatchFound(
        aggregate=mismatch.id,
        version=1,
        outcome=finding.outcome,
        payment=finding.payment,
        ocid=ocid,
        contract=contract,
        expected=finding.expected,
        found=None if finding.outcome is Outcome.UNKNOWN_ENTRY else finding.found,
        day=finding.day,
    )
    return mismatch, (event,)


def explain(mismatch: Mismatch, explanation: str, by: str) -> Changed:
    """Settle a difference by what a second person found out about it.

    Raises:
        NotAllowed: mismatch-settled.
        Forbidden: second-person-needed.
    """
    if mismatch.state not in MISMATCH.transitions["explain"].before:
        raise NotAllowed(
            "mismatch-settled", "This difference is settled.", satisfied_by="A difference that is still open."
        )
    different_persons(mismatch.found_by, by, "Explaining a difference")
    explained = replace(
        mismatch,
        version=mismatch.version + 1,
        state=MISMATCH.move("explain", mismatch.state, MismatchState.EXPLAINED),
        explanation=explanation,
        explained_by=by,
    )
    return explained, (_settled(explained),)


def resolve(mismatch: Mismatch) -> Changed:
    """Settle a difference that a later statement removed; one that is settled stays as it is."""
    if mismatch.state not in MISMATCH.transitions["resolve"].before:
        return mismatch, ()
    state = MISMATCH.move("resolve", mismatch.state, MismatchState.RESOLVED)
    resolved = replace(mismatch, version=mismatch.version + 1, state=state)
    return resolved, (_settled(resolved),)


def _settled(mismatch: Mismatch) -> MismatchSettled:
    return MismatchSettled(
        aggregate=mismatch.id, version=mismatch.version, outcome=mismatch.finding.outcome, state=mismatch.state
    )
