"""What the events of the other services do to the money."""

from typing import Any

import pytest

from shared.contracts.tender import PinnedPack
from shared.kernel.money import Money
from shared.rules.pack import pinned_pack


def eur(units: int) -> Money:
    return Money(units * 100, "EUR")


async def test_the_fiscal_example_comes_out_to_the_unit_when_a_procedure_runs_its_course(
    budget: Any, procedure: Any
) -> None:
    case = procedure()
    line = await budget.appropriate(5_000_000)
    await budget.service.deliver("tender", case.requested(line, eur(1_200_000)))
    assert await budget.balances(line) == {"appropriated": 5_000_000, "available": 3_800_000, "reserved": 1_200_000}
    await budget.service.deliver("tender", case.signed(300_000, 500_000, 250_000))
    assert await budget.balances(line) == {"appropriated": 5_000_000, "available": 3_950_000, "committed": 1_050_000}
    await budget.service.deliver("evaluation", case.graded("2026-01", "B"))
    # 300,000 at 0.95 makes 285,000 payable; 15,000 are held; 1,050,000 - 300,000 stay committed.
    assert await budget.balances(line) == {
        "appropriated": 5_000_000,
        "available": 3_950_000,
        "committed": 750_000,
        "held": 15_000,
        "accrued": 285_000,
    }
    await budget.pay_all()
    assert (await budget.balances(line))["paid"] == 285_000
    await budget.service.deliver("evaluation", case.graded("2026-02", "A"))
    await budget.pay_all()
    # 285,000 + 500,000 = 785,000 spent
    assert await budget.balances(line) == {
        "appropriated": 5_000_000,
        "available": 3_950_000,
        "committed": 250_000,
        "held": 15_000,
        "paid": 785_000,
    }
    assert await budget.types() == [
        "budget.appropriated.v1",
        "budget.reserved.v1",
        "budget.committed.v1",
        "budget.released.v1",
        "budget.accrued.v1",
        "budget.held.v1",
        "budget.payment-due.v1",
        "budget.payment-approved.v1",
        "budget.paid.v1",
        "budget.accrued.v1",
        "budget.payment-due.v1",
        "budget.payment-approved.v1",
        "budget.paid.v1",
    ]
    await budget.check_books()


async def test_every_movement_is_explained_when_a_procedure_is_shown(budget: Any, procedure: Any) -> None:
    case = procedure()
    line = await budget.appropriate()
    await budget.service.deliver("tender", case.requested(line, eur(1_000)), case.signed(400, 500))
    await budget.service.deliver("evaluation", case.graded("2026-01", "B"))
    await budget.pay_all()
    response = await budget.service.client.get(f"/v1/procedures/{case.ocid}")
    assert response.headers["ETag"] == '"6"'  # reserved, committed, released, accrued, held, paid
    shown = response.json()
    assert [(one["from_stage"], one["to_stage"], one["amount"]["amount"]) for one in shown["transfers"]] == [
        ("available", "reserved", "1000.00"),
        ("reserved", "committed", "900.00"),
        ("reserved", "available", "100.00"),
        ("committed", "accrued", "400.00"),
        ("accrued", "held", "20.00"),
        ("accrued", "paid", "380.00"),
    ]
    assert all(one["reason"] and one["cause"] and one["ocid"] == case.ocid for one in shown["transfers"])
    assert shown["state"] == "committed"
    (contract,) = shown["contracts"]
    assert contract["payee"] == "org-oarsmen"
    assert [one["grade"] for one in contract["milestones"]] == ["B", None]
    assert [step["step"] for step in contract["milestones"][0]["derivation"]] == ["due", "share", "payable", "held"]
    assert (shown["committed"]["amount"], shown["held"]["amount"]) == ("500.00", "20.00")


async def test_the_answers_say_what_is_available_when_funds_move(budget: Any, procedure: Any) -> None:
    line = await budget.appropriate(1_000)
    await budget.service.deliver("tender", procedure(1).requested(line, eur(600)))
    await budget.service.deliver("tender", procedure(2).requested(line, eur(500)))
    await budget.service.deliver("tender", procedure(1).cancelled())
    granted, reserved, refused, released = await budget.service.published()
    assert granted.data["available"]["amount"] == "1000.00"
    assert reserved.data["available"]["amount"] == "400.00"
    assert refused.data["available"]["amount"] == "400.00"
    assert refused.data | {"available": None, "requested": None} == {
        "ocid": "ocds-test-2",
        "tender": str(procedure(2).tender),
        "line": line,
        "requested": None,
        "available": None,
        "code": "insufficient-funds",
        "reason": "The budget line has less than the amount.",
        "rule": "funds-reserved-before-publication",
        "source": "Coxswain model pack",
    }
    assert released.data["available"]["amount"] == "1000.00"
    assert released.data["reason"] == "The tender was cancelled."
    await budget.check_books()


