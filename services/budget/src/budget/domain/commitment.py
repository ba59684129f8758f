"""The money that one contract of a contracting process binds."""

from dataclasses import dataclass, replace
from itertools import takewhile
from uuid import UUID

from budget.domain.advance import Advance
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
    is all that was ever accrued, with interest for paying late, and paid, with what advances paid of it, and held are
    parts of it; deducted is what was accepted for less than it was worth, and given back.
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
    advances: tuple[Advance, ...] = ()

    @property
    def outstanding(self) -> Money:
        """What was paid in advance, and is neither recovered nor repaid."""
        return total([one.outstanding for one in self.advances], self.contract.value.currency)

    def outstanding_of(self, payee: str) -> Money:
        """Return what is outstanding of a payee's advances."""
        mine = [one.outstanding for one in self.advances if one.payee == payee]
        return total(mine, self.contract.value.currency)

    def advanced_to(self, payee: str) -> Money:
        """Return all that a payee was paid in advance and did not repay."""
        mine = [one.paid - one.repaid for one in self.advances if one.payee == payee]
        return total(mine, self.contract.value.currency)

    def owed_back(self, advance: Advance) -> Money:
        """Return what of an advance is to be repaid, as nothing that is to be delivered will recover it."""
        goes_on = self.open_periods and not self.terminated and advance.payee == self.contract.payee
        return zero(self.contract.value.currency) if goes_on else advance.outstanding

    @property
    def open_periods(self) -> frozenset[str]:
        """The periods that are not graded yet."""
        return frozenset(one.period for one in self.milestones if one.grade is None)

    @property
    def free(self) -> Money:
        """What is bound for periods to come, and not for a change that is not signed yet."""
        return self.committed - self.addition

    @property
    def advanceable(self) -> Money:
        """What may be paid in advance: what is bound for periods to come, also once a pending change is signed."""
        value = self.contract.value
        lowered = max(value - self.change.value, zero(value.currency)) if self.change else zero(value.currency)
        return max(self.free - lowered, zero(value.currency))

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
        """What committed, accrued and the outstanding advances add up to.

        That is the value, a change's addition and interest, less what was deducted and what later years are to fund;
        after the end, what was accrued and what is still outstanding.
        """
        if self.terminated:
            return self.accrued + self.outstanding
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

    def is_funded(self, graded: GradedPeriod) -> bool:
        """Whether what is bound now, and was advanced to who delivered, is enough for a period.

        Where a later year funds the rest, the periods before it come first; what is bound for a change is not for them.
        """
        open_ones = [one for one in self.milestones if one.grade is None]
        before = list(takewhile(lambda one: one.period != graded.period, open_ones)) if self.memos else []
        mine = [*before, *(one for one in open_ones if one.period == graded.period)]
        wanted = total([one.amount for one in mine], self.contract.value.currency)
        return wanted <= self.free + self.outstanding_of(graded.provider)

    def needed(self, value: Money) -> Money:
        """Return what is still to be bound, or funded by later years, for a contract of a value."""
        return value + self.charged - self.accrued - self.given_back - self.outstanding

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
            NotAllowed: currency-differs, accepted-period-changed, value-below-advance, and what check_milestones()
                refuses.
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
        if self.needed(change.value).minor < 0:
            raise NotAllowed(
                "value-below-advance",
                "More was paid in advance than the change leaves to be delivered.",
                satisfied_by="A change that leaves what was paid in advance, or the repayment of the advance.",
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
