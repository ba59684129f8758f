"""What is owed is approved by one person and paid by another, once, and never above what is owed."""

import asyncio
import runpy
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError

from shared.kernel.ids import derived_id
from shared.kernel.money import Money

MIGRATION = Path(__file__).parents[2] / "migrations/versions/0011_payment_orders.py"
PAYMENT = derived_id("test-payment", 1)
UNKNOWN = "01930000-0000-7000-8000-000000000000"


def eur(units: int) -> Money:
    return Money(units * 100, "EUR")


async def owing(budget: Any, procedure: Any, *, approved: bool = True) -> str:
    """Owe 380 of a period worth 400 (20 are held), on a line of 2,000; return the order's id."""
    case = procedure()
    line = await budget.appropriate(2_000)
    await budget.service.deliver("tender", case.requested(line, eur(1_000)), case.signed(400, 600))
    await budget.service.deliver("evaluation", case.graded("2026-01", "B"))
    (order,) = (await budget.get("/v1/payment-orders"))["items"]
    if approved:
        assert (await budget.approve(order["id"])).status_code == 200
    return str(order["id"])


async def state_of(budget: Any) -> tuple[Any, ...]:
    """Read everything that a refused request must leave as it was."""
    order = (await budget.get("/v1/payment-orders"))["items"]
    lines = (await budget.get("/v1/lines"))["items"]
    return order, lines, (await budget.get("/v1/payments"))["items"], await budget.types()


async def test_an_order_is_paid_in_two_steps_by_two_persons(budget: Any, procedure: Any) -> None:
    order = await owing(budget, procedure, approved=False)
    shown = await budget.get(f"/v1/payment-orders/{order}")
    assert (shown["state"], shown["due_at"]) == ("due", "2026-04-02T00:00:00.000000Z")
    assert [step["step"] for step in shown["derivation"]] == ["due", "share", "payable", "held"]
    assert (await budget.approve(order)).json()["state"] == "approved"
    first = await budget.pay(order, eur(200), PAYMENT, reference="2026/17")
    assert (first.status_code, first.json()["reference"]) == (201, "2026/17")
    assert first.json() == await budget.get(f"/v1/payments/{PAYMENT}")
    assert (await budget.get(f"/v1/payment-orders/{order}"))["state"] == "approved"
    assert (await budget.pay(order, eur(180))).status_code == 201
    paid = await budget.get(f"/v1/payment-orders/{order}")
    assert (paid["state"], paid["paid"]["amount"]) == ("paid", "380.00")
    assert "p-finance" not in str(paid) + str(first.json())
    types = await budget.types()
    assert types[-4:] == ["budget.payment-due.v1", "budget.payment-approved.v1", *["budget.paid.v1"] * 2]
    await budget.check_books()


async def test_a_payment_is_made_once_when_its_request_is_sent_again(budget: Any, procedure: Any) -> None:
    order = await owing(budget, procedure)
    first = await budget.pay(order, eur(100), PAYMENT)
    before = await state_of(budget)
    again = await budget.pay(order, eur(100), PAYMENT)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert await state_of(budget) == before


async def test_a_payment_is_made_once_when_its_request_is_sent_many_times_at_once(budget: Any, procedure: Any) -> None:
    order = await owing(budget, procedure)
    answers = await asyncio.gather(*(budget.pay(order, eur(100), PAYMENT) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [*[200] * 7, 201]
    await budget.check_books()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"amount": eur(101)}, "exists-with-different-amount"),
        ({"amount": Money(10_000, "USD")}, "exists-with-different-amount"),
        ({"reference": "another"}, "exists-with-different-reference"),
    ],
)
async def test_an_id_is_bound_to_its_payment(budget: Any, procedure: Any, changed: Any, code: str) -> None:
    order = await owing(budget, procedure)
    assert (await budget.pay(order, eur(100), PAYMENT)).status_code == 201
    before = await state_of(budget)
    amount = changed.pop("amount", eur(100))
    refused = await budget.pay(order, amount, PAYMENT, **changed)
    assert (refused.status_code, refused.json()["code"]) == (409, code)
    assert await state_of(budget) == before


@pytest.mark.parametrize(
    ("amount", "person", "status", "code"),
    [
        (eur(381), "p-treasurer", 409, "payment-above-accrued"),
        (eur(0), "p-treasurer", 422, "amount-not-positive"),
        (eur(-1), "p-treasurer", 422, "amount-not-positive"),
        (Money(1, "USD"), "p-treasurer", 422, "currency-differs"),
        (eur(380), "p-finance", 403, "second-person-needed"),
    ],
)
async def test_nothing_is_paid_when_a_payment_is_refused(
    budget: Any, procedure: Any, amount: Money, person: str, status: int, code: str
) -> None:
    order = await owing(budget, procedure)
    before = await state_of(budget)
    refused = await budget.pay(order, amount, PAYMENT, person=person)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert await state_of(budget) == before
    await budget.check_books()