async def test_refusal_cites_the_pack_of_the_procedure_when_the_request_names_one(budget: Any, procedure: Any) -> None:
    line = await budget.appropriate(1_000)
    chinese = PinnedPack(id="cn-services", version="1.1.0")
    await budget.service.deliver("tender", procedure().requested(line, eur(1_001), chinese))
    refused = (await budget.service.published())[-1]
    expected = pinned_pack("cn-services", "1.1.0").rule("funds-reserved-before-publication").source
    assert expected != "Coxswain model pack"
    assert (refused.type, refused.data["source"]) == ("budget.refused.v1", expected)


async def test_a_tender_is_funded_when_it_asks_again_after_a_refusal(budget: Any, procedure: Any) -> None:
    line = await budget.appropriate(1_000)
    await budget.service.deliver("tender", procedure().requested(line, eur(1_001)))
    assert (await budget.get("/v1/procedures/ocds-test-1"))["state"] == "unfunded"
    await budget.revise("supplementary", **{line: 1})
    await budget.service.deliver("tender", procedure().requested(line, eur(1_001)))
    assert (await budget.get("/v1/procedures/ocds-test-1"))["state"] == "reserved"
    assert await budget.balances(line) == {"appropriated": 1_001, "reserved": 1_001}
    await budget.check_books()


@pytest.mark.parametrize(
    ("line", "amount", "code", "available"),
    [
        (None, Money(100_000, "EUR"), "line-unknown", None),
        ("the line", Money(100_000, "USD"), "currency-differs", "1000.00"),
        ("the line", Money(0, "EUR"), "amount-not-positive", "1000.00"),
        ("the line", Money(-100, "EUR"), "amount-not-positive", "1000.00"),
        ("the line", Money(100_001, "EUR"), "insufficient-funds", "1000.00"),
    ],
)
async def test_funds_are_refused_with_the_rule_when_the_request_cannot_be_met(
    budget: Any, procedure: Any, line: str | None, amount: Money, code: str, available: str | None
) -> None:
    known = await budget.appropriate(1_000)
    wanted = known if line else str(procedure().contract)
    await budget.service.deliver("tender", procedure().requested(wanted, amount))
    refused = (await budget.service.published())[-1]
    assert refused.type == "budget.refused.v1"
    assert refused.data["code"] == code
    assert (refused.data["rule"], refused.data["source"]) == (
        "funds-reserved-before-publication",
        "Coxswain model pack",
    )
    shown = refused.data["available"]
    assert (shown["amount"] if shown else None) == available
    assert await budget.balances(known) == {"appropriated": 1_000, "available": 1_000}
    assert await budget.parked() == []


@pytest.mark.parametrize(("ends", "code"), [(False, "already-reserved"), (True, "procedure-ended")])
async def test_funds_are_refused_when_a_procedure_asks_twice(
    budget: Any, procedure: Any, ends: bool, code: str
) -> None:
    line = await budget.appropriate(1_000)
    await budget.service.deliver("tender", procedure().requested(line, eur(100)))
    if ends:
        await budget.service.deliver("tender", procedure().unsuccessful())
    before = await budget.balances(line)
    await budget.service.deliver("tender", procedure().requested(line, eur(100)))
    assert (await budget.service.published())[-1].data["code"] == code
    assert await budget.balances(line) == before
    await budget.check_books()


@pytest.mark.parametrize("ending", ["cancelled", "unsuccessful"])
async def test_the_reservation_is_given_back_once_when_the_procedure_ends(
    budget: Any, procedure: Any, ending: str
) -> None:
    line = await budget.appropriate(1_000)
    ended = getattr(procedure(), ending)()
    await budget.service.deliver("tender", procedure().requested(line, eur(300)), ended, ended)
    assert await budget.balances(line) == {"appropriated": 1_000, "available": 1_000}
    assert (await budget.types()).count("budget.released.v1") == 1
    assert (await budget.get("/v1/procedures/ocds-test-1"))["state"] == "released"


