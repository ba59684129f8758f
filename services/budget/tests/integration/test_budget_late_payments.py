"""Invoices, terms of payment, and the interest on payments that come late."""

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.contracts.tender import PinnedPack
from shared.kernel.ids import opaque_id
from shared.kernel.money import Money

EU, UK, CHINA = (
    PinnedPack(id="eu-light", version="1.0.0"),
    PinnedPack(id="uk-2023", version="1.1.0"),
    PinnedPack(id="cn-services", version="1.1.0"),
)
ECB = {"reference": "ecb-main-refinancing-operations", "source": "ECB press release"}


async def owing(budget: Any, procedure: Any, pack: PinnedPack = EU, *, granted: int = 20_000) -> dict[str, Any]:
    """Accept a period worth 10,000.00 with the best grade at 9:00 on Monday 2 March 2026; return its order."""
    line = await budget.appropriate(granted)
    told = procedure()
    await budget.service.deliver("tender", told.requested(line, Money(1_000_000, "EUR")))
    await budget.service.deliver("tender", told.signed(10_000, pack=pack))
    await budget.service.deliver("evaluation", told.graded("2026-01", "A"))
    (order,) = (await budget.get("/v1/payment-orders"))["items"]
    assert order["amount"] == {"amount": "10000.00", "currency": "EUR"}
    return dict(order)


async def invoice(
    budget: Any, owed: Any, *, role: str = "finance-officer", by: str = "org-city", **changed: Any
) -> Any:
    body = {"order": owed["id"], "number": "2026/7", "amount": owed["amount"], **changed}
    headers = budget.service.headers("p-invoices", by, role)
    return await budget.service.client.post("/v1/invoices", json=body, headers=headers)


async def rate(budget: Any, half_year: str, share: str, identifier: Any = None, **changed: str) -> Any:
    body = {**ECB, "half_year": half_year, "rate": share, **changed}
    path = f"/v1/reference-rates/{identifier or opaque_id()}"
    return await budget.service.client.put(path, json=body, headers=budget.officer())


async def pay_at(budget: Any, order: Any, instant: datetime, amount: Money | None = None) -> Any:
    budget.service.clock.set(instant)
    await budget.approve(order["id"])
    paid = await budget.pay(order["id"], amount or Money(1_000_000, "EUR"))
    assert paid.status_code == 201, paid.text
    return paid.json()


async def claims(budget: Any) -> list[dict[str, Any]]:
    return list((await budget.get("/v1/late-interest"))["items"])


async def test_the_invoice_decides_until_when_is_paid(budget: Any, procedure: Any) -> None:
    order = await owing(budget, procedure)
    # Accepted on 2 March, due by 1 April; Brussels is two hours ahead of UTC then.
    assert order["due_at"] == "2026-04-01T22:00:00.000000Z"
    budget.service.clock.set(datetime(2026, 3, 10, 9, tzinfo=UTC))
    entered = await invoice(budget, order, role="provider", by="org-oarsmen")
    assert entered.status_code == 201, entered.text
    assert entered.json()["due_at"] == "2026-04-09T22:00:00.000000Z"
    assert entered.json()["invoiced_at"] == "2026-03-10T09:00:00.000000Z"
    event = (await budget.service.published())[-1]
    assert event.type == "budget.invoiced.v1"
    assert (event.data["due_at"], event.data["rule"]) == ("2026-04-09T22:00:00.000000Z", "payment")
    assert "2026/7" not in str(event.data)
    shown = await budget.get(f"/v1/payment-orders/{order['id']}")
    assert shown == entered.json()


async def test_the_office_enters_an_invoice_of_an_earlier_day(budget: Any, procedure: Any) -> None:
    order = await owing(budget, procedure, CHINA)
    budget.service.clock.set(datetime(2026, 3, 20, 9, tzinfo=UTC))
    told = {"received_at": "2026-03-10T01:00:00Z", "small_enterprise": True, "longer_term_agreed": False}
    entered = (await invoice(budget, order, **told)).json()
    # Ten working days of Tuesday 10 March: Tuesday 24 March in Shanghai.
    assert (entered["due_at"], entered["unresolved"]) == ("2026-03-24T16:00:00.000000Z", [])


