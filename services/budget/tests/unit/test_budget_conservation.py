"""The pure domain against a model in plain integers: whatever happens in whatever order, no cent appears or is lost."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from budget.domain.funds import Change, Funds, unfunded
from budget.domain.funds_data import Contract, FundingRequest, GradedPeriod, Milestone
from budget.domain.ledger import Cause, Stage, Transfer, changes
from budget.domain.line import new_line
from budget.domain.payment import pay_period
from shared.kernel.errors import DomainError, NotAllowed, RuleReference
from shared.kernel.ids import derived_id
from shared.kernel.money import Money
from shared.rules.pack import load_pack

MODEL = load_pack("model")
PERCENT = {"A": 100, "B": 95, "C": 80, "D": 0}  # rules.payment-by-grade of the model pack
PROCESSES = st.integers(0, 5)
PARTS = st.integers(1, 2_000).map(lambda tens: tens * 10)  # halves of a cent to round occur only at multiples of ten
AMOUNTS = st.integers(1, 100_000)
RULE = RuleReference("funds-reserved-before-publication", "Coxswain model pack")


@dataclass
class Model:
    """What should be: one line's money, as a clerk with a pencil would keep it."""

    granted: int = 0
    available: int = 0
    state: dict[int, str] = field(default_factory=dict)
    at: dict[int, Counter[str]] = field(default_factory=dict)
    periods: dict[int, list[int]] = field(default_factory=dict)

    def grant(self, amount: int) -> None:
        self.granted += amount
        self.available += amount

    def ask(self, who: int, amount: int) -> bool:
        if self.state.get(who, "unfunded") != "unfunded" or amount > self.available:
            return False
        self.available -= amount
        self.state[who], self.at[who] = "reserved", Counter(reserved=amount)
        return True

    def end(self, who: int) -> bool:
        if self.state.get(who) != "reserved":
            return False
        self.available += self.at[who].pop("reserved")
        self.state[who] = "released"
        return True

    def sign(self, who: int, parts: list[int]) -> bool:
        if self.state.get(who) != "reserved" or sum(parts) > self.at[who]["reserved"]:
            return False
        self.available += self.at[who].pop("reserved") - sum(parts)
        self.state[who], self.at[who]["committed"], self.periods[who] = "committed", sum(parts), list(parts)
        return True

    def grade(self, who: int, period: int, grade: str) -> bool:
        if self.state.get(who) != "committed" or period >= len(self.periods[who]) or not self.periods[who][period]:
            return False
        due, self.periods[who][period] = self.periods[who][period], 0
        payable = (due * PERCENT[grade] + 50) // 100
        self.at[who].update({"committed": -due, "paid": payable, "held": due - payable})
        return True


