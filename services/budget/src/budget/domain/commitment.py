"""The money that one contract of a contracting process binds."""

from dataclasses import dataclass, replace
from itertools import takewhile
from uuid import UUID

from budget.domain.funds_data import Contract, GradedPeriod, Memo, Milestone, check_milestones
from shared.kernel.errors import NotAllowed
from shared.kernel.money import Money, total, zero


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedChange:
    """A change of a contract that asks for its funds, with the periods as they would become."""

    id: UUID
    value: Money
    milestones: tuple[Milestone, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """What one contract binds; the payee of the contract holds it now, the former ones held it before.

    Units: committed is what is bound now, with what is bound in addition for a change that is not signed yet; accrued
    is all that was ever accrued, with interest for paying late, and paid and held are parts of it; deducted is what was
    accepted for less than it was worth, and given back.
    """

    contract: Contract
    milestones: tuple[Milestone, ...]
    committed: Money
    accrued: Money
    paid: Money
    held: Money
    change: RequestedChange | None = None
    terminated: bool = False
    former_payees: tuple[str, ...] = ()
    deducted: Money | None = None
    interest: Money | None = None
    memos: tuple[Memo, ...] = ()

    @property
    def given_back(self) -> Money:
        """What was deducted."""
        return self.deducted or zero(self.contract.value.currency)

    @property
    def charged(self) -> Money:
        """What is owed beyond the value, as interest for paying late."""
        return self.interest or zero(self.contract.value.currency)

    @property
    def payable(self) -> Money:
        """What is owed and neither paid nor held."""
        return self.accrued - self.paid - self.held

    @property
    def bound(self) -> Money:
        """What committed and accrued add up to.

        That is the value, a change's addition and interest, less what was deducted and what later years are to fund;
        after the end, what was accrued.
        """
        if self.terminated:
            return self.accrued
        return self.contract.value + self.addition + self.charged - self.given_back - self.later

    @property
    def later(self) -> Money:
        """What the budgets of later years are to fund."""
        return total([memo.amount for memo in self.memos], self.contract.value.currency)

    def promising(self, milestones: tuple[Milestone, ...], needed: Money) -> "Commitment":
        """Take over changed periods, of which later years fund no more than they were to, and than is needed."""
        kept, left = list[Memo](), needed
        for memo in sorted(self.memos, key=lambda memo: not memo.under_ceiling):
            worth = [one.amount for one in milestones if one.grade is None and one.year == memo.year]
            most = min(left, total(worth, left.currency)) if memo.under_ceiling else left
            part = min(memo.amount, most)
            left -= part
            if part.minor:
                kept.append(replace(memo, amount=part))
        return replace(self, milestones=milestones, memos=tuple(sorted(kept, key=lambda memo: memo.year)))

    def due_of(self, year: int) -> Money:
        """Return what a year's budget, and those before it, were to fund and have not."""
        due = [memo.amount for memo in self.memos if memo.year <= year]
        return total(due, self.contract.value.currency)

    def is_funded(self, period: str) -> bool:
        """Whether enough is bound now for a period and those before it; what is bound for a change is not for them."""
        open_ones = [one for one in self.milestones if one.grade is None]
        first = list(takewhile(lambda one: one.period != period, open_ones))
        wanted = total([one.amount for one in open_ones[: len(first) + 1]], self.contract.value.currency)
        return wanted <= self.committed - self.addition

    @property
    def addition(self) -> Money:
        """What the change that is not signed yet adds."""
        nothing = zero(self.contract.value.currency)
        return max(self.change.value - self.contract.value, nothing) if self.change else nothing

    def touched(self, period: str) -> bool:
        """Whether what a period is worth depends on a change that is not signed yet."""
        if self.change is None:
            return False
        now = {one.period: one.amount for one in self.milestones}
        then = {one.period: one.amount for one in self.change.milestones}
        return now.get(period) != then.get(period)

    @property
    def payees(self) -> tuple[str, ...]:
        """Everybody who may be owed a period; which of them it is, the grade says."""
        return (*self.former_payees, self.contract.payee)

    def milestone(self, graded: GradedPeriod) -> Milestone:
        """Find the period that was graded.

        Raises:
            NotAllowed: payee-differs, period-already-graded, period-unknown, contract-terminated.
        """
        if graded.provider not in self.payees:
            raise NotAllowed("payee-differs", "The graded provider never held the contract.")
        found = next((one for one in self.milestones if one.period == graded.period), None)
        if found is None:
            raise NotAllowed("period-unknown", "The contract has no such period.")
        if found.grade is not None:
            raise NotAllowed("period-already-graded", "The period was graded and settled before.")
        if self.terminated:
            raise NotAllowed("contract-terminated", "The contract was closed before the period was accepted.")
        return found

    def pay(self, amount: Money) -> "Commitment":
        """Count a payment.

        Raises:
            NotAllowed: payment-above-accrued.
        """
        if amount > self.payable:
            raise NotAllowed(
                "payment-above-accrued",
                "More would be paid than is owed under the contract.",
                satisfied_by="At most what is accrued, and neither held nor paid.",
            )
        return replace(self, paid=self.paid + amount)

    def admit(self, change: RequestedChange) -> None:
        """Hold a change that asks for its funds to what the contract binds.

        Raises:
            NotAllowed: contract-terminated, change-pending, and what carried() refuses.
        """
        if self.terminated:
            raise NotAllowed("contract-terminated", "The contract was closed.")
        if self.change is not None:
            raise NotAllowed("change-pending", "Another change of the contract is not signed yet.")
        self.carried(change)

    def carried(self, change: RequestedChange) -> tuple[Milestone, ...]:
        """Return the periods as the change makes them; those that were accepted stay as they were accepted.

        Raises:
            NotAllowed: currency-differs, accepted-period-changed, and what check_milestones() refuses.
        """
        if change.value.currency != self.contract.value.currency:
            raise NotAllowed("currency-differs", "The change is in another currency than the contract.")
        check_milestones(replace(self.contract, value=change.value), change.milestones)
        accepted = {one.period: one for one in self.milestones if one.grade is not None}
        amounts = {one.period: one.amount for one in change.milestones}
        if any(amounts.get(period) != one.amount for period, one in accepted.items()):
            raise NotAllowed(
                "accepted-period-changed",
                "A period that was accepted is changed.",
                satisfied_by="A change of the periods that are still to be accepted.",
            )
        years = {one.period: one.year for one in self.milestones}
        return tuple(accepted.get(one.period, replace(one, year=years.get(one.period))) for one in change.milestones)


def new_commitment(contract: Contract, milestones: tuple[Milestone, ...], memos: tuple[Memo, ...] = ()) -> Commitment:
    """Bind a contract's value, but for what later years' budgets are to fund.

    Raises:
        NotAllowed: what check_milestones() refuses.
    """
    check_milestones(contract, milestones)
    nothing = zero(contract.value.currency)
    return Commitment(
        contract=contract,
        milestones=milestones,
        committed=contract.value - total([memo.amount for memo in memos], contract.value.currency),
        accrued=nothing,
        paid=nothing,
        held=nothing,
        memos=memos,
    )
