"""The funds of one contracting process, from the reservation to its contracts."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from budget.domain.commitment import Commitment, new_commitment
from budget.domain.events import FundsCommitted, FundsRefused, FundsReleased, FundsReserved
from budget.domain.funds_data import Contract, FundingRequest, GradedPeriod, Memo, Milestone, Renewal, State
from budget.domain.ledger import Cause, Stage, Transfer, transfer
from budget.domain.line import Line
from shared.kernel.errors import NotAllowed, RuleReference
from shared.kernel.events import DomainEvent
from shared.kernel.ids import derived_id
from shared.kernel.money import Money, total, zero

Change = tuple["Funds", tuple[Transfer, ...], tuple[DomainEvent, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Funds:
    """The money set aside for, bound by and spent on one contracting process.

    Units: reserved is what is at that stage now; lapsed is what was set aside in a year that is closed, and waits for
    the opening of the next one.
    """

    id: UUID
    version: int
    ocid: str
    tender: UUID
    line: UUID
    state: State
    reserved: Money
    contracts: tuple[Commitment, ...] = ()
    lapsed: Money | None = None
    renewal: Renewal | None = None

    @property
    def committed(self) -> Money:
        """What all contracts bind now."""
        return total([one.committed for one in self.contracts], self.reserved.currency)

    @property
    def accrued(self) -> Money:
        """All that was ever accrued."""
        return total([one.accrued for one in self.contracts], self.reserved.currency)

    @property
    def paid(self) -> Money:
        """All that was paid."""
        return total([one.paid for one in self.contracts], self.reserved.currency)

    @property
    def held(self) -> Money:
        """All that is held."""
        return total([one.held for one in self.contracts], self.reserved.currency)

    @property
    def advance(self) -> Money:
        """All that is outstanding of advances."""
        return total([one.outstanding for one in self.contracts], self.reserved.currency)

    @property
    def payable(self) -> Money:
        """What is owed now, and neither paid nor held."""
        return self.accrued - self.paid - self.held

    @property
    def renewal_due(self) -> datetime | None:
        """Until when the year whose budget it waits for is to be opened, if it waits for one."""
        return self.renewal.due_at if self.renewal and self.needed_of(self.renewal.year).minor else None

    def needed_of(self, year: int) -> Money:
        """Return what a process needs of a year's budget beside what it has."""
        nothing = zero(self.reserved.currency)
        return total([one.due_of(year) for one in self.contracts], nothing.currency) + (self.lapsed or nothing)

    def awaited(self, graded: GradedPeriod) -> str | None:
        """Return what a grade has to wait for, as the facts about its contract come from another source; else None."""
        known = self.find_commitment(graded.contract)
        if known is None:
            return "the contract" if self.state is State.UNFUNDED or self.reserved.minor else None
        if known.terminated:
            return None
        if known.touched(graded.period):
            return "the end of a change of the contract"
        if (known.memos or known.advances) and graded.period in known.open_periods and not known.is_funded(graded):
            return "the opening of the fiscal year" if known.memos else "the repayment of an advance"
        return None if graded.provider in known.payees else "the contract's going over to the provider"

    def find_commitment(self, contract: UUID) -> Commitment | None:
        """Find what a contract binds, if it is known."""
        return next((one for one in self.contracts if one.contract.id == contract), None)

    def commitment(self, contract: UUID) -> Commitment:
        """Find what a contract binds.

        Raises:
            NotAllowed: contract-unknown.
        """
        known = self.find_commitment(contract)
        if known is None:
            raise NotAllowed("contract-unknown", "No funds are bound by such a contract.")
        return known

    def with_commitment(self, commitment: Commitment) -> "Funds":
        """Take over what a contract binds from now on."""
        contracts = tuple(commitment if one.contract.id == commitment.contract.id else one for one in self.contracts)
        return replace(self, version=self.version + 1, contracts=contracts)

    def reserve(self, request: FundingRequest, line: Line | None, cause: Cause) -> Change:
        """Set the requested amount aside; whether the line has it, the ledger decides.

        Raises:
            NotAllowed: already-reserved, procedure-ended, line-unknown, fiscal-year-closed, currency-differs,
                amount-not-positive.
        """
        self._may_be_funded()
        if line is None:
            raise NotAllowed("line-unknown", "The budget has no such line.")
        line.admit()
        if request.amount.currency != line.currency:
            raise NotAllowed("currency-differs", "The budget line is in another currency.")
        if request.amount.minor <= 0:
            raise NotAllowed("amount-not-positive", "An amount above zero is reserved.")
        asked = self._asked_anew(request)
        reserved = replace(asked, state=State.RESERVED, reserved=request.amount)
        event = FundsReserved(
            aggregate=reserved.id,
            version=reserved.version,
            ocid=reserved.ocid,
            tender=reserved.tender,
            line=reserved.line,
            amount=request.amount,
        )
        moved = reserved.move(
            cause, Stage.AVAILABLE, Stage.RESERVED, request.amount, "Set aside before the tender is published."
        )
        return reserved, (moved,), (event,)

    def refuse(
        self, request: FundingRequest, refusal: NotAllowed, available: Money | None, reference: RuleReference
    ) -> Change:
        """Say why the requested amount is not set aside; a tender without funds may ask again."""
        refused = self._asked_anew(request) if self.state is State.UNFUNDED else replace(self, version=self.version + 1)
        event = FundsRefused(
            aggregate=refused.id,
            version=refused.version,
            ocid=request.ocid,
            tender=request.tender,
            line=request.line,
            requested=request.amount,
            available=available,
            code=refusal.code,
            reason=refusal.detail,
            reference=reference,
        )
        return refused, (), (event,)

    def release(self, reason: str, cause: Cause) -> Change:
        """Give back what is reserved, as nothing more will be signed; of nothing, nothing."""
        if self.lapsed is not None:
            return replace(self, version=self.version + 1, lapsed=None), (), ()
        return self._release(self.reserved, reason, cause)

    def release_lot(self, amount: Money, reason: str, cause: Cause) -> Change:
        """Give back what a lot, or the value, does not need any more; where nothing is reserved, nothing.

        Raises:
            NotAllowed: currency-differs, amount-not-positive, lot-above-reservation.
        """
        if self.lapsed is not None:
            rest = self.lapsed - min(amount, self.lapsed)
            return replace(self, version=self.version + 1, lapsed=rest if rest.minor else None), (), ()
        if not self.reserved.minor:
            return self, (), ()
        if amount.currency != self.reserved.currency:
            raise NotAllowed("currency-differs", "The lot is in another currency than the reservation.")
        if amount.minor <= 0:
            raise NotAllowed("amount-not-positive", "A lot is worth something.")
        if amount > self.reserved:
            raise NotAllowed("lot-above-reservation", "The lot is worth more than is still set aside.")
        return self._release(amount, reason, cause)

    def commit(
        self,
        contract: Contract,
        milestones: tuple[Milestone, ...],
        reference: RuleReference,
        cause: Cause,
        *,
        release: Money | None = None,
        memos: tuple[Memo, ...] = (),
    ) -> Change:
        """Bind a contract's value, give back what it says is not needed, and keep the rest for the others.

        What later years' budgets are to fund is not bound now, and what was set aside for it is given back too.

        Units: release is what of the reservation is not needed; none says that nothing of the rest is.

        Raises:
            NotAllowed: nothing-reserved, already-committed, currency-differs, release-negative,
                contract-above-reservation, and what check_milestones refuses.
        """
        self._may_be_committed(contract, reference, release)
        bound = new_commitment(contract, milestones, memos)
        unneeded = self.reserved - contract.value if release is None else release
        rest = unneeded + bound.later
        committed = replace(
            self,
            version=self.version + 1,
            state=State.COMMITTED,
            reserved=self.reserved - contract.value - unneeded,
            contracts=(*self.contracts, bound),
        )
        event = FundsCommitted(
            aggregate=self.id,
            version=committed.version,
            ocid=self.ocid,
            contract=contract.id,
            line=self.line,
            amount=bound.committed,
            later=bound.later if memos else None,
        )
        moves = (
            (Stage.COMMITTED, bound.committed, "Bound by the signed contract."),
            (Stage.AVAILABLE, rest, "The contract is worth less than was reserved."),
        )
        if memos:
            moves = (moves[0], (Stage.AVAILABLE, rest, "Later years' budgets fund the rest of the contract."))
        transfers = tuple(
            self.move(cause, Stage.RESERVED, stage, amount, reason) for stage, amount, reason in moves if amount.minor
        )
        if not rest.minor:
            return committed, transfers, (event,)
        committed = replace(committed, version=committed.version + 1)
        return committed, transfers, (event, _released(committed, rest, moves[1][2]))

    def move(self, cause: Cause, from_stage: Stage, to_stage: Stage, amount: Money, reason: str) -> Transfer:
        """Write a transfer of this process."""
        return transfer(
            cause,
            ocid=self.ocid,
            line=self.line,
            from_stage=from_stage,
            to_stage=to_stage,
            amount=amount,
            reason=reason,
        )

    def _may_be_funded(self) -> None:
        if self.state is State.RELEASED:
            raise NotAllowed("procedure-ended", "The procedure ended and its funds were given back.")
        if self.state is not State.UNFUNDED:
            raise NotAllowed("already-reserved", "Funds are already set aside for this procedure.")

    def _may_be_committed(self, contract: Contract, reference: RuleReference, release: Money | None) -> None:
        if any(one.contract.id == contract.id for one in self.contracts):
            raise NotAllowed("already-committed", "Funds are already bound by this contract.")
        if not self.reserved.minor:
            raise NotAllowed("nothing-reserved", "No funds are set aside for this procedure.", reference=reference)
        if contract.value.currency != self.reserved.currency:
            raise NotAllowed("currency-differs", "The contract is in another currency than the reservation.")
        rest = release or zero(self.reserved.currency)
        if rest.minor < 0:
            raise NotAllowed("release-negative", "What is not needed is not below nothing.")
        if contract.value + rest > self.reserved:
            raise NotAllowed(
                "contract-above-reservation",
                "The contract is worth more than was set aside.",
                reference=reference,
                satisfied_by="A contract within the reservation.",
            )

    def _release(self, amount: Money, reason: str, cause: Cause) -> Change:
        if not amount.minor:
            return self, (), ()
        left = self.reserved - amount
        ended = State.RESERVED if left.minor else State.RELEASED
        released = replace(
            self, version=self.version + 1, state=State.COMMITTED if self.contracts else ended, reserved=left
        )
        return released, (self._given_back(amount, reason, cause),), (_released(released, amount, reason),)

    def _asked_anew(self, request: FundingRequest) -> "Funds":
        # An unfunded process holds nothing that a new request could lose.
        return replace(unfunded(request), version=self.version + 1)

    def _given_back(self, amount: Money, reason: str, cause: Cause) -> Transfer:
        return self.move(cause, Stage.RESERVED, Stage.AVAILABLE, amount, reason)


def unfunded(request: FundingRequest) -> Funds:
    """Begin the funds of a process; the ocid gives their id."""
    return Funds(
        id=derived_id("funds", request.ocid),
        version=0,
        ocid=request.ocid,
        tender=request.tender,
        line=request.line,
        state=State.UNFUNDED,
        reserved=zero(request.amount.currency),
    )


def _released(funds: Funds, amount: Money, reason: str) -> FundsReleased:
    return FundsReleased(
        aggregate=funds.id, version=funds.version, ocid=funds.ocid, line=funds.line, amount=amount, reason=reason
    )
