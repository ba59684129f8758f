"""The pure domain against a model in plain integers: whatever happens in whatever order, no cent appears or is lost."""

from collections import Counter
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from process_clerk import MOST_CONTRACTS, Model

from budget.domain import payment_order
from budget.domain.advance_payment import ask_advance, count_advance, repay
from budget.domain.commitment import RequestedChange
from budget.domain.contract_change import change_contract, commit_change, drop_change, terminate
from budget.domain.fiscal_year import calendar_year
from budget.domain.funds import Change, Funds, unfunded
from budget.domain.funds_data import Contract, FundingRequest, GradedPeriod, Milestone
from budget.domain.grant import Grant
from budget.domain.ledger import Cause, Stage, Transfer, changes
from budget.domain.line import new_line
from budget.domain.payment import accept_period, count_payment
from budget.domain.payment_order import PaymentOrder
from shared.kernel.errors import DomainError, NotAllowed, RuleReference
from shared.kernel.ids import derived_id
from shared.kernel.money import Money
from shared.rules.pack import load_pack
from shared.testing.depth import examples

MODEL = load_pack("model")
YEAR = calendar_year(2026)
PROCESSES = st.integers(0, 3)
PARTS = st.integers(1, 2_000).map(lambda tens: tens * 10)  # halves of a cent to round occur only at multiples of ten
AMOUNTS = st.integers(1, 100_000)
CONTRACTS = st.sampled_from([0, 0, 0, 1, 1, 2, MOST_CONTRACTS])  # the last is never signed
AT = datetime(2026, 3, 2, tzinfo=UTC)
RULE = RuleReference("funds-reserved-before-publication", "Coxswain model pack")


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
        self.asked: dict[tuple[int, int], RequestedChange] = {}
        self.orders: list[tuple[int, PaymentOrder]] = []
        self.advances: list[tuple[int, int, int, PaymentOrder]] = []

    def cause(self) -> Cause:
        return Cause(derived_id("cause", next(self.numbers)), AT)

    def enter(self, who: int, change: Change) -> None:
        funds, transfers, events = change
        self.post(transfers)
        self.funds[who] = funds
        for event in events:
            assert event.aggregate == funds.id
            # There is a gap where a change of the funds was no event.
            assert self.events[funds.id] < event.version <= funds.version
            self.events[funds.id] = event.version

    def post(self, transfers: Any) -> None:
        """Do as the database does: all changes or none, and none below zero."""
        after = self.balances + Counter()
        for _, stage, amount in changes(transfers):
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

    @initialize(parts=st.lists(st.lists(PARTS, min_size=1, max_size=4), min_size=2, max_size=2), data=st.data())
    def begin(self, parts: list[list[int]], data: st.DataObject) -> None:
        """Begin with two contracts of one process in force, one paid in advance, since the ways to them are long."""
        self.grant(400_000)
        self.ask(0, 200_000)
        for each in parts:
            self.sign_of(0, each, 0)
        self.ask_advance_of(0, 0, data.draw(st.integers(1, sum(parts[0]) * 3 // 10)))
        self.pay_advance_of(0, None)

    @rule(amount=AMOUNTS)
    def grant(self, amount: int) -> None:
        granted, at = Money(amount, "EUR"), AT
        if self.line.original is None:
            self.line, transfers, _ = self.line.appropriate(title="Care", grant=Grant(amount=granted), year=YEAR, at=at)
        else:
            self.line, transfers, _ = self.line.revise(
                revision=derived_id("revision", next(self.numbers)),
                kind="supplementary",
                amount=granted,
                reason="More.",
                year=YEAR,
                at=at,
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

    @rule(who=PROCESSES, amount=st.none() | AMOUNTS)
    def end(self, who: int, amount: int | None) -> None:
        """End a lot of the amount, or the whole procedure."""
        if who not in self.funds:
            return
        funds, reason, some = self.funds[who], "It was cancelled.", self.funds[who].reserved.minor > 0
        ended = self.tried(
            who,
            lambda: (
                funds.release(reason, self.cause())
                if amount is None
                else funds.release_lot(Money(amount, "EUR"), reason, self.cause())
            ),
        )
        assert (ended and some) == self.model.end(who, amount)

    @rule(data=st.data(), parts=st.lists(PARTS, min_size=1, max_size=4), release=st.none() | st.integers(0, 5_000))
    def sign(self, data: st.DataObject, parts: list[int], release: int | None) -> None:
        self.sign_of(self.pick(data, data.draw(st.sampled_from(["reserved", "committed"]))), parts, release)

    def sign_of(self, who: int, parts: list[int], release: int | None) -> None:
        if who not in self.funds or self.model.signed(who) == MOST_CONTRACTS:
            return
        contract = Contract(
            id=self.contract(who, self.model.signed(who)),
            payee="org",
            value=Money(sum(parts), "EUR"),
            pack="model",
            pack_version=MODEL.version,
            acceleration=1,
        )
        rest = None if release is None else Money(release, "EUR")
        signed = self.tried(
            who, lambda: self.funds[who].commit(contract, self.milestones(parts), RULE, self.cause(), release=rest)
        )
        assert signed == self.model.sign(who, parts, release)

    @rule(data=st.data(), number=CONTRACTS, period=st.integers(0, 4), grade=st.sampled_from("ABCD"))
    def grade(self, data: st.DataObject, number: int, period: int, grade: str) -> None:
        who = self.pick(data, "committed")
        if who not in self.funds:
            return
        graded = GradedPeriod(
            ocid=f"ocid-{who}", contract=self.contract(who, number), period=str(period), provider="org", grade=grade
        )
        waits = self.funds[who].awaited(graded)
        settled = not waits and self.tried(who, lambda: self.accepted(who, graded))
        assert settled == self.model.grade(who, number, period, grade)

    def accepted(self, who: int, graded: GradedPeriod) -> Change:
        funds, transfers, events, order, _ = accept_period(self.funds[who], graded, MODEL, self.cause())
        if order is not None:
            approved, _ = payment_order.approve(order, by="p-approver", at=AT)
            self.orders.append((who, approved))
        return funds, transfers, events

    @rule(data=st.data(), amount=st.none() | AMOUNTS)
    def pay(self, data: st.DataObject, amount: int | None) -> None:
        """Pay an order, or part of it, or more than is owed on it."""
        if not self.orders:
            return
        place = data.draw(st.integers(0, len(self.orders) - 1))
        who, order = self.orders[place]
        asked = Money(order.open.minor if amount is None else amount, "EUR")
        owed, identifier = order.open.minor, derived_id("payment", next(self.numbers))

        def paid() -> Change:
            after, payment, _ = payment_order.pay(order, identifier, asked, reference=None, by="p-treasurer", at=AT)
            change = count_payment(self.funds[who], payment)
            self.orders[place] = who, after
            return change

        assert self.tried(who, paid) == self.model.pay(who, owed, asked.minor)

    @rule(data=st.data(), number=CONTRACTS, amount=st.integers(1, 1_000).map(lambda tens: tens * 10))
    def ask_advance(self, data: st.DataObject, number: int, amount: int) -> None:
        self.ask_advance_of(self.pick(data, "committed"), number, amount)

    def ask_advance_of(self, who: int, number: int, amount: int) -> None:
        if who not in self.funds:
            return
        contract, place = self.contract(who, number), len(self.model.advances.get((who, number), []))

        def asked() -> Change:
            funds, order = ask_advance(
                self.funds[who],
                self.line,
                contract,
                Money(amount, "EUR"),
                reason="Vans.",
                by="p-asker",
                pack=MODEL,
                cause=self.cause(),
            )
            approved, _ = payment_order.approve(order, by="p-approver", at=AT)
            self.advances.append((who, number, place, approved))
            return funds, (), ()

        assert self.tried(who, asked) == self.model.ask_advance(who, number, amount)

    @rule(data=st.data(), amount=st.none() | st.integers(1, 1_000).map(lambda tens: tens * 10))
    def pay_advance(self, data: st.DataObject, amount: int | None) -> None:
        """Pay an advance, or part of it, or more than is bound."""
        if not self.advances:
            return
        self.pay_advance_of(data.draw(st.integers(0, len(self.advances) - 1)), amount)

    def pay_advance_of(self, at: int, amount: int | None) -> None:
        who, number, place, order = self.advances[at]
        asked = Money(order.open.minor if amount is None else amount, "EUR")
        identifier = derived_id("payment", next(self.numbers))

        def paid() -> Change:
            after, payment, _ = payment_order.pay(order, identifier, asked, reference=None, by="p-treasurer", at=AT)
            change = count_advance(self.funds[who], payment)
            self.advances[at] = who, number, place, after
            return change

        assert self.tried(who, paid) == self.model.pay_advance(who, number, place, asked.minor)

    @rule(data=st.data(), amount=st.integers(1, 1_000))
    def repay(self, data: st.DataObject, amount: int) -> None:
        if not self.advances:
            return
        who, number, place, order = self.advances[data.draw(st.integers(0, len(self.advances) - 1))]
        identifier = derived_id("repayment", next(self.numbers))
        repaid = self.tried(who, lambda: repay(self.funds[who], order, identifier, Money(amount, "EUR"), self.cause()))
        assert repaid == self.model.repay(who, number, place, amount)

    @rule(data=st.data(), number=CONTRACTS, parts=st.lists(PARTS, min_size=1, max_size=4))
    def change(self, data: st.DataObject, number: int, parts: list[int]) -> None:
        """Ask for a change that leaves what was accepted, as anything else is refused."""
        who = self.pick(data, "committed")
        if who not in self.funds:
            return
        accepted = [amount for amount in self.model.periods.get((who, number), []) if amount < 0]
        if accepted != self.model.periods.get((who, number), [])[: len(accepted)]:
            return
        whole = [*accepted, *parts]
        asked = RequestedChange(
            id=derived_id("change", next(self.numbers)),
            value=Money(sum(map(abs, whole)), "EUR"),
            milestones=self.milestones(list(map(abs, whole))),
        )
        bound = self.tried(who, lambda: commit_change(self.funds[who], self.contract(who, number), asked, self.cause()))
        assert bound == self.model.change(who, number, whole)
        if bound:
            self.asked[who, number] = asked

    @rule(data=st.data(), number=CONTRACTS, signed=st.booleans())
    def resolve(self, data: st.DataObject, number: int, signed: bool) -> None:
        who = self.pick(data, "committed")
        if (who, number) not in self.asked:
            return
        funds, contract, asked = self.funds[who], self.contract(who, number), self.asked[who, number]
        before = funds.version
        resolved = self.tried(
            who,
            lambda: (
                change_contract(funds, contract, asked, self.cause())
                if signed
                else drop_change(funds, contract, asked.id, self.cause())
            ),
        )
        happened = resolved and self.funds[who].version > before
        assert happened == self.model.resolve(who, number, signed=signed)

    @rule(data=st.data(), number=CONTRACTS)
    def close(self, data: st.DataObject, number: int) -> None:
        who = self.pick(data, "committed")
        if who not in self.funds:
            return
        before = self.funds[who].version
        closed = self.tried(who, lambda: terminate(self.funds[who], self.contract(who, number), self.cause()))
        assert (closed and self.funds[who].version > before) == self.model.close(who, number)

    def contract(self, who: int, number: int) -> UUID:
        return derived_id("contract", who, number)

    def milestones(self, parts: list[int]) -> tuple[Milestone, ...]:
        return tuple(Milestone(str(number), Money(part, "EUR")) for number, part in enumerate(parts))

    @invariant()
    def no_money_appears_or_is_lost(self) -> None:
        appropriated = self.balances[Stage.APPROPRIATED]
        assert appropriated == self.model.granted == self.line.appropriated.minor
        assert appropriated == sum(amount for stage, amount in self.balances.items()) - appropriated

    @invariant()
    def the_ledger_is_as_the_model(self) -> None:
        totals = sum(self.model.at.values(), Counter[str]())
        assert self.balances[Stage.AVAILABLE] == self.model.available
        for stage in (Stage.RESERVED, Stage.COMMITTED, Stage.ADVANCE, Stage.ACCRUED, Stage.HELD, Stage.PAID):
            assert self.balances[stage] == totals[stage]
        assert self.balances[Stage.ACCRUED] == sum(order.open.minor for _, order in self.orders)

    @invariant()
    def every_process_is_as_the_model(self) -> None:
        for who, funds in self.funds.items():
            expected = self.model.at.get(who, Counter())
            assert funds.state == self.model.state.get(who, "unfunded")
            for stage in ("reserved", "committed", "advance", "paid", "held"):
                assert getattr(funds, stage).minor == expected[stage]
            assert funds.accrued.minor == expected["accrued"] + expected["paid"] + expected["held"]
            for contract in funds.contracts:
                assert contract.committed + contract.outstanding + contract.accrued == contract.bound
                assert contract.paid + contract.held <= contract.accrued

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
    max_examples=examples(200), stateful_step_count=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