async def test_nothing_happens_when_a_procedure_without_funds_ends(budget: Any, procedure: Any) -> None:
    await budget.service.deliver("tender", procedure().cancelled())
    assert await budget.types() == []
    assert await budget.parked() == []


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({}, "NotAllowed: contract-above-reservation"),
        ({"value": eur(900)}, "NotAllowed: milestones-differ-from-value"),
        ({"value": Money(100, "USD")}, "NotAllowed: currency-differs"),
        ({"pack": {"id": "other", "version": "1.0.0"}}, "NotFound: pack-unknown"),
        ({"pack": {"id": "model", "version": "0.9.0"}}, "NotAllowed: pack-version-differs"),
    ],
)
async def test_a_contract_is_parked_when_it_does_not_fit_the_reservation(
    budget: Any, procedure: Any, changed: dict[str, Any], problem: str
) -> None:
    line = await budget.appropriate(2_000)
    await budget.service.deliver("tender", procedure().requested(line, eur(1_000)))
    await budget.service.deliver("tender", procedure().signed(500, 501, **changed))
    assert await budget.parked() == [problem]
    assert await budget.balances(line) == {"appropriated": 2_000, "available": 1_000, "reserved": 1_000}
    await budget.check_books()


async def test_a_contract_is_parked_when_nothing_is_reserved(budget: Any, procedure: Any) -> None:
    await budget.service.deliver("tender", procedure().signed(500))
    assert await budget.parked() == ["NotAllowed: nothing-reserved"]


async def test_a_contract_is_parked_when_the_procedure_has_one(budget: Any, procedure: Any) -> None:
    line = await budget.appropriate(2_000)
    case = procedure()
    await budget.service.deliver("tender", case.requested(line, eur(1_000)), case.signed(500), case.signed(500))
    assert await budget.parked() == ["NotAllowed: already-committed"]
    assert await budget.balances(line) == {"appropriated": 2_000, "available": 1_500, "committed": 500}


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"period": "2026-09"}, "NotAllowed: period-unknown"),
        ({"contract": "01930000-0000-7000-8000-000000000000"}, "NotAllowed: contract-unknown"),
        ({"grade": "Z"}, "Invalid: grade-unknown"),
    ],
)
async def test_a_grade_is_parked_when_it_does_not_fit_the_contract(
    budget: Any, procedure: Any, changed: dict[str, str], problem: str
) -> None:
    line = await budget.appropriate(2_000)
    await budget.service.deliver("tender", procedure().requested(line, eur(1_000)), procedure().signed(1_000))
    await budget.service.deliver("evaluation", procedure().graded(**{"period": "2026-01", "grade": "A", **changed}))
    assert await budget.parked() == [problem]
    assert await budget.balances(line) == {"appropriated": 2_000, "available": 1_000, "committed": 1_000}


async def test_a_period_is_owed_once_when_it_is_graded_twice(budget: Any, procedure: Any) -> None:
    line = await budget.appropriate(2_000)
    await budget.service.deliver("tender", procedure().requested(line, eur(1_000)), procedure().signed(1_000))
    await budget.service.deliver("evaluation", procedure().graded("2026-01", "A"), procedure().graded("2026-01", "A"))
    assert await budget.parked() == ["NotAllowed: period-already-graded"]
    assert await budget.balances(line) == {"appropriated": 2_000, "available": 1_000, "accrued": 1_000}
    assert len((await budget.get("/v1/payment-orders"))["items"]) == 1
    await budget.check_books()


async def test_a_grade_is_parked_when_the_procedure_ended_without_a_contract(budget: Any, procedure: Any) -> None:
    line = await budget.appropriate(2_000)
    await budget.service.deliver("tender", procedure().requested(line, eur(1_000)), procedure().cancelled())
    await budget.service.deliver("evaluation", procedure().graded("2026-01", "A"))
    assert await budget.parked() == ["NotAllowed: contract-unknown"]


async def test_nothing_moves_twice_when_an_event_is_redelivered(budget: Any, procedure: Any) -> None:
    line = await budget.appropriate(2_000)
    await budget.service.deliver("tender", procedure().requested(line, eur(1_000)), procedure().signed(1_000))
    await budget.service.deliver("evaluation", procedure().graded("2026-01", "C"))
    before = (await budget.balances(line), await budget.types())
    # As after a loss of what was remembered of the sources, though not of what was taken in.
    await budget.service.execute("UPDATE cursors SET position = 0")
    for consumer in budget.service.runtime.consumers:
        consumer.positions = None
    await budget.service.deliver("tender")
    await budget.service.deliver("evaluation")
    assert (await budget.balances(line), await budget.types()) == before
    assert await budget.parked() == []
