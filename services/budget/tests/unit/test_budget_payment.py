from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from budget.domain import payment_order
from budget.domain.events import PeriodAccrued, PeriodDeducted, PeriodHeld
from budget.domain.funds import Funds, unfunded
from budget.domain.ledger import Stage, changes
from budget.domain.payment import accept_period, count_forfeiture, count_payment, count_release
from budget.domain.payment_order import PaymentOrder
from shared.kernel.errors import DomainError, Invalid, NotAllowed
from shared.kernel.ids import derived_id
from shared.kernel.money import Money
from shared.rules.pack import load_pack
from shared.rules.payment_formula import IndicatorDeduction, PaymentFormula, ReleaseCondition, pack_formula

MODEL = load_pack("model")


@pytest.mark.parametrize(
    ("grade", "payable", "held"),
    # 300,000 at shares of 1.00, 0.95, 0.80 and 0.00
    [("A", 300_000, 0), ("B", 285_000, 15_000), ("C", 240_000, 60_000), ("D", 0, 300_000)],
)
def test_a_period_is_split_by_its_share_when_it_is_graded(case: Any, grade: str, payable: int, held: int) -> None:
    funds, transfers, events, order, _ = accept_period(
        case.committed(), case.graded("2026-01", grade), MODEL, case.cause(3)
    )
    assert (funds.paid, funds.held, funds.accrued) == (case.eur(0), case.eur(held), case.eur(300_000))
    assert funds.committed == case.eur(750_000)  # 1,050,000 - 300,000
    assert {stage: minor for _, stage, minor in changes(transfers)} == {
        stage: units * 100
        for stage, units in ((Stage.COMMITTED, -300_000), (Stage.ACCRUED, payable), (Stage.HELD, held))
        if units
    }
    assert [type(event) for event in events] == [PeriodAccrued] + [PeriodHeld] * (held > 0)
    assert [event.version for event in events] == [4, 5][: len(events)]
    assert funds.version == events[-1].version
    assert (order.amount if order else case.eur(0)) == case.eur(payable)


def test_the_reason_and_the_derivation_are_kept_when_a_part_is_held(case: Any) -> None:
    funds, transfers, *_ = accept_period(case.committed(), case.graded("2026-01", "B"), MODEL, case.cause(3))
    (settled, *others) = funds.contracts[0].milestones
    assert (settled.grade, settled.payable, settled.held) == ("B", case.eur(285_000), case.eur(15_000))
    assert settled.derivation[2] == {
        "step": "payable",
        "expression": "300000.00 * 0.95, half up",
        "amount": "285000.00",
        "currency": "EUR",
    }
    assert [one.reason for one in transfers] == [
        "Period 2026-01 was delivered and accepted with grade B.",
        "Period 2026-01, grade B: The service had small shortcomings; a twentieth is held until they are put right.",
    ]
    assert others == list(case.committed().contracts[0].milestones[1:])


def test_a_decision_on_each_hold_is_due_within_the_payment_term(case: Any) -> None:
    accepted = accept_period(case.committed(), case.graded("2026-01", "C"), MODEL, case.cause(3))
    # Graded on Monday 2026-03-02; day 30 is Wednesday 2026-04-01, and the term ends with that day.
    (hold,) = accepted.holds
    assert (hold.amount, hold.waiting) == (
        case.eur(60_000),
        ("a decision on what is held", datetime(2026, 4, 2, tzinfo=UTC)),
    )
    later = type(case.cause(4))(case.cause(4).event, case.at + timedelta(days=9))
    twice = accept_period(accepted.funds, case.graded("2026-02", "D"), MODEL, later)
    (second,) = twice.holds
    assert second.decision_due == datetime(2026, 4, 11, tzinfo=UTC)
    assert twice.funds.held == case.eur(560_000)  # 60,000 + 500,000
    assert second.id != hold.id


def test_nothing_is_held_when_all_is_payable(case: Any) -> None:
    assert accept_period(case.committed(), case.graded("2026-01", "A"), MODEL, case.cause(3)).holds == ()


DEDUCTING = replace(
    pack_formula(MODEL),
    indicators=(
        IndicatorDeduction(
            kpi="attendance",
            target=Decimal(95),
            direction="higher",
            step=Decimal(1),
            share=Decimal("0.01"),
            cap=Decimal("0.10"),
        ),
    ),
)


def committed_by(case: Any, formula: PaymentFormula) -> Funds:
    """Bind 300,000, 500,000 and the rest of 1,155,000 of a line of 5,000,000 by a contract with a formula."""
    request = case.request(case.eur(1_200_000))
    reserved = unfunded(request).reserve(request, case.line(), case.cause(1))[0]
    contract = case.contract(value=case.eur(1_155_000), payment=formula)
    return reserved.commit(contract, case.milestones(300_000, 500_000, 355_000), case.reference, case.cause(2))[0]


