"""The funds of one contracting process, from the reservation to the contract."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from budget.domain.events import FundsCommitted, FundsRefused, FundsReleased, FundsReserved
from budget.domain.funds_data import Contract, FundingRequest, Milestone, State, check_milestones
from budget.domain.ledger import Cause, Stage, Transfer, transfer
from budget.domain.line import Line
from shared.kernel.errors import NotAllowed, RuleReference
from shared.kernel.events import DomainEvent
from shared.kernel.ids import derived_id
from shared.kernel.money import Money, zero

Change = tuple["Funds", tuple[Transfer, ...], tuple[DomainEvent, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Funds:
    """The money set aside for, bound by and spent on one contracting process.

    Units: reserved and committed are what is at that stage now; accrued is all that was ever accrued, and paid and held
    are parts of it.
    """

    id: UUID
    version: int
    ocid: str
    tender: UUID
    line: UUID
    state: State
    reserved: Money
    committed: Money
    accrued: Money
    paid: Money
    held: Money
    contract: Contract | None = None
    milestones: tuple[Milestone, ...] = ()
    decision_due: datetime | None = None

    @property
    def awaits_contract(self) -> bool:
        """Whether a contract may still come."""
        return self.state in {State.UNFUNDED, State.RESERVED}

    def reserve(self, request: FundingRequest, line: Line | None, cause: Cause) -> Change:
        """Set the requested amount aside; whether the line has it, the ledger decides.

        Raises:
            NotAllowed: already-reserved, procedure-ended, line-unknown, currency-differs, amount-not-positive.
        """
        self._may_be_funded()
        if line is None:
            raise NotAllowed("line-unknown", "The budget has no such line.")
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
        """Give back what is reserved, as the procedure ended without a contract; of nothing, nothing."""
        if self.state is not State.RESERVED:
            return self, (), ()
        released = replace(self, version=self.version + 1, state=State.RELEASED, reserved=zero(self.reserved.currency))
        return (
            released,
            (self._given_back(self.reserved, reason, cause),),
            (_released(released, self.reserved, reason),),
        )

    def commit(
        self, contract: Contract, milestones: tuple[Milestone, ...], reference: RuleReference, cause: Cause
    ) -> Change:
        """Bind exactly the contract's value and give back the rest of the reservation.

        Raises:
            NotAllowed: nothing-reserved, already-committed, currency-differs, contract-above-reservation, and what
                check_milestones refuses.
        """
        self._may_be_committed(contract, reference)
        check_milestones(contract, milestones)
        rest = self.reserved - contract.value
        reason = "The contract is worth less than was reserved."
        committed = replace(
            self,
            version=self.version + 1,
            state=State.COMMITTED,
            reserved=zero(rest.currency),
            committed=contract.value,
            contract=contract,
            milestones=milestones,
        )
        event = FundsCommitted(
            aggregate=self.id,
            version=committed.version,
            ocid=self.ocid,
            contract=contract.id,
            line=self.line,
            amount=contract.value,
        )
        bound = self.move(cause, Stage.RESERVED, Stage.COMMITTED, contract.value, "Bound by the signed contract.")
        if not rest.minor:
            return committed, (bound,), (event,)
        committed = replace(committed, version=committed.version + 1)
        return committed, (bound, self._given_back(rest, reason, cause)), (event, _released(committed, rest, reason))

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

    def _may_be_committed(self, contract: Contract, reference: RuleReference) -> None:
        if self.state is State.COMMITTED:
            raise NotAllowed("already-committed", "Funds are already bound by a contract of this procedure.")
        if self.state is not State.RESERVED:
            raise NotAllowed("nothing-reserved", "No funds are set aside for this procedure.", reference=reference)
        if contract.value.currency != self.reserved.currency:
            raise NotAllowed("currency-differs", "The contract is in another currency than the reservation.")
        if contract.value > self.reserved:
            raise NotAllowed(
                "contract-above-reservation",
                "The contract is worth more than was set aside.",
                reference=reference,
                satisfied_by="A contract within the reservation.",
            )

    def _asked_anew(self, request: FundingRequest) -> "Funds":
        # An unfunded process holds nothing that a new request could lose.
        return replace(unfunded(request), version=self.version + 1)

    def _given_back(self, amount: Money, reason: str, cause: Cause) -> Transfer:
        return self.move(cause, Stage.RESERVED, Stage.AVAILABLE, amount, reason)


def unfunded(request: FundingRequest) -> Funds:
    """Begin the funds of a process; the ocid gives their id."""
    nothing = zero(request.amount.currency)
    return Funds(
        id=derived_id("funds", request.ocid),
        version=0,
        ocid=request.ocid,
        tender=request.tender,
        line=request.line,
        state=State.UNFUNDED,
        reserved=nothing,
        committed=nothing,
        accrued=nothing,
        paid=nothing,
        held=nothing,
    )


def _released(funds: Funds, amount: Money, reason: str) -> FundsReleased:
    return FundsReleased(
        aggregate=funds.id, version=funds.version, ocid=funds.ocid, line=funds.line, amount=amount, reason=reason
    )
