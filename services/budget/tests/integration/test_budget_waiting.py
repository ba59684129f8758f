"""Grades that come before their contract, and what is reported as overdue."""

from typing import Any

from shared.kernel.money import Money


def eur(units: int) -> Money:
    return Money(units * 100, "EUR")


async def test_a_grade_is_paid_when_its_contract_comes_later(budget: Any, procedure: Any) -> None:
    line = await budget.appropriate(2_000)
    case = procedure()
    await budget.service.deliver("evaluation", case.graded("2026-01", "B"))  # nothing at all is known yet
    await budget.service.deliver("tender", case.requested(line, eur(1_000)))
    await budget.service.deliver("evaluation", case.graded("2026-02", "A"))  # funds are known, a contract is not
    assert await budget.balances(line) == {"appropriated": 2_000, "available": 1_000, "reserved": 1_000}
    await budget.service.deliver("tender", case.signed(400, 500))
    # 400 at 0.95 pays 380 and holds 20; 500 at 1.00; 2,000 - 900 = 1,100 available
    assert await budget.balances(line) == {"appropriated": 2_000, "available": 1_100, "held": 20, "accrued": 880}
    assert (await budget.service.execute("SELECT count(*) FROM pending_grades")).scalar_one() == 0
    assert await budget.parked() == []
    await budget.check_books()


async def test_a_grade_is_parked_when_the_same_period_waits_already(budget: Any, procedure: Any) -> None:
    await budget.service.deliver("evaluation", procedure().graded("2026-01", "B"), procedure().graded("2026-01", "A"))
    assert await budget.parked() == ["NotAllowed: period-already-graded"]
    rows = await budget.service.execute("SELECT grade FROM pending_grades")
    assert [row.grade for row in rows] == ["B"]


async def test_a_waiting_grade_is_overdue_when_no_contract_has_come_within_the_payment_term(
    budget: Any, procedure: Any
) -> None:
    await budget.service.deliver("evaluation", procedure().graded("2026-01", "B"))
    # The clock stands at Monday 2026-03-02 09:00; day 30 is 2026-04-01.
    budget.service.clock.advance(days=30, hours=14, minutes=59)
    assert await budget.get("/v1/overdue") == []
    budget.service.clock.advance(minutes=1)
    (item,) = await budget.get("/v1/overdue")
    assert (item["kind"], item["state"], item["waiting_for"]) == ("pending-grade", "waiting", "the contract")
    assert item["due_at"] == "2026-04-02T00:00:00.000000Z"


async def test_the_contract_is_bound_when_a_waiting_grade_is_wrong(budget: Any, procedure: Any) -> None:
    line = await budget.appropriate(2_000)
    case = procedure()
    await budget.service.deliver("tender", case.requested(line, eur(1_000)))
    await budget.service.deliver(
        "evaluation",
        case.graded("2026-01", "Z"),
        case.graded("2026-02", "A"),
        case.graded("2026-09", "A"),
    )
    await budget.service.deliver("tender", case.signed(400, 500))
    assert await budget.balances(line) == {
        "appropriated": 2_000,
        "available": 1_100,
        "committed": 400,
        "accrued": 500,
    }
    assert await budget.parked() == []
    budget.service.clock.advance(days=31)
    overdue = await budget.get("/v1/overdue")
    grades = [item for item in overdue if item["kind"] == "pending-grade"]
    assert {item["state"] for item in grades} == {"grade-unknown", "period-unknown"}
    assert {item["waiting_for"] for item in grades} == {"a correction of the grade"}
    await budget.service.deliver("evaluation", case.graded("2026-01", "A"))
    assert await budget.balances(line) == {"appropriated": 2_000, "available": 1_100, "accrued": 900}
    await budget.pay_all()
    assert [item["state"] for item in await budget.get("/v1/overdue")] == ["period-unknown"]


async def test_what_is_held_is_overdue_when_nobody_decided_within_the_payment_term(budget: Any, procedure: Any) -> None:
    line = await budget.appropriate(2_000)
    await budget.service.deliver("tender", procedure().requested(line, eur(1_000)), procedure().signed(1_000))
    assert await budget.get("/v1/overdue") == []
    await budget.service.deliver("evaluation", procedure().graded("2026-01", "D"))
    budget.service.clock.advance(days=30, hours=14, minutes=59)
    assert await budget.get("/v1/overdue") == []
    budget.service.clock.advance(minutes=1)
    (item,) = await budget.get("/v1/overdue")
    assert (item["kind"], item["waiting_for"]) == ("hold", "a decision on what is held")


async def test_terms_are_shorter_when_the_procedure_is_hastened(budget: Any, procedure: Any) -> None:
    line = await budget.appropriate(2_000)
    signed = procedure().signed(1_000, acceleration=1_000)
    await budget.service.deliver("tender", procedure().requested(line, eur(1_000)), signed)
    await budget.service.deliver("evaluation", procedure().graded("2026-01", "D"))
    # 30 days and 15 hours are 2,646,000 seconds; a thousandth of that is 2,646 seconds.
    (hold,) = (await budget.get("/v1/holds"))["items"]
    assert hold["decision_due"] == "2026-03-02T09:44:06.000000Z"


async def test_a_grade_waits_when_its_provider_never_held_the_contract(budget: Any, procedure: Any) -> None:
    line = await budget.appropriate(2_000)
    case = procedure()
    await budget.service.deliver("tender", case.requested(line, eur(1_000)), case.signed(1_000))
    await budget.service.deliver("evaluation", case.graded("2026-01", "A", provider="org-others"))
    assert await budget.balances(line) == {"appropriated": 2_000, "available": 1_000, "committed": 1_000}
    assert await budget.parked() == []
    budget.service.clock.advance(days=31)
    (item,) = await budget.get("/v1/overdue")
    assert (item["kind"], item["waiting_for"]) == ("pending-grade", "the contract's going over to the provider")
