"""An advance is paid before delivery, and recovered by what is accepted: figures worked out by hand, in euros.

A contract over 1,000,000 has four periods of 250,000, and was paid 300,000 in advance: its share of the value is 3/10.
"""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pytest

from budget.domain import payment_order
from budget.domain.advance_events import AdvancePaid, AdvanceRecovered, AdvanceRepaid
from budget.domain.advance_payment import ask_advance, count_advance, follow, repay
from budget.domain.advance_return import take_back_advance
from budget.domain.commitment import RequestedChange
from budget.domain.contract_change import assign, change_contract, commit_change, terminate
from budget.domain.events import FundsReleased, PeriodDeducted
from budget.domain.funds import Funds
from budget.domain.ledger import Stage, Transfer, changes
from budget.domain.notice import explained
from budget.domain.payment import accept_period
from budget.domain.payment_order import OrderState, Payment, PaymentOrder
from shared.kernel.errors import Forbidden, Invalid, NotAllowed
from shared.kernel.ids import derived_id
from shared.kernel.money import Money
from shared.rules.pack import load_pack
from shared.rules.payment_formula import GradeShare, IndicatorDeduction, PaymentFormula

MODEL = load_pack("model")
ZERO = dict.fromkeys(Stage, 0)


@dataclass
class Contracted:
    """A contract with its ledger, as the database keeps it."""

    case: Any
    funds: Funds
    balances: dict[Stage, int] = field(default_factory=lambda: dict(ZERO))
    number: int = 10

    def post(self, transfers: tuple[Transfer, ...]) -> None:
        for _, stage, amount in changes(transfers):
            self.balances[stage] += amount
            assert self.balances[stage] >= 0, stage

    def at(self) -> dict[str, int]:
        """Return what is at which stage, in euros."""
        bound = self.funds.contracts[0]
        assert bound.committed + bound.outstanding + bound.accrued == bound.bound
        assert self.balances[Stage.ADVANCE] == self.funds.advance.minor
        assert self.balances[Stage.ACCRUED] == self.funds.payable.minor
        shown = (Stage.AVAILABLE, Stage.COMMITTED, Stage.ADVANCE, Stage.ACCRUED, Stage.HELD, Stage.PAID)
        return {stage.value: self.balances[stage] // 100 for stage in shown if self.balances[stage]}

    def cause(self) -> Any:
        self.number += 1
        return self.case.cause(self.number)

    def ask(self, euros: int, **changed: Any) -> PaymentOrder:
        told = {"reason": "Vans are bought first.", "by": "olga", "pack": MODEL, **changed}
        amount = told.pop("amount", self.case.eur(euros))
        self.funds, order = ask_advance(
            self.funds, self.case.line(), self.case.contract_id, amount, cause=self.cause(), **told
        )
        return order

    def pay(self, order: PaymentOrder, euros: int | None = None) -> tuple[PaymentOrder, Payment]:
        approved, _ = payment_order.approve(order, by="pia", at=self.case.at)
        amount = order.open if euros is None else self.case.eur(euros)
        payment_id = derived_id("payment", order.id)
        paid, payment, events = payment_order.pay(
            approved, payment_id, amount, reference=None, by="tom", at=self.case.at
        )
        assert [type(one) for one in events] == [AdvancePaid]
        self.funds, transfers, _ = count_advance(self.funds, payment)
        self.post(transfers)
        return paid, payment

    def advanced(self, euros: int) -> tuple[PaymentOrder, Payment]:
        return self.pay(self.ask(euros))

    def accept(self, period: int, grade: str = "A", **changed: Any) -> Any:
        graded = self.case.graded(f"2026-{period:02}", grade, **changed)
        accepted = accept_period(self.funds, graded, MODEL, self.cause())
        self.funds = accepted.funds
        self.post(accepted.transfers)
        (milestone,) = [one for one in self.funds.contracts[0].milestones if one.period == graded.period]
        parts = [milestone.payable, milestone.held, milestone.deducted, milestone.recovered]
        assert sum(one.minor for one in parts if one) == milestone.amount.minor
        assert sum(one.amount.minor for one in accepted.holds) == milestone.held.minor
        assert (accepted.order.amount.minor if accepted.order else 0) == milestone.payable.minor
        return accepted

    def end(self) -> tuple[Any, ...]:
        self.funds, transfers, events = terminate(self.funds, self.case.contract_id, self.cause())
        self.post(transfers)
        return events


def formula(*indicators: IndicatorDeduction, d: str = "0") -> PaymentFormula:
    shares = {"A": "1", "B": "0.95", "C": "0.80", "D": d}
    grades = tuple(GradeShare(grade, Decimal(share), f"Graded {grade}.") for grade, share in shares.items())
    return PaymentFormula(grades=grades, indicators=indicators)


@pytest.fixture
def contracted(case: Any) -> Any:
    def sign(**changed: Any) -> Contracted:
        contract = case.contract(**{"value": case.eur(1_000_000), **changed})
        periods = case.milestones(250_000, 250_000, 250_000, 250_000)
        funds, _, _ = case.reserved().commit(
            contract, periods, case.reference, case.cause(2), release=case.eur(200_000)
        )
        signed = Contracted(case, funds)
        signed.balances[Stage.COMMITTED] = funds.committed.minor
        return signed

    return sign


def test_an_advance_is_recovered_period_by_period_and_the_last_one_recovers_the_rest(contracted: Any) -> None:
    it = contracted()
    it.advanced(300_000)
    assert it.at() == {"committed": 700_000, "advance": 300_000}
    # Grade A: 250,000 are payable; 3/10 of them are 75,000.
    first = it.accept(1, "A")
    assert it.at() == {"committed": 525_000, "advance": 225_000, "accrued": 175_000, "paid": 75_000}
    assert first.order.amount == it.case.eur(175_000)
    (told,) = [one for one in first.events if isinstance(one, AdvanceRecovered)]
    assert (told.amount, told.outstanding) == (it.case.eur(75_000), it.case.eur(225_000))
    # Grade C: 200,000 are payable, 50,000 held; 3/10 of 200,000 are 60,000.
    it.accept(2, "C")
    assert it.at() == {"committed": 335_000, "advance": 165_000, "accrued": 315_000, "held": 50_000, "paid": 135_000}
    # Grade D: nothing is payable, so nothing is recovered, as 335,000 are bound.
    it.accept(3, "D")
    assert it.at() == {"committed": 85_000, "advance": 165_000, "accrued": 315_000, "held": 300_000, "paid": 135_000}
    # The last one, grade C: 200,000 are payable, all 165,000 are recovered, and 85,000 are bound: 35,000 and 50,000.
    last = it.accept(4, "C")
    assert it.at() == {"accrued": 350_000, "held": 350_000, "paid": 300_000}
    assert last.order.amount == it.case.eur(35_000)
    assert [line.text for line in explained(last.order.derivation)][-2:] == [
        "Paid in advance, and recovered now: 165000.00 EUR, that is all that is outstanding, as no period is left.",
        "To be paid now: 35000.00 EUR, that is 200000.00 - 165000.00.",
    ]


def test_what_is_recovered_is_explained_in_the_orders_derivation(contracted: Any) -> None:
    it = contracted()
    it.advanced(300_000)
    accepted = it.accept(1, "B")
    # 237,500 are payable; 3/10 are 71,250.
    assert [line.text for line in explained(accepted.order.derivation)][-2:] == [
        "Paid in advance, and recovered now: 71250.00 EUR, that is 237500.00 * 300000.00 / 1000000.00, half up.",
        "To be paid now: 166250.00 EUR, that is 237500.00 - 71250.00.",
    ]


def test_half_a_cent_is_recovered_as_a_whole_one(contracted: Any, case: Any) -> None:
    it = contracted()
    it.pay(it.ask(0, amount=Money(1, "EUR")))
    # A cent of 1,000,000 is nothing of 250,000, a quarter of a cent; of two cents it is half a cent.
    assert not [one for one in it.accept(1).events if isinstance(one, AdvanceRecovered)]
    it = contracted()
    it.pay(it.ask(0, amount=Money(2, "EUR")))
    (told,) = [one for one in it.accept(1).events if isinstance(one, AdvanceRecovered)]
    assert told.amount == Money(1, "EUR")


def test_a_hold_is_reduced_when_the_provider_has_the_money_already(contracted: Any) -> None:
    it = contracted()
    it.advanced(300_000)
    for period in (1, 2, 3):
        it.accept(period, "D")
    # 250,000 each were held, so all 700,000 that were bound are gone, and 50,000 of the advance with them.
    assert it.at() == {"advance": 250_000, "held": 700_000, "paid": 50_000}
    last = it.accept(4, "D")
    assert it.at() == {"held": 700_000, "paid": 300_000}
    assert (last.order, last.holds) == (None, ())
    milestone = it.funds.contracts[0].milestones[3]
    assert [line.text for line in explained(milestone.derivation)][-2:] == [
        "Held after that: 0.00 EUR, that is 250000.00 - 250000.00, as the provider has the rest already.",
        "To be paid now: 0.00 EUR, that is 0.00 - 0.00.",
    ]
    third = explained(it.funds.contracts[0].milestones[2].derivation)
    assert "50000.00 EUR, that is 0.00 * 300000.00 / 1000000.00, half up, raised as only 200000.00" in third[-3].text


def test_the_provider_owes_back_what_a_deduction_takes_of_its_advance(contracted: Any, case: Any) -> None:
    missed = IndicatorDeduction(
        kpi="attendance", target=Decimal(100), direction="higher", step=Decimal(1), share=Decimal("0.9"), cap=Decimal(1)
    )
    it = contracted(payment=formula(missed))
    order, _ = it.advanced(300_000)
    for period in (1, 2, 3):
        it.accept(period, "A", kpis=(("attendance", Decimal(100)),))
    assert it.at() == {"committed": 175_000, "advance": 75_000, "accrued": 525_000, "paid": 225_000}
    # 225,000 of 250,000 are deducted. 25,000 are left to recover 75,000 from; 50,000 of the deduction the provider has.
    last = it.accept(4, "A", kpis=(("attendance", Decimal(99)),))
    assert it.at() == {"available": 175_000, "advance": 50_000, "accrued": 525_000, "paid": 250_000}
    (deducted,) = [one for one in last.events if isinstance(one, PeriodDeducted)]
    assert deducted.amount == case.eur(175_000)
    bound = it.funds.contracts[0]
    assert bound.owed_back(bound.advances[0]) == case.eur(50_000)
    assert explained(bound.milestones[3].derivation)[-1].text.startswith("The provider owes back 50000.00 EUR")
    it.funds, transfers, (repaid, free) = repay(it.funds, order, derived_id("r"), case.eur(50_000), it.cause())
    it.post(transfers)
    assert isinstance(repaid, AdvanceRepaid)
    assert isinstance(free, FundsReleased)
    assert it.at() == {"available": 225_000, "accrued": 525_000, "paid": 250_000}


def test_what_is_outstanding_at_the_end_is_owed_back_and_repaid_in_parts(contracted: Any, case: Any) -> None:
    it = contracted()
    order, _ = it.advanced(300_000)
    it.accept(1)
    it.end()
    assert it.at() == {"available": 525_000, "advance": 225_000, "accrued": 175_000, "paid": 75_000}
    followed = follow(order, it.funds.contracts[0], MODEL, it.cause())
    assert (followed.state, followed.repay_by) == (OrderState.PAID, MODEL.ends_at("payment", case.at))
    for number, (euros, left) in enumerate(((25_000, 200_000), (200_000, 0))):
        it.funds, transfers, events = repay(it.funds, order, derived_id("r", number), case.eur(euros), it.cause())
        it.post(transfers)
        assert events[0].outstanding == case.eur(left)
    assert it.at() == {"available": 750_000, "accrued": 175_000, "paid": 75_000}
    assert follow(followed, it.funds.contracts[0], MODEL, it.cause()).repay_by is None


def test_an_advance_that_is_not_paid_is_withdrawn_when_the_contract_ends(contracted: Any, case: Any) -> None:
    it = contracted()
    order = it.ask(300_000)
    it.end()
    withdrawn = follow(order, it.funds.contracts[0], MODEL, it.cause())
    assert (withdrawn.state, withdrawn.repay_by) == (OrderState.WITHDRAWN, None)
    for attempt in (
        lambda: payment_order.approve(withdrawn, by="pia", at=case.at),
        lambda: payment_order.pay(
            replace(withdrawn, approved_by="pia"), derived_id("p"), case.eur(1), reference=None, by="tom", at=case.at
        ),
    ):
        with pytest.raises(NotAllowed, match="order-withdrawn"):
            attempt()


def test_another_provider_delivers_once_the_former_one_has_repaid(contracted: Any, case: Any) -> None:
    it = contracted()
    order, _ = it.advanced(300_000)
    it.funds, _, _ = assign(it.funds, case.contract_id, "org-rowers")
    bound = it.funds.contracts[0]
    assert bound.owed_back(bound.advances[0]) == case.eur(300_000)
    for period in (1, 2):
        assert it.funds.awaited(case.graded(f"2026-{period:02}", "A", provider="org-rowers")) is None
        it.accept(period, provider="org-rowers")
    assert it.at() == {"committed": 200_000, "advance": 300_000, "accrued": 500_000}
    third = case.graded("2026-03", "A", provider="org-rowers")
    assert it.funds.awaited(third) == "the repayment of an advance"
    it.funds, transfers, _ = repay(it.funds, order, derived_id("r"), case.eur(300_000), it.cause())
    it.post(transfers)
    assert it.at() == {"committed": 500_000, "accrued": 500_000}
    assert it.funds.awaited(third) is None


def test_a_returned_advance_is_bound_again(contracted: Any) -> None:
    it = contracted()
    _, payment = it.advanced(300_000)
    returned = take_back_advance(it.funds, payment, MODEL, it.cause())
    it.funds = returned.funds
    it.post(returned.transfers)
    assert it.at() == {"committed": 1_000_000}
    assert (returned.orders, returned.over, returned.events) == ((), (), ())


def test_what_a_returned_advance_had_recovered_is_owed_again(contracted: Any, case: Any) -> None:
    it = contracted()
    it.advanced(100_000)
    _, payment = it.advanced(200_000)
    for period in (1, 2):
        it.accept(period)
    # 150,000 are recovered, the oldest advance first: all 100,000 of it, and 50,000 of the second.
    assert it.at() == {"committed": 350_000, "advance": 150_000, "accrued": 350_000, "paid": 150_000}
    returned = take_back_advance(it.funds, payment, MODEL, it.cause())
    it.funds = returned.funds
    it.post(returned.transfers)
    assert it.at() == {"committed": 500_000, "accrued": 400_000, "paid": 100_000}
    (owed,) = returned.orders
    assert (owed.amount, owed.period) == (case.eur(50_000), "2026-02")
    milestone = it.funds.contracts[0].milestones[1]
    assert (milestone.payable, milestone.recovered) == (case.eur(225_000), case.eur(25_000))


def test_a_part_of_a_recovery_stays_when_only_a_part_of_the_advance_came_back(contracted: Any, case: Any) -> None:
    it = contracted()
    order, payment = it.advanced(300_000)
    for period in (1, 2, 3, 4):
        it.accept(period)
    assert it.at() == {"accrued": 700_000, "paid": 300_000}
    half = replace(payment, amount=case.eur(100_000))
    returned = take_back_advance(it.funds, half, MODEL, it.cause())
    it.funds = returned.funds
    it.post(returned.transfers)
    # The fourth period's 75,000 are undone, and 25,000 of the third one's.
    assert it.at() == {"accrued": 800_000, "paid": 200_000}
    assert [(one.period, one.amount) for one in returned.orders] == [
        ("2026-04", case.eur(75_000)),
        ("2026-03", case.eur(25_000)),
    ]
    assert [one.amount for one in it.funds.contracts[0].advances[0].recoveries][-1] == case.eur(50_000)
    assert order.open == case.eur(0)


def test_money_that_was_entered_as_a_repayment_is_the_returned_payment(contracted: Any, case: Any) -> None:
    it = contracted()
    order, payment = it.advanced(300_000)
    it.end()
    it.funds, transfers, _ = repay(it.funds, order, derived_id("r"), case.eur(120_000), it.cause())
    it.post(transfers)
    returned = take_back_advance(it.funds, payment, MODEL, it.cause())
    it.funds = returned.funds
    it.post(returned.transfers)
    assert it.at() == {"available": 1_000_000}
    (advance,) = it.funds.contracts[0].advances
    assert (advance.paid, advance.repaid, advance.outstanding) == (case.eur(0), case.eur(0), case.eur(0))
    (event,) = returned.events
    assert event.amount == case.eur(180_000)


def test_a_change_leaves_what_was_paid_in_advance(contracted: Any, case: Any) -> None:
    it = contracted()
    it.advanced(300_000)
    too_low = RequestedChange(id=derived_id("c"), value=case.eur(200_000), milestones=case.milestones(200_000))
    with pytest.raises(NotAllowed, match="value-below-advance"):
        commit_change(it.funds, case.contract_id, too_low, it.cause())
    enough = RequestedChange(id=derived_id("c"), value=case.eur(300_000), milestones=case.milestones(250_000, 50_000))
    it.funds, transfers, _ = commit_change(it.funds, case.contract_id, enough, it.cause())
    it.post(transfers)
    # While it is pending, what it will give back is not advanced, and a period recovers what that needs.
    with pytest.raises(NotAllowed, match="advance-above-committed"):
        it.ask(1, pack=replace(MODEL, rules={**MODEL.rules, "payment.advance": _share("1.00")}))
    it.accept(1)
    assert it.at() == {"committed": 700_000, "advance": 50_000, "paid": 250_000}
    it.funds, transfers, _ = change_contract(it.funds, case.contract_id, enough, it.cause())
    it.post(transfers)
    assert it.at() == {"available": 700_000, "advance": 50_000, "paid": 250_000}


def _share(value: str) -> Any:
    return replace(MODEL.rule("payment.advance"), value=value)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"euros": 300_001}, "advance-above-limit"),
        ({"euros": 0}, "amount-not-positive"),
        ({"euros": -5}, "amount-not-positive"),
        ({"amount": Money(100, "USD")}, "currency-differs"),
        ({"pack": load_pack("cn-services")}, "advance-not-provided-for"),
        ({"pack": load_pack("eu-light")}, "advance-not-provided-for"),
        ({"pack": load_pack("uk-2023")}, "advance-not-provided-for"),
    ],
)
def test_an_advance_is_refused_when_it_makes_no_sense(contracted: Any, asked: Any, code: str) -> None:
    it = contracted()
    with pytest.raises((NotAllowed, Invalid)) as refused:
        it.ask(asked.pop("euros", 1), **asked)
    assert refused.value.code == code
    if code.startswith("advance"):
        assert refused.value.reference.rule == "payment.advance"
        assert refused.value.satisfied_by


