"""Any course a contract can take, beside a budget kept with a pencil: what is never changed, bound or paid."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from shared.kernel.errors import DomainError
from shared.kernel.money import Money
from shared.rules.pack import load_pack
from tender.domain import contract_change, contract_suspension, contract_termination, handover
from tender.domain.catalogue import Service
from tender.domain.contract import CONTRACT, Contract, ContractStatus
from tender.domain.contract_change import CHANGE, Wish
from tender.domain.contract_events import Changed, ChangeFailed, ChangeRequested, Terminated
from tender.domain.contract_parts import Change
from tender.domain.parts import Milestone, Party

PACK = load_pack("model")
SIGNED = datetime(2026, 3, 2, 9, tzinfo=UTC)
ORIGINAL = 90_000
PERIODS = tuple(
    Milestone(str(month - 3), date(2026, month, 1), date(2026, month, 28), Money(ORIGINAL // 6, "EUR"))
    for month in range(4, 10)
)
PERSONS = st.sampled_from(["olga", "hugo"])


class Pencil:
    """A budget that follows what is published of the contract."""

    def __init__(self, available: int) -> None:
        self.available, self.committed, self.accrued, self.paid = available, ORIGINAL, 0, 0
        self.periods = {one.period: one.amount.minor for one in PERIODS}
        self.accepted: set[str] = set()
        self.asked: dict[str, int] | None = None
        self.closed = False

    @property
    def addition(self) -> int:
        return max(0, sum(self.asked.values()) - sum(self.periods.values())) if self.asked else 0

    def request(self, periods: dict[str, int]) -> bool:
        added = max(0, sum(periods.values()) - sum(self.periods.values()))
        if added > self.available or any(periods.get(one) != self.periods[one] for one in self.accepted):
            return False
        self.asked = periods
        self.available, self.committed = self.available - added, self.committed + added
        return True

    def fail(self) -> None:
        self.available, self.committed = self.available + self.addition, self.committed - self.addition
        self.asked = None

    def change(self) -> None:
        assert self.asked is not None
        freed = max(0, sum(self.periods.values()) - sum(self.asked.values()))
        self.available, self.committed = self.available + freed, self.committed - freed
        self.periods, self.asked = self.asked, None

    def accept(self, period: str) -> None:
        touched = self.asked is not None and self.asked.get(period) != self.periods.get(period)
        if period not in self.periods or period in self.accepted or touched or self.closed:
            return
        amount = self.periods[period]
        self.accepted.add(period)
        self.committed, self.accrued, self.paid = self.committed - amount, self.accrued + amount, self.paid + amount

    def close(self) -> None:
        self.available, self.committed, self.closed = self.available + self.committed, 0, True


class ContractCourses(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = SIGNED
        self.numbers = iter(range(100, 10_000))
        self.pencil = Pencil(available=6_000)
        self.version, self.requests = 3, list[ChangeRequested]()
        euros = Money(ORIGINAL, "EUR")
        self.contract = Contract(
            id=UUID(int=1), version=3, ocid="ocds-1", tender=UUID(int=2), award=UUID(int=3), title="Meals",
            buyer=Party("city", "City"), supplier=Party("birch", "Birch"), service=Service("meals", "Meals"),
            value=euros, milestones=PERIODS, pack=PACK.id, pack_version=PACK.version, acceleration=1,
            signature_due=None, status=ContractStatus.ACTIVE, signed_at=SIGNED,
            ends_at=datetime(2026, 9, 29, tzinfo=UTC),
        )  # fmt: skip

    def tried(self, step: Callable[[], Any]) -> bool:
        """Take a step that may be refused; a refused one changes nothing, since the state is only replaced by it."""
        try:
            outcome = step()
        except DomainError:
            return False
        after, events = outcome if isinstance(outcome, tuple) else (outcome, ())
        assert after.version >= self.contract.version
        assert after == self.contract or after.version > self.contract.version
        for event in events:
            assert self.version < event.version <= after.version
            self.version = event.version
            self.tell(event)
        self.contract = after
        return True

    def tell(self, event: Any) -> None:
        match event:
            case ChangeRequested():
                self.requests.append(event)
            case Changed():
                self.pencil.change()
                assert {one.period: one.amount.minor for one in event.milestones} == self.pencil.periods
            case ChangeFailed():
                self.pencil.fail()
            case Terminated():
                self.pencil.close()

    def change(self) -> Change:
        return next(reversed(self.contract.changes)) if self.contract.changes else self.no_change

    @property
    def no_change(self) -> Change:
        return Change(
            id=UUID(int=7), ground="", reason="", difference=Money(0, "EUR"), end=date(2026, 9, 28), milestones=(),
            documents=(), proposed_by="olga", proposed_at=SIGNED, due_at=None,
        )  # fmt: skip

    @rule(difference=st.sampled_from([-40_000, -3_000, 1, 2_000, 5_000, 9_000, 9_001]), by=PERSONS)
    def propose(self, difference: int, by: str) -> None:
        wish = Wish(ground="needs-changed", reason="More.", difference=Money(difference, "EUR"))
        identifier = UUID(int=next(self.numbers))
        self.tried(
            lambda: contract_change.propose_change(
                self.contract, wish, identifier=identifier, by=by, at=self.now, pack=PACK
            )
        )

    @rule()
    def let_the_budget_answer(self) -> None:
        while self.requests:
            request = self.requests.pop(0)
            pending = self.contract.pending
            if pending is None or pending.id != request.change:
                continue  # it failed before the budget read of it
            if self.pencil.request({one.period: one.amount.minor for one in request.milestones}):
                assert self.tried(
                    lambda: contract_change.fund_change(self.contract, request.change, at=self.now, pack=PACK)  # noqa: B023 - called at once
                )
            else:
                assert self.tried(
                    lambda: contract_change.refuse_change(self.contract, request.change, code="no", reason="No.")  # noqa: B023 - called at once
                )

    @rule(by=PERSONS)
    def approve(self, by: str) -> None:
        change = self.change()
        approved = self.tried(
            lambda: contract_change.approve_change(self.contract, change.id, by=by, at=self.now, pack=PACK)
        )
        assert not (approved and by == change.proposed_by)

    @rule()
    def sign(self) -> None:
        change = self.change()
        self.tried(
            lambda: contract_change.sign_change_as_supplier(self.contract, change.id, at=self.now, pack=PACK)
        ) or self.tried(lambda: contract_change.sign_change_as_buyer(self.contract, change.id, at=self.now, pack=PACK))

    @rule(difference=st.sampled_from([-4_000, 3_000, 4_500, 9_000]), number=st.integers(1, 4))
    def go_on(self, difference: int, number: int) -> None:
        """Take a change some steps further on its way, so that the later states are seen often enough."""
        for _ in range(number):
            change = self.contract.pending
            if change is None:
                self.propose(difference, "olga")
            elif change.status == "funding-requested":
                self.let_the_budget_answer()
            elif change.status == "funded":
                self.approve("hugo" if change.proposed_by == "olga" else "olga")
            else:
                self.sign()

    @rule()
    def withdraw(self) -> None:
        self.tried(lambda: contract_change.withdraw_change(self.contract, self.change().id, reason="No."))

    @rule(number=st.integers(1, 6))
    def accept(self, number: int) -> None:
        self.pencil.accept(str(number))

    @rule(days=st.integers(1, 40))
    def suspend_or_resume(self, days: int) -> None:
        until = self.now + timedelta(days=days)
        self.tried(
            lambda: contract_suspension.suspend(self.contract, reason="Flood.", until=until, at=self.now, pack=PACK)
        ) or self.tried(lambda: contract_suspension.resume(self.contract, at=self.now))

    @rule(days=st.integers(0, 30))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)
        assert self.tried(lambda: contract_termination.let_time_act(self.contract, self.now, PACK))

    @rule(by=PERSONS, days=st.integers(0, 60), earnest=st.integers(0, 4))
    def end_early(self, by: str, days: int, earnest: int) -> None:
        if earnest:
            return  # most contracts live longer
        last_day = (self.now + timedelta(days=days)).date()
        proposed = self.contract.proposed_end
        if proposed is None:
            self.tried(
                lambda: contract_termination.propose_termination(
                    self.contract, ground="insolvency", reason="None.", last_day=last_day, by=by, at=self.now, pack=PACK
                )
            )
            return
        ended = self.tried(
            lambda: contract_termination.confirm_termination(self.contract, by=by, at=self.now, pack=PACK)
        )
        assert not (ended and by == proposed.proposed_by)

    @rule(
        by=PERSONS, paid=st.sampled_from([0, ORIGINAL, 2 * ORIGINAL]), why=st.sampled_from([None, "Nobody was left."])
    )
    def close(self, by: str, paid: int, why: str | None) -> None:
        if self.contract.closing is None:
            self.tried(
                lambda: contract_termination.propose_closing(
                    self.contract,
                    amount_paid=Money(paid, "EUR"),
                    without_handover=why,
                    by=by,
                    at=self.now,
                    pack=PACK,
                )
            )
            return
        proposer = self.contract.closing.proposed_by
        closed = self.tried(lambda: contract_termination.confirm_closing(self.contract, by=by, at=self.now, pack=PACK))
        assert not (closed and by == proposer)

    @rule(why=st.sampled_from([None, "Nobody was left."]))
    def come_to_an_end(self, why: str | None) -> None:
        """Close a contract whose last day is settled."""
        if self.contract.termination is None:
            return
        self.now = max(self.now, datetime(2026, 9, 29, tzinfo=UTC))
        if why is None:
            self.hand_over()
        self.close("olga", 0, why)
        self.close("hugo", 0, why)

    @rule()
    def hand_over(self) -> None:
        for item in self.contract.handover.items if self.contract.handover else ():
            said = handover.Settlement(applicable=True, note="Protocol", successor="In-house")
            kind, side = item.kind, item.responsible
            self.tried(lambda: handover.settle_item(self.contract, kind, said, side=side, at=self.now))  # noqa: B023 - called at once
            other: handover.Side = "buyer" if side == "supplier" else "supplier"
            self.tried(lambda: handover.confirm_item(self.contract, kind, side=other, at=self.now))  # noqa: B023 - called at once

    @invariant()
    def the_value_stays_within_the_cap(self) -> None:
        active = [one.difference.minor for one in self.contract.changes if one.status == "active"]
        assert self.contract.value.minor == ORIGINAL + sum(active)
        assert sum(one for one in active if one > 0) <= ORIGINAL // 10
        assert sum(one.amount.minor for one in self.contract.milestones) == self.contract.value.minor

    @invariant()
    def one_change_at_most_is_pending(self) -> None:
        assert sum(one.pending for one in self.contract.changes) <= 1
        assert all(one.due_at is not None for one in self.contract.changes if one.pending)

    @invariant()
    def what_is_bound_is_what_the_contract_is_worth(self) -> None:
        pencil = self.pencil
        assert min(pencil.available, pencil.committed, pencil.accrued) >= 0
        assert pencil.available + pencil.committed + pencil.accrued == 6_000 + ORIGINAL
        if not pencil.closed:
            assert pencil.committed + pencil.accrued == self.contract.value.minor + pencil.addition
        assert pencil.paid <= pencil.accrued

    @invariant()
    def a_contract_is_closed_only_with_a_handover_or_a_reason(self) -> None:
        assert self.contract.status in CONTRACT.states
        assert all(one.status in CHANGE.states for one in self.contract.changes)
        if self.contract.status is ContractStatus.TERMINATED:
            handed = self.contract.handover is not None and self.contract.handover.completed_at is not None
            assert self.contract.closing is not None
            assert handed is (self.contract.closing.without_handover is None)
            assert self.contract.amount_paid is not None
            assert self.contract.amount_paid <= self.contract.value
        if self.contract.status in {ContractStatus.ENDING, ContractStatus.TERMINATED}:
            assert self.contract.pending is None

    @invariant()
    def whatever_waits_has_a_deadline(self) -> None:
        if self.contract.status is ContractStatus.ENDING:
            assert self.contract.waiting is not None
        if self.contract.status is ContractStatus.TERMINATED:
            assert self.contract.waiting is None
            assert self.contract.clock_at is None


TestContractCourses = ContractCourses.TestCase
TestContractCourses.settings = settings(max_examples=200, stateful_step_count=50, deadline=None)
