"""What a contract's change, its going over to another provider and its end do to the funds."""

from dataclasses import replace
from uuid import UUID

from budget.domain.advance import ended
from budget.domain.commitment import Commitment, RequestedChange
from budget.domain.events import ChangeCommitted, ChangeRefused, FundsReleased
from budget.domain.funds import Change, Funds
from budget.domain.ledger import Cause, Stage
from shared.kernel.errors import NotAllowed, RuleReference
from shared.kernel.money import Money, zero


def commit_change(funds: Funds, contract: UUID, change: RequestedChange, cause: Cause) -> Change:
    """Bind what a change adds, before it is signed; whether the line has it, the ledger decides.

    Raises:
        NotAllowed: contract-unknown, and what Commitment.admit() refuses.
    """
    before = funds.commitment(contract)
    before.admit(change)
    asked = replace(before, change=change)
    asked = replace(asked, committed=before.committed + asked.addition)
    after = funds.with_commitment(asked)
    event = ChangeCommitted(
        aggregate=funds.id,
        version=after.version,
        ocid=funds.ocid,
        contract=contract,
        change=change.id,
        line=funds.line,
        amount=asked.addition,
    )
    if not asked.addition.minor:
        return after, (), (event,)
    transfers = (
        after.move(cause, Stage.AVAILABLE, Stage.RESERVED, asked.addition, "Set aside for a change of the contract."),
        after.move(cause, Stage.RESERVED, Stage.COMMITTED, asked.addition, "Bound before the change is signed."),
    )
    return after, transfers, (event,)


def refuse_change(
    funds: Funds,
    contract: UUID,
    change: RequestedChange,
    refusal: NotAllowed,
    available: Money,
    reference: RuleReference,
) -> Change:
    """Say why a change has no funds; what the contract binds stays as it is.

    Raises:
        NotAllowed: contract-unknown.
    """
    value = funds.commitment(contract).contract.value
    comparable = value.currency == change.value.currency
    refused = replace(funds, version=funds.version + 1)
    event = ChangeRefused(
        aggregate=funds.id,
        version=refused.version,
        ocid=funds.ocid,
        contract=contract,
        change=change.id,
        line=funds.line,
        requested=change.value - value if comparable else change.value,
        available=available,
        code=refusal.code,
        reason=refusal.detail,
        reference=reference,
    )
    return refused, (), (event,)


def change_contract(funds: Funds, contract: UUID, change: RequestedChange, cause: Cause) -> Change:
    """Take over what a signed change makes of the contract, and give back what it takes away.

    Raises:
        NotAllowed: contract-unknown, change-not-committed, and what Commitment.carried() refuses.
    """
    before = funds.commitment(contract)
    if before.change != change:
        raise NotAllowed("change-not-committed", "The budget was not asked for this change.")
    needed = before.needed(change.value)
    kept = before.promising(before.carried(change), needed)
    changed = replace(
        kept,
        contract=replace(before.contract, value=change.value),
        committed=needed - kept.later,
        change=None,
    )
    return _released(funds, before, changed, "The change of the contract lowers its value.", cause)


def drop_change(funds: Funds, contract: UUID, change: UUID, cause: Cause) -> Change:
    """Give back what was bound for a change that failed; one that was refused here bound nothing."""
    before = funds.commitment(contract)
    if before.change is None or before.change.id != change:
        return funds, (), ()
    dropped = replace(before, committed=before.committed - before.addition, change=None)
    return _released(funds, before, dropped, "The change of the contract failed.", cause)


def terminate(funds: Funds, contract: UUID, cause: Cause) -> Change:
    """Give back what stays bound for periods that were never accepted; of a closed contract, nothing.

    What is outstanding of advances is owed back by whoever has it.

    Raises:
        NotAllowed: contract-unknown.
    """
    before = funds.commitment(contract)
    if before.terminated:
        return funds, (), ()
    closed = replace(
        before,
        committed=zero(funds.reserved.currency),
        change=None,
        terminated=True,
        memos=(),
        advances=ended(before.advances, None),
    )
    return _released(funds, before, closed, "The contract has ended.", cause)


def assign(funds: Funds, contract: UUID, payee: str) -> Change:
    """Owe what is still to be delivered to another provider; what was delivered before stays owed to who delivered it.

    Raises:
        NotAllowed: contract-unknown.
    """
    before = funds.commitment(contract)
    assigned = replace(
        before,
        contract=replace(before.contract, payee=payee),
        former_payees=before.payees,
        advances=ended(before.advances, payee),
    )
    return funds.with_commitment(assigned), (), ()


def _released(funds: Funds, before: Commitment, after: Commitment, reason: str, cause: Cause) -> Change:
    rest = before.committed - after.committed
    changed = funds.with_commitment(after)
    if not rest.minor:
        return changed, (), ()
    event = FundsReleased(
        aggregate=funds.id,
        version=changed.version,
        ocid=funds.ocid,
        line=funds.line,
        amount=rest,
        reason=reason,
        contract=after.contract.id,
    )
    return changed, (changed.move(cause, Stage.COMMITTED, Stage.AVAILABLE, rest, reason),), (event,)