def test_a_deduction_frees_what_was_bound_and_is_not_accrued(case: Any) -> None:
    # rules.md section 10: gross 300,000 with 15,000 deducted: accrued 285,000, bound 1,155,000 - 300,000 = 855,000 and
    # 15,000 more available; then 500,000: accrued 785,000, bound 355,000, and nothing more available.
    measured = case.graded("2026-01", "A", kpis=(("attendance", Decimal(90)), ("weather", Decimal(3))))
    first = accept_period(committed_by(case, DEDUCTING), measured, MODEL, case.cause(3))
    assert (first.funds.accrued, first.funds.committed) == (case.eur(285_000), case.eur(855_000))
    assert {stage: minor for _, stage, minor in changes(first.transfers)} == {
        Stage.COMMITTED: -30_000_000,
        Stage.ACCRUED: 28_500_000,
        Stage.AVAILABLE: 1_500_000,
    }
    accrued, deducted = first.events
    assert isinstance(accrued, PeriodAccrued)
    assert isinstance(deducted, PeriodDeducted)
    assert (accrued.amount, deducted.amount, deducted.hold) == (case.eur(285_000), case.eur(15_000), None)
    assert first.order is not None
    assert first.order.amount == case.eur(285_000)
    second = accept_period(first.funds, case.graded("2026-02", "A"), MODEL, case.cause(4))
    assert (second.funds.accrued, second.funds.committed) == (case.eur(785_000), case.eur(355_000))
    assert Stage.AVAILABLE not in {stage for _, stage, _ in changes(second.transfers)}
    (bound,) = second.funds.contracts
    assert bound.committed + bound.accrued == bound.bound


def test_each_hold_is_told_with_its_own_reason_and_end(case: Any) -> None:
    release = ReleaseCondition("days-after", days=90)
    formula = replace(DEDUCTING, retention_share=Decimal("0.05"), retention_release=release)
    accepted = accept_period(committed_by(case, formula), case.graded("2026-01", "B"), MODEL, case.cause(3))
    # 5 % of 300,000 retained: 15,000; of the rest, 285,000, grade B pays 0.95: 270,750; held: 14,250.
    told = [event for event in accepted.events if isinstance(event, PeriodHeld)]
    assert [(one.amount, one.release.when) for one in told] == [
        (case.eur(15_000), "days-after"),
        (case.eur(14_250), "decision"),
    ]
    assert [one.hold for one in told] == [hold.id for hold in accepted.holds]
    assert [event.version for event in accepted.events] == [4, 5, 6]
    assert accepted.funds.version == 6
    assert accepted.holds[0].clock_at == case.at + timedelta(days=90)


def test_a_release_owes_and_a_forfeiture_gives_back_what_was_held(case: Any) -> None:
    accepted = accept_period(case.committed(), case.graded("2026-01", "C"), MODEL, case.cause(3))
    (hold,) = accepted.holds
    released, (moved,), _ = count_release(accepted.funds, hold, case.eur(20_000), "Mended.", case.cause(4))
    assert (moved.from_stage, moved.to_stage, moved.amount) == (Stage.HELD, Stage.ACCRUED, case.eur(20_000))
    assert (released.held, released.accrued) == (case.eur(40_000), case.eur(300_000))
    forfeited, (moved,), (event,) = count_forfeiture(released, hold, case.eur(40_000), "Never.", case.cause(5))
    assert (moved.from_stage, moved.to_stage, moved.amount) == (Stage.HELD, Stage.AVAILABLE, case.eur(40_000))
    assert (forfeited.held, forfeited.accrued) == (case.eur(0), case.eur(260_000))
    assert isinstance(event, PeriodDeducted)
    assert (event.amount, event.hold, event.version) == (case.eur(40_000), hold.id, forfeited.version)
    (bound,) = forfeited.contracts
    assert bound.committed + bound.accrued == bound.bound


def test_a_second_grade_is_refused_when_a_period_is_settled(case: Any) -> None:
    funds, *_ = accept_period(case.committed(), case.graded("2026-01", "A"), MODEL, case.cause(3))
    with pytest.raises(NotAllowed) as refusal:
        accept_period(funds, case.graded("2026-01", "A"), MODEL, case.cause(4))
    assert refusal.value.code == "period-already-graded"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"period": "2027-01"}, "period-unknown"),
        ({"provider": "org-others"}, "payee-differs"),
    ],
)
def test_a_grade_is_refused_when_it_is_not_of_the_contract(case: Any, changed: dict[str, str], code: str) -> None:
    graded = case.graded(**{"period": "2026-01", "grade": "A", **changed})
    with pytest.raises(NotAllowed) as refusal:
        accept_period(case.committed(), graded, MODEL, case.cause(3))
    assert refusal.value.code == code


