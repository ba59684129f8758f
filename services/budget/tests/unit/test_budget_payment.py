from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from budget.domain.events import PeriodAccrued, PeriodHeld, PeriodPaid
from budget.domain.ledger import Stage, changes
from budget.domain.payment import pay_period
from shared.kernel.errors import Invalid, NotAllowed
from shared.rules.pack import load_pack

MODEL = load_pack("model")


@pytest.mark.parametrize(
    ("grade", "paid", "held"),
    # 300,000 at shares of 1.00, 0.95, 0.80 and 0.00
    [("A", 300_000, 0), ("B", 285_000, 15_000), ("C", 240_000, 60_000), ("D", 0, 300_000)],
)
def test_a_period_is_split_by_its_share_when_it_is_graded(case: Any, grade: str, paid: int, held: int) -> None:
    funds, transfers, events = pay_period(case.committed(), case.graded("2026-01", grade), MODEL, case.cause(3))
    assert (funds.paid, funds.held, funds.accrued) == (case.eur(paid), case.eur(held), case.eur(300_000))
    assert funds.committed == case.eur(750_000)  # 1,050,000 - 300,000
    assert {stage: minor for _, stage, minor in changes(transfers)} == {
        stage: units * 100
        for stage, units in ((Stage.COMMITTED, -300_000), (Stage.PAID, paid), (Stage.HELD, held))
        if units
    }
    expected = [PeriodAccrued] + [PeriodPaid] * (paid > 0) + [PeriodHeld] * (held > 0)
    assert [type(event) for event in events] == expected
    assert [event.version for event in events] == [4, 5, 6][: len(events)]
    assert funds.version == events[-1].version


def test_the_reason_and_the_derivation_are_kept_when_a_part_is_held(case: Any) -> None:
    funds, transfers, _ = pay_period(case.committed(), case.graded("2026-01", "B"), MODEL, case.cause(3))
    (settled, *others) = funds.contracts[0].milestones
    assert (settled.grade, settled.paid, settled.held) == ("B", case.eur(285_000), case.eur(15_000))
    assert settled.derivation[2] == {
        "step": "payable",
        "expression": "300000.00 * 0.95, half up",
        "amount": "285000.00",
        "currency": "EUR",
    }
    assert [one.reason for one in transfers] == [
        "Period 2026-01 was delivered and accepted.",
        "Period 2026-01, grade B: the share of 0.95 is payable.",
        "Period 2026-01, grade B: The service had small shortcomings; a twentieth is held until they are put right.",
    ]
    assert others == list(case.committed().contracts[0].milestones[1:])


def test_a_decision_is_due_within_the_payment_term_when_something_is_held(case: Any) -> None:
    funds, _, _ = pay_period(case.committed(), case.graded("2026-01", "C"), MODEL, case.cause(3))
    # Graded on Monday 2026-03-02; day 30 is Wednesday 2026-04-01, and the term ends with that day.
    assert funds.decision_due == datetime(2026, 4, 2, tzinfo=UTC)


def test_the_first_term_stands_when_more_is_held(case: Any) -> None:
    once, _, _ = pay_period(case.committed(), case.graded("2026-01", "C"), MODEL, case.cause(3))
    later = type(case.cause(4))(case.cause(4).event, case.at + timedelta(days=9))
    twice, _, _ = pay_period(once, case.graded("2026-02", "D"), MODEL, later)
    assert twice.decision_due == once.decision_due
    assert twice.held == case.eur(560_000)  # 60,000 + 500,000


def test_nothing_waits_when_all_is_paid(case: Any) -> None:
    funds, _, _ = pay_period(case.committed(), case.graded("2026-01", "A"), MODEL, case.cause(3))
    assert funds.decision_due is None


def test_a_second_grade_is_refused_when_a_period_is_settled(case: Any) -> None:
    funds, _, _ = pay_period(case.committed(), case.graded("2026-01", "A"), MODEL, case.cause(3))
    with pytest.raises(NotAllowed) as refusal:
        pay_period(funds, case.graded("2026-01", "A"), MODEL, case.cause(4))
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
        pay_period(case.committed(), graded, MODEL, case.cause(3))
    assert refusal.value.code == code


def test_a_grade_is_refused_when_the_contract_is_another(case: Any) -> None:
    graded = case.graded("2026-01", "A", contract=case.request().tender)
    for funds in (case.committed(), case.reserved()):
        with pytest.raises(NotAllowed) as refusal:
            pay_period(funds, graded, MODEL, case.cause(3))
        assert refusal.value.code == "contract-unknown"


def test_a_grade_is_refused_when_the_pack_does_not_know_it(case: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        pay_period(case.committed(), case.graded("2026-01", "E"), MODEL, case.cause(3))
    assert refusal.value.code == "grade-unknown"