async def test_a_fact_that_nobody_states_is_named(budget: Any, procedure: Any) -> None:
    order = await owing(budget, procedure, CHINA)
    entered = (await invoice(budget, order)).json()
    assert entered["unresolved"] == ["supplier.sme", "payment.longer_term_agreed"]


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"amount": {"amount": "10000.01", "currency": "EUR"}}, 409, "invoice-differs-from-order"),
        ({"amount": {"amount": "10000.00", "currency": "USD"}}, 409, "invoice-differs-from-order"),
        ({"received_at": "2099-01-01T00:00:00Z"}, 422, "invoice-from-the-future"),
        ({"role": "provider", "by": "org-others"}, 403, "not-own-organisation"),
        (
            {"role": "provider", "by": "org-oarsmen", "received_at": "2026-03-02T00:00:00Z"},
            403,
            "received-day-not-yours",
        ),
        ({"role": "treasurer"}, 403, "role-missing"),
        ({"order": "01930000-0000-7000-8000-000000000000"}, 404, "not-found"),
        ({"number": ""}, 422, None),
        ({"amount": {"amount": "0.00", "currency": "EUR"}}, 422, None),
        ({"vat": "19"}, 422, None),
    ],
)
async def test_an_invoice_changes_nothing_when_it_is_refused(
    budget: Any, procedure: Any, changed: dict[str, Any], status: int, code: str | None
) -> None:
    order = await owing(budget, procedure)
    refused = await invoice(budget, order, **changed)
    assert refused.status_code == status, refused.text
    assert code is None or refused.json()["code"] == code
    assert await budget.get(f"/v1/payment-orders/{order['id']}") == order


async def test_an_invoice_is_entered_once(budget: Any, procedure: Any) -> None:
    order = await owing(budget, procedure)
    assert (await invoice(budget, order)).status_code == 201
    again = await invoice(budget, order, number="2026/8")
    assert (again.status_code, again.json()["code"]) == (409, "order-invoiced")
    used = await invoice(budget, order)
    assert (used.status_code, used.json()["code"]) == (409, "invoice-number-used")


@pytest.mark.parametrize(
    ("role", "organisation", "seen"),
    [
        ("auditor", "org-audit", 1),
        ("treasurer", "org-city", 1),
        ("provider", "org-oarsmen", 1),
        ("provider", "org-others", 0),
        ("procurement-officer", "org-city", None),
    ],
)
async def test_a_provider_sees_its_own_invoices(
    budget: Any, procedure: Any, role: str, organisation: str, seen: int | None
) -> None:
    order = await owing(budget, procedure)
    await invoice(budget, order, small_enterprise=True)
    headers = budget.service.headers("p-reader", organisation, role)
    listed = await budget.service.client.get("/v1/invoices", headers=headers)
    if seen is None:
        assert listed.status_code == 403
        return
    items = listed.json()["items"]
    assert [(one["number"], one["order"], one["facts"]) for one in items] == [
        ("2026/7", order["id"], {"supplier.sme": True})
    ][:seen]


async def test_a_payment_in_time_bears_nothing(budget: Any, procedure: Any) -> None:
    order = await owing(budget, procedure)
    await pay_at(budget, order, datetime(2026, 4, 1, 21, 59, tzinfo=UTC))
    assert await claims(budget) == []
    after = await invoice(budget, order)
    assert (after.status_code, after.json()["code"]) == (409, "order-paid")


async def test_a_late_payment_is_followed_by_an_order_for_its_interest(budget: Any, procedure: Any) -> None:
    order = await owing(budget, procedure)
    assert (await rate(budget, "2026-H1", "0.0215")).status_code == 201
    await pay_at(budget, order, datetime(2026, 5, 1, 9, tzinfo=UTC))
    # From 2 April to 1 May are 30 days: 10,000.00 * (0.0215 + 0.08) * 30 / 365 = 83.4246...
    (claim,) = await claims(budget)
    assert (claim["state"], claim["amount"]) == ("ordered", {"amount": "83.42", "currency": "EUR"})
    interest = await budget.get(f"/v1/payment-orders/{claim['interest_order']}")
    assert (interest["kind"], interest["state"], interest["payee"]) == ("interest", "due", "org-oarsmen")
    assert interest["derivation"][0]["expression"] == "10000.00 * 0.1015 * 30 / 365"
    assert (await budget.types())[-2:] == ["budget.paid.v1", "budget.payment-due.v1"]
    await budget.check_books()

    # It is approved and paid like any other order, and being late itself bears nothing.
    budget.service.clock.set(datetime(2026, 9, 1, 9, tzinfo=UTC))
    assert (await budget.approve(interest["id"])).status_code == 200
    assert (await budget.pay(interest["id"], Money(8_342, "EUR"))).status_code == 201
    assert len(await claims(budget)) == 1
    await budget.check_books()
    (line,) = (await budget.get("/v1/lines"))["items"]
    assert (line["balances"]["paid"]["amount"], line["balances"]["accrued"]["amount"]) == ("10083.42", "0.00")
    assert line["balances"]["available"]["amount"] == "9916.58"


async def test_each_part_that_is_paid_late_bears_its_own_interest(budget: Any, procedure: Any) -> None:
    order = await owing(budget, procedure, CHINA)
    await pay_at(budget, order, datetime(2026, 3, 20, 1, tzinfo=UTC), Money(400_000, "EUR"))
    await pay_at(budget, order, datetime(2026, 4, 3, 1, tzinfo=UTC), Money(200_000, "EUR"))
    await pay_at(budget, order, datetime(2026, 4, 11, 1, tzinfo=UTC), Money(400_000, "EUR"))
    # Due by 1 April: 2,000.00 * 0.0005 * 2 = 2.00, and 4,000.00 * 0.0005 * 10 = 20.00; what came in time bears none.
    assert [claim["amount"]["amount"] for claim in await claims(budget)] == ["2.00", "20.00"]
    await budget.check_books()