def test_a_grade_is_refused_when_the_contract_is_another(case: Any) -> None:
    graded = case.graded("2026-01", "A", contract=case.request().tender)
    for funds in (case.committed(), case.reserved()):
        with pytest.raises(NotAllowed) as refusal:
            accept_period(funds, graded, MODEL, case.cause(3))
        assert refusal.value.code == "contract-unknown"


def test_a_grade_is_refused_when_the_pack_does_not_know_it(case: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        accept_period(case.committed(), case.graded("2026-01", "E"), MODEL, case.cause(3))
    assert refusal.value.code == "grade-unknown"


def test_the_order_says_what_is_owed_to_whom_until_when_and_why(case: Any) -> None:
    funds, _, _, order, _ = accept_period(case.committed(), case.graded("2026-01", "B"), MODEL, case.cause(3))
    assert order is not None
    assert (order.kind, order.state, order.payee, order.period) == ("period", "due", "org-oarsmen", "2026-01")
    assert (order.amount, order.open, order.paid) == (case.eur(285_000), case.eur(285_000), case.eur(0))
    # Graded on Monday 2026-03-02; day 30 is Wednesday 2026-04-01, and the term ends with that day.
    assert order.due_at == datetime(2026, 4, 2, tzinfo=UTC)
    assert order.derivation == funds.contracts[0].milestones[0].derivation


def owed(case: Any) -> tuple[Funds, PaymentOrder]:
    """Owe 285,000 for the first period, and approve that it is paid."""
    funds, _, _, order, _ = accept_period(case.committed(), case.graded("2026-01", "B"), MODEL, case.cause(3))
    assert order is not None
    approved, _ = payment_order.approve(payment_order.raised(order)[0], by="p-approver", at=case.at)
    return funds, approved


def pay(case: Any, order: PaymentOrder, units: int, by: str = "p-treasurer", number: int = 1) -> Any:
    identifier = derived_id("test-payment", number)
    return payment_order.pay(order, identifier, case.eur(units), reference=None, by=by, at=case.at)


def test_an_approved_order_is_paid_in_parts_until_nothing_is_open(case: Any) -> None:
    funds, order = owed(case)
    assert (order.version, order.state) == (2, "approved")
    order, first, (event,) = pay(case, order, 200_000)
    assert (order.state, order.open, event.version) == ("approved", case.eur(85_000), 3)
    order, rest, _ = pay(case, order, 85_000, number=2)
    assert (order.state, order.open, order.version) == ("paid", case.eur(0), 4)
    for payment in (first, rest):
        funds, transfers, _ = count_payment(funds, payment)
        moved = {stage: minor for _, stage, minor in changes(transfers)}
        assert moved == {Stage.ACCRUED: -payment.amount.minor, Stage.PAID: payment.amount.minor}
    assert (funds.paid, funds.held, funds.contracts[0].payable) == (case.eur(285_000), case.eur(15_000), case.eur(0))
    with pytest.raises(NotAllowed, match="payment-above-accrued"):
        count_payment(funds, first)


@pytest.mark.parametrize(
    ("units", "by", "code"),
    [
        (285_001, "p-treasurer", "payment-above-accrued"),
        (0, "p-treasurer", "amount-not-positive"),
        (-1, "p-treasurer", "amount-not-positive"),
        (1, "p-approver", "second-person-needed"),
    ],
)
def test_a_payment_is_refused_when_it_is_too_much_or_nothing_or_of_the_same_person(
    case: Any, units: int, by: str, code: str
) -> None:
    with pytest.raises(DomainError) as refusal:
        pay(case, owed(case)[1], units, by)
    assert refusal.value.code == code


def test_a_payment_is_refused_when_the_order_is_not_approved_or_in_another_currency(case: Any) -> None:
    _, _, _, order, _ = accept_period(case.committed(), case.graded("2026-01", "B"), MODEL, case.cause(3))
    with pytest.raises(NotAllowed, match="order-not-approved"):
        pay(case, order, 1)
    with pytest.raises(Invalid, match="currency-differs"):
        payment_order.pay(owed(case)[1], derived_id("p"), Money(1, "USD"), reference=None, by="p-treasurer", at=case.at)


def test_an_order_is_approved_once(case: Any) -> None:
    with pytest.raises(NotAllowed, match="order-already-approved"):
        payment_order.approve(owed(case)[1], by="p-others", at=case.at)
