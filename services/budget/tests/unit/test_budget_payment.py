from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from budget.domain import payment_order
from budget.domain.events import PeriodAccrued, PeriodHeld
from budget.domain.funds import Funds
from budget.domain.ledger import Stage, changes
from budget.domain.payment import accept_period, count_payment
from budget.domain.payment_order import PaymentOrder
from shared.kernel.errors import DomainError, Invalid, NotAllowed
from shared.kernel.ids import derived_id
from shared.kernel.money import Money
from shared.rules.pack import load_pack

MODEL = load_pack("model")


@pytest.mark.parametrize(
    ("grade", "payable", "held"),
    # 300,000 at shares of 1.00, 0.95, 0.80 and 0.00
    [("A", 300_000, 0), ("B", 285_000, 15_000), ("C", 240_000, 60_000), ("D", 0, 300_000)],
)
def test_a_period_is_split_by_its_share_when_it_is_graded(case: Any, grade: str, payable: int, held: int) -> None:
    funds, transfers, events, order = accept_period(
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
    funds, transfers, _, _ = accept_period(case.committed(), case.graded("2026-01", "B"), MODEL, case.cause(3))
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


def test_a_decision_is_due_within_the_payment_term_when_something_is_held(case: Any) -> None:
    funds, _, _, _ = accept_period(case.committed(), case.graded("2026-01", "C"), MODEL, case.cause(3))
    # Graded on Monday 2026-03-02; day 30 is Wednesday 2026-04-01, and the term ends with that day.
    assert funds.decision_due == datetime(2026, 4, 2, tzinfo=UTC)


def test_the_first_term_stands_when_more_is_held(case: Any) -> None:
    once, _, _, _ = accept_period(case.committed(), case.graded("2026-01", "C"), MODEL, case.cause(3))
    later = type(case.cause(4))(case.cause(4).event, case.at + timedelta(days=9))
    twice, _, _, _ = accept_period(once, case.graded("2026-02", "D"), MODEL, later)
    assert twice.decision_due == once.decision_due
    assert twice.held == case.eur(560_000)  # 60,000 + 500,000


def test_nothing_waits_when_all_is_paid(case: Any) -> None:
    funds, _, _, _ = accept_period(case.committed(), case.graded("2026-01", "A"), MODEL, case.cause(3))
    assert funds.decision_due is None


def test_a_second_grade_is_refused_when_a_period_is_settled(case: Any) -> None:
    funds, _, _, _ = accept_period(case.committed(), case.graded("2026-01", "A"), MODEL, case.cause(3))
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
    funds, _, _, order = accept_period(case.committed(), case.graded("2026-01", "B"), MODEL, case.cause(3))
    assert order is not None
    assert (order.kind, order.state, order.payee, order.period) == ("period", "due", "org-oarsmen", "2026-01")
    assert (order.amount, order.open, order.paid) == (case.eur(285_000), case.eur(285_000), case.eur(0))
    # Graded on Monday 2026-03-02; day 30 is Wednesday 2026-04-01, and the term ends with that day.
    assert order.due_at == datetime(2026, 4, 2, tzinfo=UTC)
    assert order.derivation == funds.contracts[0].milestones[0].derivation


def owed(case: Any) -> tuple[Funds, PaymentOrder]:
    """Owe 285,000 for the first period, and approve that it is paid."""
    funds, _, _, order = accept_period(case.committed(), case.graded("2026-01", "B"), MODEL, case.cause(3))
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
    _, _, _, order = accept_period(case.committed(), case.graded("2026-01", "B"), MODEL, case.cause(3))
    with pytest.raises(NotAllowed, match="order-not-approved"):
        pay(case, order, 1)
    with pytest.raises(Invalid, match="currency-differs"):
        payment_order.pay(owed(case)[1], derived_id("p"), Money(1, "USD"), reference=None, by="p-treasurer", at=case.at)


def test_an_order_is_approved_once(case: Any) -> None:
    with pytest.raises(NotAllowed, match="order-already-approved"):
        payment_order.approve(owed(case)[1], by="p-others", at=case.at)