async def test_interest_waits_for_a_rate_that_nobody_has_entered(budget: Any, procedure: Any) -> None:
    order = await owing(budget, procedure)
    await pay_at(budget, order, datetime(2026, 7, 10, 9, tzinfo=UTC))
    (claim,) = await claims(budget)
    assert (claim["state"], claim["amount"]) == ("unresolved", None)
    reference = "ecb-main-refinancing-operations"
    assert claim["unresolved"] == [f"{reference} 2026-H1", f"{reference} 2026-H2"]
    overdue = await budget.get("/v1/overdue")
    assert [(one["kind"], one["id"], one["waiting_for"]) for one in overdue] == [
        ("late-interest", claim["id"], "a reference rate that nobody has entered")
    ]
    await rate(budget, "2026-H1", "0.0215")
    assert (await claims(budget))[0]["unresolved"] == [f"{reference} 2026-H2"]
    await rate(budget, "2026-H2", "0.02")
    # 90 days by 10.15 %, ten by 10.00 %: 10,000.00 * (0.1015 * 90 + 0.10 * 10) / 365 = 277.6712...
    (claim,) = await claims(budget)
    assert (claim["state"], claim["amount"]["amount"]) == ("ordered", "277.67")
    assert [one["kind"] for one in await budget.get("/v1/overdue")] == []
    await budget.check_books()


async def test_interest_waits_for_money_and_is_not_lost(budget: Any, procedure: Any) -> None:
    order = await owing(budget, procedure, granted=10_000)
    await rate(budget, "2026-H1", "0.0215")
    await pay_at(budget, order, datetime(2026, 5, 1, 9, tzinfo=UTC))
    (claim,) = await claims(budget)
    assert (claim["state"], claim["amount"]["amount"]) == ("unfunded", "83.42")
    (overdue,) = await budget.get("/v1/overdue")
    assert (overdue["id"], overdue["waiting_for"]) == (claim["id"], "money on the budget line for interest")
    await budget.check_books()
    again = await budget.service.client.post(f"/v1/late-interest/{claim['id']}/order", headers=budget.officer())
    assert again.json()["state"] == "unfunded"


async def test_what_a_late_order_bears_is_shown_before_it_is_paid(budget: Any, procedure: Any) -> None:
    order = await owing(budget, procedure)
    await rate(budget, "2026-H1", "0.0215")
    path = f"/v1/payment-orders/{order['id']}/interest"
    assert (await budget.get(path))["amount"] == {"amount": "0.00", "currency": "EUR"}
    budget.service.clock.set(datetime(2026, 5, 1, 9, tzinfo=UTC))
    shown = await budget.get(path)
    assert (shown["days"], shown["amount"]["amount"]) == (30, "83.42")
    budget.service.clock.set(datetime(2026, 7, 1, 9, tzinfo=UTC))
    shown = await budget.get(path)
    assert (shown["amount"], shown["unresolved"]) == (None, ["ecb-main-refinancing-operations 2026-H2"])


async def test_a_rate_is_bound_to_its_id(budget: Any) -> None:
    identifier = opaque_id()
    first = await rate(budget, "2026-H1", "0.0215", identifier)
    again = await rate(budget, "2026-H1", "0.0215", identifier)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    for changed, code in (({"share": "0.02"}, "rate"), ({"half_year": "2026-H2"}, "half-year")):
        asked = {"half_year": "2026-H1", "share": "0.0215", **changed}
        refused = await rate(budget, identifier=identifier, **asked)
        assert (refused.status_code, refused.json()["code"]) == (409, f"exists-with-different-{code}")
    (listed,) = (await budget.get("/v1/reference-rates"))["items"]
    assert listed == first.json()


async def test_the_rate_that_was_entered_last_counts(budget: Any, procedure: Any) -> None:
    order = await owing(budget, procedure)
    await rate(budget, "2026-H1", "0.25")
    await rate(budget, "2026-H1", "0.0215", source="Corrected: the decimal point")
    await pay_at(budget, order, datetime(2026, 5, 1, 9, tzinfo=UTC))
    assert (await claims(budget))[0]["amount"]["amount"] == "83.42"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"share": "2.15"}, "rate-out-of-range"),
        ({"share": "-0.11"}, "rate-out-of-range"),
        ({"half_year": "2026-H3"}, None),
        ({"half_year": "2026"}, None),
        ({"share": "2,15"}, None),
        ({"source": ""}, None),
        ({"reference": "ECB"}, None),
    ],
)
async def test_a_rate_that_makes_no_sense_is_refused(budget: Any, changed: dict[str, str], code: str | None) -> None:
    refused = await rate(budget, **{"half_year": "2026-H1", "share": "0.02", **changed})
    assert refused.status_code == 422
    assert code is None or refused.json()["code"] == code
    assert (await budget.get("/v1/reference-rates"))["items"] == []