@pytest.mark.parametrize("amount", ["1.001", "1e3", "-", "99999999999999999999.00", "NaN", 1, 1.5, None])
async def test_an_amount_is_refused_when_it_is_none(budget: Any, procedure: Any, amount: Any) -> None:
    order = await owing(budget, procedure)
    body = {"order": order, "amount": {"amount": amount, "currency": "EUR"}}
    headers = budget.service.headers("p-treasurer", "org-city", "treasurer")
    refused = await budget.service.client.put(f"/v1/payments/{PAYMENT}", json=body, headers=headers)
    assert refused.status_code == 422
    assert (await budget.get("/v1/payments"))["items"] == []


async def test_a_payment_is_refused_when_the_order_is_unknown_or_not_approved(budget: Any, procedure: Any) -> None:
    order = await owing(budget, procedure, approved=False)
    refused = await budget.pay(order, eur(1))
    assert (refused.status_code, refused.json()["code"]) == (409, "order-not-approved")
    assert (await budget.pay(UNKNOWN, eur(1))).status_code == 404
    assert (await budget.approve(UNKNOWN)).status_code == 404
    assert (await budget.approve(order)).status_code == 200
    again = await budget.approve(order, "p-finance-2")
    assert (again.status_code, again.json()["code"]) == (409, "order-already-approved")


async def test_a_refusal_stays_the_answer_to_its_id(budget: Any, procedure: Any) -> None:
    order = await owing(budget, procedure, approved=False)
    assert (await budget.pay(order, eur(380), PAYMENT)).json()["code"] == "order-not-approved"
    assert (await budget.approve(order)).status_code == 200
    again = await budget.pay(order, eur(380), PAYMENT)
    assert (again.status_code, again.json()["code"]) == (409, "id-already-failed")
    assert (await budget.pay(order, eur(1), PAYMENT)).json()["code"] == "exists-with-different-amount"
    assert (await budget.pay(order, eur(380))).status_code == 201
    # What makes no sense, and what the person may not, is not kept.
    other = derived_id("test-payment", 2)
    for wrong in (eur(0), Money(1, "USD")):
        assert (await budget.pay(order, wrong, other)).status_code == 422
    assert (await budget.pay(order, eur(1), other)).json()["code"] == "payment-above-accrued"
    assert (await budget.pay(order, eur(1), other)).json()["code"] == "id-already-failed"
    await budget.check_books()


async def test_only_those_who_may_approve_and_pay(budget: Any, procedure: Any) -> None:
    order = await owing(budget, procedure, approved=False)
    for role in ("treasurer", "procurement-officer", "provider", "operator"):
        headers = budget.service.headers("p-any", "org-city", role)
        path = f"/v1/payment-orders/{order}/approval"
        assert (await budget.service.client.post(path, headers=headers)).json()["code"] == "role-missing"
    await budget.approve(order)
    for role in ("finance-officer", "procurement-head", "provider", "operator"):
        headers = budget.service.headers("p-any", "org-city", role)
        body = {"order": order, "amount": {"amount": "1.00", "currency": "EUR"}}
        refused = await budget.service.client.put(f"/v1/payments/{PAYMENT}", json=body, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "role-missing")


async def test_an_order_is_overdue_when_its_term_has_passed(budget: Any, procedure: Any) -> None:
    order = await owing(budget, procedure)
    budget.service.clock.advance(days=32)
    (late,) = [item for item in await budget.get("/v1/overdue") if item["kind"] == "payment-order"]
    assert (late["id"], late["state"], late["waiting_for"]) == (order, "approved", "the payment")
    await budget.pay_all()
    assert (await budget.pay(order, eur(380))).status_code == 201
    assert [item for item in await budget.get("/v1/overdue") if item["kind"] == "payment-order"] == []


@pytest.mark.parametrize("wrong", ["paid = amount + 1", "paid = -1", "amount = 0", "state = 'paid'", "kind = 'gift'"])
async def test_the_database_refuses_an_order_that_makes_no_sense(budget: Any, procedure: Any, wrong: str) -> None:
    await owing(budget, procedure)
    with pytest.raises(IntegrityError):
        await budget.service.execute(f"UPDATE payment_orders SET {wrong}")


async def test_what_was_paid_before_there_were_orders_has_its_order(budget: Any, procedure: Any) -> None:
    order = await owing(budget, procedure)
    made = (await budget.pay(order, eur(380), PAYMENT)).json()
    before = await budget.get(f"/v1/procedures/{procedure().ocid}")
    # As it was kept before: one payment for a period, no order, and what is payable of a period called paid.
    await budget.service.execute_as_owner(
        "ALTER TABLE payments DROP COLUMN order_id, DROP COLUMN reference, DROP COLUMN paid_by",
        "DROP TABLE payment_orders CASCADE",
        "ALTER TABLE payments ADD CONSTRAINT payments_contract_period_key UNIQUE (contract, period)",
        "UPDATE funds SET document = replace(document::text, '\"payable\": ', '\"paid\": ')::jsonb",
        *runpy.run_path(str(MIGRATION))["STATEMENTS"],
        f"GRANT SELECT ON payment_orders TO {budget.service.runtime.engine.url.username}",
    )
    assert await budget.get(f"/v1/procedures/{procedure().ocid}") == before
    assert await budget.get(f"/v1/payments/{PAYMENT}") == {**made, "order": str(PAYMENT)}
    shown = await budget.get(f"/v1/payment-orders/{UUID(str(PAYMENT))}")
    assert (shown["state"], shown["amount"], shown["paid"]) == ("paid", made["amount"], made["amount"])
