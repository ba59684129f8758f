"""Grades, holds, appeals, releases, forfeitures and payments in any order: each period stays whole to the cent."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from budget.domain import hold as holds
from budget.domain import payment_order
from budget.domain.contract_change import terminate
from budget.domain.funds import Change, unfunded
from budget.domain.funds_data import Contract, FundingRequest, GradedPeriod, Milestone
from budget.domain.hold import Hold, Proposal
from budget.domain.ledger import Cause, Stage, Transfer, changes
from budget.domain.line import new_line
from budget.domain.payment import accept_period, count_forfeiture, count_payment, count_release
from budget.domain.payment_order import PaymentOrder, released_order
from shared.kernel.errors import DomainError, RuleReference
from shared.kernel.ids import derived_id
from shared.kernel.money import Money
from shared.rules.pack import load_pack
from shared.rules.payment_formula import (
    DECISION,
    GradeShare,
    IndicatorDeduction,
    PaymentFormula,
    ReleaseCondition,
    check_formula,
)
from shared.testing.depth import examples

MODEL = load_pack("model")
CONTRACT = UUID(int=7)
PERIODS = 6
AT = datetime(2026, 3, 2, tzinfo=UTC)
SHARES = st.decimals(0, 1, places=2)
PORTIONS = st.sampled_from(["all", "half", "a cent", "nothing", "more", "as much as at first"])
PERSONS = st.sampled_from(["olga", "pia"])
RELEASES = st.sampled_from(
    [
        DECISION,
        ReleaseCondition("days-after", days=20),
        ReleaseCondition("next-grade-at-least", grade="B"),
        ReleaseCondition("next-grade-at-least", grade="A"),
    ]
)


def euros(cents: int) -> Money:
    return Money(cents, "EUR")


@st.composite
def formulas(draw: st.DrawFn) -> PaymentFormula:
    shares = sorted(draw(st.lists(SHARES, min_size=4, max_size=4)), reverse=True)
    retention = draw(SHARES)
    indicator = IndicatorDeduction(
        kpi="attendance", target=Decimal(95), direction="higher", step=Decimal(1), share=draw(SHARES), cap=draw(SHARES)
    )
    formula = PaymentFormula(
        grades=tuple(GradeShare(grade, share, "As graded.") for grade, share in zip("ABCD", shares, strict=True)),
        indicators=(indicator,) if draw(st.booleans()) else (),
        guarantee=draw(st.decimals(0, 1 - retention, places=2)),
        deduction_cap=draw(SHARES),
        retention_share=retention,
        retention_release=draw(RELEASES),
        shortcoming_release=draw(RELEASES),
    )
    check_formula(formula, MODEL)
    return formula


@dataclass
class Expected:
    """What a clerk would note of one hold."""

    rest: int
    told: datetime
    appealed: bool = False
    proposed: tuple[str, int, str] | None = None


class Quality(RuleBasedStateMachine):
    """One contract of six periods under a formula; every act is tried on the domain and on the clerk's notes."""

    @initialize(formula=formulas(), amounts=st.lists(st.integers(1, 100_000), min_size=PERIODS, max_size=PERIODS))
    def sign(self, formula: PaymentFormula, amounts: list[int]) -> None:
        self.formula, self.amounts, self.now = formula, amounts, AT
        self.numbers, self.balances = count(), Counter[Stage]()
        self.transfers: list[Transfer] = []
        self.holds: dict[UUID, Hold] = {}
        self.notes: dict[UUID, Expected] = {}
        self.orders: dict[UUID, PaymentOrder] = {}
        line, value = new_line(code="care", title="Care", fiscal_year=2026, currency="EUR"), euros(sum(amounts))
        request = FundingRequest("ocid", UUID(int=8), line.id, value)
        contract = Contract(
            id=CONTRACT,
            payee="org",
            value=value,
            pack="model",
            pack_version=MODEL.version,
            acceleration=1,
            payment=formula,
        )
        milestones = tuple(Milestone(str(period), euros(amount)) for period, amount in enumerate(amounts))
        self.balances[Stage.AVAILABLE] = value.minor
        self.funds = unfunded(request)
        self.enter(self.funds.reserve(request, line, self.cause()))
        self.enter(self.funds.commit(contract, milestones, RuleReference("rule", "Source"), self.cause()))

    def cause(self) -> Cause:
        return Cause(derived_id("cause", next(self.numbers)), self.now)

    def enter(self, change: Change) -> None:
        self.funds, transfers, _ = change
        self.transfers += transfers
        for _, stage, minor in changes(transfers):
            self.balances[stage] += minor

    def tried(self, act: Callable[[], Any]) -> Any:
        try:
            return act()
        except DomainError:
            return None

    def owe(self, order: PaymentOrder | None) -> None:
        if order is not None:
            assert order.id not in self.orders
            self.orders[order.id], _ = payment_order.approve(order, by="approver", at=self.now)

    def released(self, after: Hold, amount: Money, reason: str) -> None:
        self.enter(count_release(self.funds, after, amount, reason, self.cause()))
        self.owe(released_order(after, amount, reason, line=self.funds.line, at=self.now, due_at=self.now))

    def end_by_condition(self, before: Hold) -> None:
        after, _ = holds.release_by_condition(before, "It has come.", at=self.now)
        self.holds[before.id] = after
        self.released(after, before.rest, "It has come.")
        self.notes[before.id].rest, self.notes[before.id].proposed = 0, None

    def pick(self, data: st.DataObject) -> UUID | None:
        return data.draw(st.sampled_from(sorted(self.holds))) if self.holds else None

    @rule(
        period=st.integers(0, PERIODS),
        grade=st.sampled_from("ABCDE"),
        attendance=st.none() | st.integers(80, 100),
        provider=st.sampled_from(["org", "org", "org", "another"]),
    )
    def grade(self, period: int, grade: str, attendance: int | None, provider: str) -> None:
        kpis = () if attendance is None else (("attendance", Decimal(attendance)), ("weather", Decimal(1)))
        graded = GradedPeriod(
            ocid="ocid", contract=CONTRACT, period=str(period), provider=provider, grade=grade, kpis=kpis
        )
        bound = self.funds.commitment(CONTRACT)
        known = period < PERIODS and bound.milestones[period].grade is None and not bound.terminated
        accepted = self.tried(lambda: accept_period(self.funds, graded, MODEL, self.cause()))
        assert (accepted is not None) == (known and grade != "E" and provider == "org")
        if accepted is None:
            return
        self.enter((accepted.funds, accepted.transfers, accepted.events))
        self.owe(accepted.order)
        for one in accepted.holds:
            self.holds[one.id], self.notes[one.id] = one, Expected(one.amount.minor, self.now)
        for one in [*self.holds.values()]:
            least = one.condition.grade
            met = one.period != str(period) and least is not None and grade <= least and self.notes[one.id].rest > 0
            assert one.met_by(self.formula, str(period), grade) == met
            if met:
                self.end_by_condition(one)

    @rule(days=st.integers(1, 12))
    def let_days_pass(self, days: int) -> None:
        self.now += timedelta(days=days)
        for one in [*self.holds.values()]:
            note = self.notes[one.id]
            passed = one.condition.days is not None and note.told + timedelta(days=one.condition.days) <= self.now
            due = one.clock_at is not None and one.clock_at <= self.now
            assert due == (passed and note.rest > 0)
            if due:
                self.end_by_condition(one)

    @rule(data=st.data())
    def appeal(self, data: st.DataObject) -> None:
        if (identifier := self.pick(data)) is None:
            return
        note, before = self.notes[identifier], self.holds[identifier]
        done = self.tried(lambda: holds.appeal(before, "No.", at=self.now, pack=MODEL, acceleration=1))
        in_time = self.now < MODEL.ends_at("hold-appeal", note.told)
        assert (done is not None) == (note.rest > 0 and not note.appealed and in_time)
        if done is not None:
            self.holds[identifier], note.appealed = done[0], True

    @rule(
        data=st.data(),
        kind=st.sampled_from(["release", "forfeiture"]),
        part=PORTIONS,
        by=PERSONS,
    )
    def propose(self, data: st.DataObject, kind: Any, part: str, by: str) -> None:
        """Propose for all of it or a part, sometimes for more than there is or nothing."""
        if (identifier := self.pick(data)) is not None:
            self.proposed(identifier, kind, part, by)

    @rule(data=st.data(), kind=st.sampled_from(["release", "forfeiture", "forfeiture"]), part=PORTIONS)
    def decide(self, data: st.DataObject, kind: Any, part: str) -> None:
        """Let one person propose and the other one confirm it."""
        if (identifier := self.pick(data)) is not None:
            self.proposed(identifier, kind, part, "olga")
            self.confirmed(identifier, "pia")

    def proposed(self, identifier: UUID, kind: Any, part: str, by: str) -> None:
        note, before = self.notes[identifier], self.holds[identifier]
        asked = {
            "all": note.rest,
            "half": note.rest // 2,
            "a cent": 1,
            "nothing": 0,
            "more": before.amount.minor + 1,
        }.get(part, before.amount.minor)
        proposal = Proposal(kind, euros(asked), "So it is.", by, self.now)
        done = self.tried(lambda: holds.propose(before, proposal, MODEL))
        heard = note.appealed or self.now >= MODEL.ends_at("hold-appeal", note.told)
        admitted = note.proposed is None and 0 < asked <= note.rest and (kind == "release" or heard)
        assert (done is not None) == admitted
        if done is not None:
            self.holds[identifier], note.proposed = done[0], (kind, asked, by)

    @rule(data=st.data(), by=PERSONS)
    def confirm(self, data: st.DataObject, by: str) -> None:
        if (identifier := self.pick(data)) is not None:
            self.confirmed(identifier, by)

    def confirmed(self, identifier: UUID, by: str) -> None:
        note, before = self.notes[identifier], self.holds[identifier]
        done = self.tried(lambda: holds.confirm(before, by=by, at=self.now, pack=MODEL))
        assert (done is not None) == (note.proposed is not None and note.proposed[2] != by)
        if done is None or note.proposed is None:
            return
        (kind, asked, _), (after, proposal, _) = note.proposed, done
        self.holds[identifier], note.proposed, note.rest = after, None, note.rest - asked
        if kind == "release":
            self.released(after, proposal.amount, proposal.reason)
        else:
            self.enter(count_forfeiture(self.funds, after, proposal.amount, proposal.reason, self.cause()))

    @rule(data=st.data(), by=PERSONS)
    def refuse(self, data: st.DataObject, by: str) -> None:
        if (identifier := self.pick(data)) is None:
            return
        note = self.notes[identifier]
        done = self.tried(lambda: holds.refuse(self.holds[identifier], by=by, pack=MODEL))
        assert (done is not None) == (note.proposed is not None and note.proposed[2] != by)
        if done is not None:
            self.holds[identifier], note.proposed = done[0], None

    @rule(data=st.data(), amount=st.none() | st.integers(0, 60_000))
    def pay(self, data: st.DataObject, amount: int | None) -> None:
        if not self.orders:
            return
        before = self.orders[data.draw(st.sampled_from(sorted(self.orders)))]
        asked = before.open if amount is None else euros(amount)
        identifier = derived_id("payment", next(self.numbers))
        done = self.tried(
            lambda: payment_order.pay(before, identifier, asked, reference=None, by="treasurer", at=self.now)
        )
        assert (done is not None) == (0 < asked.minor <= before.open.minor)
        if done is not None:
            self.orders[before.id] = done[0]
            self.enter(count_payment(self.funds, done[1]))

    @rule(ends=st.integers(0, 9))
    def end(self, ends: int) -> None:
        """End the contract, seldom: what is held goes on being decided on."""
        if ends == 0:
            self.enter(terminate(self.funds, CONTRACT, self.cause()))

    @invariant()
    def every_period_is_paid_payable_held_and_deducted(self) -> None:
        for milestone in self.funds.commitment(CONTRACT).milestones:
            orders = [one for one in self.orders.values() if one.period == milestone.period]
            withheld = [one for one in self.holds.values() if one.period == milestone.period]
            if milestone.grade is None:
                assert (orders, withheld) == ([], [])
                continue
            assert milestone.deducted is not None
            parts = [part.minor for one in orders for part in (one.paid, one.open)]
            parts += [part.minor for one in withheld for part in (one.rest, one.forfeited)]
            assert milestone.amount.minor == sum(parts) + milestone.deducted.minor
            assert min([0, *parts]) == 0

    @invariant()
    def holds_are_as_the_clerk_noted(self) -> None:
        for identifier, hold in self.holds.items():
            note = self.notes[identifier]
            assert (hold.rest.minor, hold.proposal is None) == (note.rest, note.proposed is None)
            assert (hold.state in {"held", "appealed"}) == (note.rest > 0)
            assert hold.released + hold.forfeited + hold.rest == hold.amount
            assert (hold.waiting is None) == (note.rest == 0 or (hold.release_at is not None and not note.appealed))

    @invariant()
    def contract_and_ledger_agree(self) -> None:
        bound = self.funds.commitment(CONTRACT)
        assert bound.committed + bound.accrued == bound.bound
        assert bound.accrued == bound.paid + bound.payable + bound.held
        assert self.balances[Stage.HELD] == bound.held.minor == sum(one.rest.minor for one in self.holds.values())
        assert (
            self.balances[Stage.ACCRUED] == bound.payable.minor == sum(one.open.minor for one in self.orders.values())
        )
        assert self.balances[Stage.PAID] == bound.paid.minor
        assert sum(self.balances.values()) == sum(self.amounts)
        assert min(self.balances.values()) >= 0
        assert len({one.id for one in self.transfers}) == len(self.transfers)
        assert all(one.amount.minor > 0 for one in self.transfers)


TestQuality = Quality.TestCase
TestQuality.settings = settings(
    max_examples=examples(200), stateful_step_count=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