def test_a_second_advance_is_refused_above_what_the_first_one_leaves(contracted: Any) -> None:
    it = contracted()
    it.ask(200_000)
    with pytest.raises(NotAllowed, match="advance-above-rest"):
        it.ask(100_001)
    it.ask(100_000)


def test_an_advance_is_refused_above_what_is_still_bound(contracted: Any, case: Any) -> None:
    it = contracted()
    for period in (1, 2, 3):
        it.accept(period)
    order = it.ask(250_000)
    with pytest.raises(NotAllowed, match="advance-above-committed"):
        it.ask(1)
    it.accept(4)
    with pytest.raises(NotAllowed, match="advance-above-committed"):
        it.pay(order)
    it.end()
    with pytest.raises(NotAllowed, match="contract-terminated"):
        it.ask(1)
    with pytest.raises(NotAllowed, match="contract-terminated"):
        it.pay(order)


def test_who_asked_for_an_advance_does_not_approve_it(contracted: Any, case: Any) -> None:
    order = contracted().ask(1)
    with pytest.raises(Forbidden, match="second-person-needed"):
        payment_order.approve(order, by="olga", at=case.at)


@pytest.mark.parametrize(
    ("euros", "code"), [(0, "amount-not-positive"), (-1, "amount-not-positive"), (1, "repayment-above-owed")]
)
def test_a_repayment_is_refused_while_deliveries_recover_it(contracted: Any, case: Any, euros: int, code: str) -> None:
    it = contracted()
    order, _ = it.advanced(300_000)
    with pytest.raises((NotAllowed, Invalid)) as refused:
        repay(it.funds, order, derived_id("r"), case.eur(euros), it.cause())
    assert refused.value.code == code