class Budget(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.line = new_line(code="care", title="Care", fiscal_year=2026, currency="EUR")
        self.funds: dict[int, Funds] = {}
        self.events: Counter[UUID] = Counter()
        self.balances: Counter[Stage] = Counter()
        self.transfers: list[Transfer] = []
        self.numbers = count()

    def cause(self) -> Cause:
        return Cause(derived_id("cause", next(self.numbers)), datetime(2026, 3, 2, tzinfo=UTC))

    def enter(self, who: int, change: Change) -> None:
        funds, transfers, events = change
        self.post(transfers)
        self.funds[who] = funds
        for event in events:
            assert event.aggregate == funds.id
            self.events[funds.id] += 1
            assert event.version == self.events[funds.id]

    def post(self, transfers: Any) -> None:
        """Do as the database does: all changes or none, and none below zero."""
        after = self.balances + Counter()
        for stage, amount in changes(transfers):
            if after[stage] + amount < 0:
                raise NotAllowed("insufficient-funds", "Less than that.")
            after[stage] += amount
        self.balances = after
        self.transfers.extend(transfers)

    def tried(self, who: int, attempt: Any) -> bool:
        try:
            self.enter(who, attempt())
        except DomainError:
            return False
        return True

    def pick(self, data: st.DataObject, state: str) -> int:
        """Mostly choose a process in the state, so that long lives are common; at times any, to be refused."""
        fitting = [who for who, its in self.model.state.items() if its == state]
        return data.draw(PROCESSES if not fitting or data.draw(st.integers(0, 4)) == 0 else st.sampled_from(fitting))

    @initialize()
    def begin(self) -> None:
        self.grant(150_000)

    @rule(amount=AMOUNTS)
    def grant(self, amount: int) -> None:
        self.line, transfers, _ = self.line.appropriate(
            title="Care", amount=Money(amount, "EUR"), at=datetime(2026, 3, 2, tzinfo=UTC)
        )
        self.post(transfers)
        self.model.grant(amount)

    @rule(who=PROCESSES, amount=AMOUNTS)
    def ask(self, who: int, amount: int) -> None:
        request = FundingRequest(f"ocid-{who}", derived_id("tender", who), self.line.id, Money(amount, "EUR"))
        before = self.funds.get(who, unfunded(request))
        granted = self.tried(who, lambda: before.reserve(request, self.line, self.cause()))
        assert granted == self.model.ask(who, amount)
        if not granted:
            refusal = NotAllowed("insufficient-funds", "Less than that.")
            self.enter(who, before.refuse(request, refusal, Money(0, "EUR"), RULE))

    @rule(who=PROCESSES)
    def end(self, who: int) -> None:
        if who in self.funds:
            self.enter(who, self.funds[who].release("The tender was cancelled.", self.cause()))
        self.model.end(who)

    @rule(data=st.data(), parts=st.lists(PARTS, min_size=1, max_size=4))
    def sign(self, data: st.DataObject, parts: list[int]) -> None:
        who = self.pick(data, "reserved")
        if who not in self.funds:
            return
        milestones = tuple(Milestone(str(number), Money(part, "EUR")) for number, part in enumerate(parts))
        contract = Contract(
            id=derived_id("contract", who),
            payee="org",
            value=Money(sum(parts), "EUR"),
            pack="model",
            pack_version=MODEL.version,
            acceleration=1,
        )
        signed = self.tried(who, lambda: self.funds[who].commit(contract, milestones, RULE, self.cause()))
        assert signed == self.model.sign(who, parts)

    @rule(data=st.data(), period=st.integers(0, 4), grade=st.sampled_from("ABCD"))
    def grade(self, data: st.DataObject, period: int, grade: str) -> None:
        who = self.pick(data, "committed")
        if who not in self.funds:
            return
        graded = GradedPeriod(
            ocid=f"ocid-{who}", contract=derived_id("contract", who), period=str(period), provider="org", grade=grade
        )
        settled = self.tried(who, lambda: pay_period(self.funds[who], graded, MODEL, self.cause()))
        assert settled == self.model.grade(who, period, grade)

    @invariant()
    def no_money_appears_or_is_lost(self) -> None:
        appropriated = self.balances[Stage.APPROPRIATED]
        assert appropriated == self.model.granted == self.line.appropriated.minor
        assert appropriated == sum(amount for stage, amount in self.balances.items()) - appropriated

    @invariant()
    def the_ledger_is_as_the_model(self) -> None:
        totals = sum(self.model.at.values(), Counter[str]())
        assert self.balances[Stage.AVAILABLE] == self.model.available
        for stage in (Stage.RESERVED, Stage.COMMITTED, Stage.HELD, Stage.PAID):
            assert self.balances[stage] == totals[stage]
        assert self.balances[Stage.ACCRUED] == 0

    @invariant()
    def every_process_is_as_the_model(self) -> None:
        for who, funds in self.funds.items():
            expected = self.model.at.get(who, Counter())
            assert funds.state == self.model.state.get(who, "unfunded")
            for stage in ("reserved", "committed", "paid", "held"):
                assert getattr(funds, stage).minor == expected[stage]
            assert funds.accrued.minor == expected["paid"] + expected["held"]

    @invariant()
    def balances_are_what_the_transfers_add_up_to(self) -> None:
        folded: Counter[Stage] = Counter()
        for one in self.transfers:
            assert one.amount.minor > 0
            folded[one.to_stage] += one.amount.minor
            folded[one.from_stage] += one.amount.minor * (1 if one.from_stage is Stage.APPROPRIATED else -1)
        assert +folded == +self.balances
        assert len({one.id for one in self.transfers}) == len(self.transfers)


TestBudget = Budget.TestCase
TestBudget.settings = settings(
    max_examples=150, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
