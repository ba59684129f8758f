"""An advance from its request to its recovery or repayment, through API, ledger, bank and the year's end."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError

from shared.contracts.contract import Assigned, Milestone, Terminated
from shared.contracts.event import Organisation
from shared.contracts.inspection import Closed
from shared.contracts.tender import PinnedPack
from shared.kernel.ids import derived_id
from shared.kernel.money import Money

CITY = {"name": "City of Kingston", "iban": "DE89370400440532013000"}
OARSMEN = {"name": "Oarsmen Care", "iban": "GB29NWBK60161331926819"}
SUPPLIER = Organisation(id="org-oarsmen", name="Oarsmen Care")
PAYMENT, REPAYMENT = derived_id("test-payment", 1), derived_id("test-repayment", 1)
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
NEXT_YEAR = datetime(2027, 1, 8, 9, tzinfo=UTC)
ENDS = (date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30))


def eur(units: int) -> Money:
    return Money(units * 100, "EUR")


def said(units: int, currency: str = "EUR") -> dict[str, str]:
    return {"amount": f"{units}.00", "currency": currency}


async def signed(budget: Any, case: Any, **changed: Any) -> str:
    """Sign a contract over 1,000 of four periods on a line of 2,000, and return the line."""
    line = await budget.appropriate(2_000)
    milestones = tuple(
        Milestone(period=f"2026-{ends.month:02}", start=ends.replace(day=1), end=ends, amount=eur(250)) for ends in ENDS
    )
    await budget.service.deliver(
        "tender", case.requested(line, eur(1_000)), case.signed(1_000, milestones=milestones, **changed)
    )
    return str(line)


async def ask(budget: Any, case: Any, units: int = 300, **changed: Any) -> Any:
    body = {"ocid": case.ocid, "contract": str(case.contract), "amount": said(units), "reason": "Vans.", **changed}
    return await budget.service.client.post("/v1/advances", json=body, headers=budget.officer())


async def advanced(budget: Any, case: Any, units: int = 300) -> str:
    """Ask for an advance, approve it as a second person, and pay it as a third."""
    asked = await ask(budget, case, units)
    assert asked.status_code == 201, asked.text
    order = str(asked.json()["id"])
    assert (await budget.approve(order, "p-finance-2")).status_code == 200
    paid = await budget.pay(order, eur(units), PAYMENT)
    assert paid.status_code == 201, paid.text
    return order


async def repay(budget: Any, order: str, units: int, repayment: UUID = REPAYMENT, **changed: Any) -> Any:
    headers = budget.service.headers("p-treasurer", "org-city", "treasurer")
    body = {"amount": said(units), **changed}
    return await budget.service.client.put(f"/v1/advances/{order}/repayments/{repayment}", json=body, headers=headers)


async def end(budget: Any, case: Any) -> None:
    terminated = Terminated(
        ocid=case.ocid,
        contract=case.contract,
        supplier=SUPPLIER,
        ground="insolvency",
        reason="Insolvent.",
        amount_paid=eur(0),
        last_day=date(2026, 3, 31),
        terminated_at=AT,
        without_handover="Nobody was left.",
    )
    await budget.service.deliver("tender", terminated)
    await budget.service.deliver("evaluation", Closed(ocid=case.ocid, contract=case.contract, not_accepted=()))


async def confirm_accounts(budget: Any) -> None:
    for organisation, account in (("org-city", CITY), ("org-oarsmen", OARSMEN)):
        path = f"/v1/payees/{organisation}/account"
        entered = await budget.service.client.put(path, json=account, headers=budget.officer())
        headers = {**budget.second_officer(), "If-Match": entered.headers["ETag"]}
        assert (await budget.service.client.post(f"{path}/confirmation", headers=headers)).status_code == 200


async def send(budget: Any) -> None:
    """Hand the advance to the bank in a file."""
    treasurer = budget.service.headers("p-treasurer", "org-city", "treasurer")
    body = {"currency": "EUR", "execution_on": "2026-03-30"}
    made = await budget.service.client.post("/v1/payment-files", json=body, headers=treasurer)
    assert (made.status_code, made.json()["control_sum"]) == (201, said(300))


async def send_back(budget: Any, camt: Any, movement: Any) -> None:
    """Let the bank book the advance, and return it."""
    moved = [movement("300.00", PAYMENT.hex), movement("300.00", PAYMENT.hex, "CRDT", return_reason="AC04")]
    headers = {**budget.officer(), "Content-Type": "application/octet-stream"}
    content = camt(movements=moved).content()
    taken = await budget.service.client.post("/v1/bank-statements", content=content, headers=headers)
    assert (taken.status_code, taken.json()[0]["outcomes"]) == (201, {"matched": 1, "returned": 1})


async def overdue(budget: Any) -> list[tuple[str, str]]:
    budget.service.clock.advance(days=40)
    return [(one["id"], one["waiting_for"]) for one in await budget.get("/v1/overdue") if one["kind"] != "hold"]


async def test_an_advance_is_paid_by_three_steps_and_recovered_by_what_is_accepted(budget: Any, procedure: Any) -> None:
    case = procedure()
    line = await signed(budget, case)
    asked = await ask(budget, case)
    assert asked.status_code == 201, asked.text
    order = asked.json()
    assert (order["kind"], order["state"], order["period"]) == ("advance", "due", "advance")
    assert [step["step"] for step in order["derivation"]] == ["advance-limit", "advanced-before", "advance"]
    assert "p-finance" not in asked.text
    for attempt, code in (
        (budget.approve(order["id"], "p-finance"), "second-person-needed"),
        (budget.pay(order["id"], eur(300)), "order-not-approved"),
    ):
        assert (await attempt).json()["code"] == code
    await budget.approve(order["id"], "p-finance-2")
    assert (await budget.pay(order["id"], eur(300), person="p-finance-2")).json()["code"] == "second-person-needed"
    assert (await budget.pay(order["id"], eur(300), PAYMENT)).status_code == 201
    assert (await budget.pay(order["id"], eur(300), PAYMENT)).status_code == 200
    free = {"appropriated": 2_000, "available": 1_000}
    assert await budget.balances(line) == {**free, "committed": 700, "advance": 300}
    await budget.check_books()
    # Grade B: 237.50 are payable, 12.50 held; 3/10 of 237.50 are 71.25, so 166.25 are to be paid.
    await budget.service.deliver("evaluation", case.graded("2026-01", "B"))
    await budget.check_books()
    notice = await budget.get(f"/v1/contracts/{case.contract}/notice?period=2026-01")
    sums = {name: notice[name]["amount"] for name in ("due", "paid", "recovered", "payable", "held", "deducted")}
    assert sums == {
        "due": "250.00",
        "paid": "71.25",
        "recovered": "71.25",
        "payable": "166.25",
        "held": "12.50",
        "deducted": "0.00",
    }
    page = await budget.service.client.get(f"/v1/contracts/{case.contract}/notice/page?period=2026-01")
    assert "Paid in advance, and recovered now: 71.25 EUR, that is 237.50 * 300.00 / 1000.00, half up." in page.text
    (shown,) = (await budget.get(f"/v1/procedures/{case.ocid}"))["contracts"]
    assert {name: shown["advances"][0][name]["amount"] for name in ("paid", "recovered", "outstanding")} == {
        "paid": "300.00",
        "recovered": "71.25",
        "outstanding": "228.75",
    }
    for period in ("2026-02", "2026-03", "2026-04"):
        await budget.service.deliver("evaluation", case.graded(period, "A"))
        await budget.check_books()
    await budget.pay_all()
    assert await budget.balances(line) == {**free, "held": 12, "paid": 987}
    await budget.check_books()
    types = await budget.types()
    assert types.count("budget.advance-paid.v1") == 1
    assert types.count("budget.advance-recovered.v1") == 4
    assert [one["agrees"] for one in await _accounts(budget)] == [True]


async def test_an_advance_that_makes_no_sense_is_refused(budget: Any, procedure: Any) -> None:
    case = procedure()
    await signed(budget, case)
    types = await budget.types()
    for asked, status, code in (
        ({"amount": said(301)}, 409, "advance-above-limit"),
        ({"amount": said(0)}, 422, "amount-not-positive"),
        ({"amount": said(-1)}, 422, "amount-not-positive"),
        ({"amount": said(1, "USD")}, 422, "currency-differs"),
        ({"contract": str(derived_id("no-contract"))}, 409, "contract-unknown"),
        ({"ocid": "ocds-test-9"}, 404, "not-found"),
        ({"payee": "org-friend"}, 422, "unknown-field"),
        ({"reason": None}, 422, "value-invalid"),
    ):
        refused = await ask(budget, case, **asked)
        assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
    assert (await budget.get("/v1/payment-orders"))["items"] == []
    assert await budget.types() == types


async def test_an_advance_is_refused_when_the_pack_says_nothing_or_earlier_ones_leave_less(
    budget: Any, procedure: Any
) -> None:
    chinese, case = procedure(1), procedure(2)
    await signed(budget, chinese, pack=PinnedPack(id="cn-services", version="1.2.0"))
    refused = (await ask(budget, chinese)).json()
    assert (refused["code"], refused["rule"]) == ("advance-not-provided-for", "payment.advance")
    line = (await budget.get("/v1/lines"))["items"][0]["id"]
    await budget.service.deliver("tender", case.requested(line, eur(1_000)), case.signed(250, 250, 250, 250))
    assert (await ask(budget, case, 200)).status_code == 201
    assert (await ask(budget, case, 101)).json()["code"] == "advance-above-rest"
    assert (await ask(budget, case, 100)).status_code == 201
    await budget.check_books()


async def test_only_those_who_may_ask_for_advances_and_enter_repayments(budget: Any, procedure: Any) -> None:
    case = procedure()
    await signed(budget, case)
    order = await advanced(budget, case)
    body = {"ocid": case.ocid, "contract": str(case.contract), "amount": said(1), "reason": "Vans."}
    for role in ("treasurer", "procurement-officer", "provider", "auditor"):
        headers = budget.service.headers("p-any", "org-city", role)
        refused = await budget.service.client.post("/v1/advances", json=body, headers=headers)
        assert refused.json()["code"] == "role-missing"
    for role in ("finance-officer", "procurement-officer", "provider", "auditor"):
        headers = budget.service.headers("p-any", "org-city", role)
        path = f"/v1/advances/{order}/repayments/{REPAYMENT}"
        refused = await budget.service.client.put(path, json={"amount": said(1)}, headers=headers)
        assert refused.json()["code"] == "role-missing"


async def test_what_is_outstanding_when_the_contract_ends_is_overdue_until_it_is_repaid(
    budget: Any, procedure: Any
) -> None:
    case = procedure()
    line = await signed(budget, case)
    order = await advanced(budget, case)
    assert (await repay(budget, order, 1)).json()["code"] == "repayment-above-owed"
    await budget.service.deliver("evaluation", case.graded("2026-01", "A"))
    await budget.pay_all()
    await end(budget, case)
    assert (await ask(budget, case, 1)).json()["code"] == "contract-terminated"
    balances = {"appropriated": 2_000, "available": 1_525, "advance": 225, "paid": 250}
    assert await budget.balances(line) == balances
    await budget.check_books()
    assert await overdue(budget) == [(order, "the repayment of the advance")]
    first = await repay(budget, order, 100, reference="2026/88")
    assert (first.status_code, first.json()["advance"]["owed_back"]) == (201, said(125))
    again = await repay(budget, order, 100, reference="2026/88")
    assert (again.status_code, again.json()) == (200, first.json())
    assert (await repay(budget, order, 101)).json()["code"] == "exists-with-different-amount"
    other = derived_id("test-repayment", 2)
    assert (await repay(budget, order, 126, other)).json()["code"] == "repayment-above-owed"
    assert (await repay(budget, order, 0, other)).json()["code"] == "amount-not-positive"
    assert (await repay(budget, order, 125, other)).status_code == 201
    assert await budget.balances(line) == {"appropriated": 2_000, "available": 1_750, "paid": 250}
    assert await overdue(budget) == []
    types = await budget.types()
    assert types[-4:] == ["budget.advance-repaid.v1", "budget.released.v1"] * 2
    await budget.check_books()
    assert [one["agrees"] for one in await _accounts(budget)] == [True]


async def test_a_repayment_is_of_an_advance(budget: Any, procedure: Any) -> None:
    case = procedure()
    await signed(budget, case)
    await budget.service.deliver("evaluation", case.graded("2026-01", "A"))
    (order,) = (await budget.get("/v1/payment-orders"))["items"]
    assert (await repay(budget, order["id"], 1)).json()["code"] == "order-not-advance"
    assert (await repay(budget, str(derived_id("no-order")), 1)).status_code == 404


async def test_an_advance_that_nobody_paid_is_withdrawn_when_the_contract_ends(budget: Any, procedure: Any) -> None:
    case = procedure()
    await signed(budget, case)
    order = (await ask(budget, case)).json()["id"]
    await end(budget, case)
    assert (await budget.get(f"/v1/payment-orders/{order}"))["state"] == "withdrawn"
    assert (await budget.approve(order, "p-finance-2")).json()["code"] == "order-withdrawn"
    assert await overdue(budget) == []
    await budget.check_books()


async def test_a_new_provider_is_paid_once_the_former_one_has_repaid(budget: Any, procedure: Any) -> None:
    case = procedure()
    line = await signed(budget, case)
    order = await advanced(budget, case)
    gone_over = Assigned(
        ocid=case.ocid,
        contract=case.contract,
        before=SUPPLIER,
        supplier=Organisation(id="heir", name="Heir"),
        ground="succession",
        reason="A merger.",
        assigned_at=AT,
        rule="contract-assignment.grounds",
        source="An act",
    )
    await budget.service.deliver("tender", gone_over)
    grades = [case.graded(f"2026-{month:02}", "A", provider="heir") for month in (1, 2, 3)]
    await budget.service.deliver("evaluation", *grades)
    balances = {"appropriated": 2_000, "available": 1_000}
    assert await budget.balances(line) == {**balances, "committed": 200, "advance": 300, "accrued": 500}
    assert (order, "the repayment of the advance") in await overdue(budget)
    assert (await repay(budget, order, 300)).status_code == 201
    assert await budget.balances(line) == {**balances, "committed": 250, "accrued": 750}
    await budget.check_books()


@pytest.mark.parametrize("accepted", [0, 2])
async def test_an_advance_that_the_bank_returns_is_undone(
    budget: Any, procedure: Any, camt: Any, movement: Any, accepted: int
) -> None:
    case = procedure()
    line = await signed(budget, case)
    await confirm_accounts(budget)
    order = await advanced(budget, case)
    await send(budget)
    for month in range(1, accepted + 1):
        await budget.service.deliver("evaluation", case.graded(f"2026-{month:02}", "A"))
    await send_back(budget, camt, movement)
    owed = {"accrued": 250 * accepted} if accepted else {}
    expected = {"appropriated": 2_000, "available": 1_000, "committed": 1_000 - 250 * accepted, **owed}
    assert await budget.balances(line) == expected
    await budget.check_books()
    shown = await budget.get(f"/v1/payment-orders/{order}")
    assert (shown["state"], shown["paid"]["amount"]) == ("approved", "0.00")
    assert [one["agrees"] for one in await _accounts(budget)] == [True]
    await budget.pay_all()
    assert (await budget.pay(order, eur(300))).status_code == 201
    await budget.check_books()
    for month in range(1, accepted + 1):
        notice = await budget.get(f"/v1/contracts/{case.contract}/notice?period=2026-{month:02}")
        assert (notice["paid"]["amount"], notice["recovered"]["amount"]) == ("250.00", "0.00")


@pytest.mark.parametrize("policy", ["carry-forward", "lapse"])
async def test_an_advance_goes_over_to_the_next_year(
    budget: Any, procedure: Any, camt: Any, movement: Any, policy: str
) -> None:
    case = procedure()
    line = await signed(budget, case)
    await confirm_accounts(budget)
    await advanced(budget, case)
    await send(budget)
    await budget.service.deliver("evaluation", case.graded("2026-01", "A"))
    budget.service.clock.set(NEXT_YEAR)
    await budget.close_year(2026, policy)
    await budget.check_books()
    shown = await budget.get(f"/v1/procedures/{case.ocid}")
    assert (shown["line"] != line, shown["advance"]) == (True, said(225))
    (event,) = [one for one in await budget.service.published() if one.type == "budget.carried-forward.v1"]
    assert event.data["advance"] == said(225)
    kept = policy == "carry-forward"
    bound = {"committed": 525} if kept else {}
    granted = 925 if kept else 400
    assert await budget.balances(shown["line"]) == {"appropriated": granted, "advance": 225, "accrued": 175, **bound}
    # Where less is bound for it than it is worth, the next period waits for the opening of the year.
    await budget.service.deliver("evaluation", case.graded("2026-02", "A"))
    await budget.check_books()
    after = await budget.balances(shown["line"])
    if not kept:
        assert after == {"appropriated": granted, "advance": 225, "accrued": 175}
        return
    assert after == {"appropriated": granted, "committed": 350, "advance": 150, "accrued": 350, "paid": 75}
    # The advance comes back: what it paid in the closed year is owed again from the line of this one.
    await send_back(budget, camt, movement)
    assert await budget.balances(shown["line"]) == {"appropriated": granted + 75, "committed": 500, "accrued": 500}
    assert (await budget.balances(line)).get("paid") is None
    await budget.check_books()
    assert [one["agrees"] for one in await _accounts(budget)] == [True]


async def test_nothing_is_paid_in_advance_from_closed_books(budget: Any, procedure: Any) -> None:
    case = procedure()
    await signed(budget, case)
    await end(budget, case)
    budget.service.clock.set(NEXT_YEAR)
    await budget.close_year(2026, "carry-forward")
    refused = await ask(budget, case, 1)
    assert (refused.status_code, refused.json()["code"]) == (409, "fiscal-year-closed")


async def test_no_report_counts_an_advance_as_delivered(budget: Any, procedure: Any) -> None:
    case = procedure()
    await signed(budget, case)
    asked = await ask(budget, case)
    flow = (await budget.get("/v1/reports/cash-flow"))["rows"]
    assert sum(float(one["ordered"]["amount"]) for one in flow) == 300
    assert sum(float(one["expected"]["amount"]) for one in flow) == 700
    assert (await budget.get("/v1/reports/ageing"))["rows"] == []
    await budget.approve(asked.json()["id"], "p-finance-2")
    assert (await budget.pay(asked.json()["id"], eur(300))).status_code == 201
    flow = (await budget.get("/v1/reports/cash-flow"))["rows"]
    assert sum(float(one["amount"]["amount"]) for one in flow) == 700
    (execution,) = (await budget.get("/v1/reports/budget-execution?year=2026"))["rows"]
    assert (execution["actual"], execution["encumbered"]) == (said(0), said(1_000))
    assert (await budget.get("/v1/reports/late-payments?year=2026"))["rows"] == []


async def test_the_database_holds_advances_to_what_is_bound(budget: Any, procedure: Any) -> None:
    case = procedure()
    await signed(budget, case)
    order = await advanced(budget, case)
    await end(budget, case)
    assert (await repay(budget, order, 300)).status_code == 201
    for wrong in (
        "UPDATE funds SET advance = advance + 1",
        "UPDATE funds SET advance = -1",
        "UPDATE payment_orders SET state = 'withdrawn', kind = 'period'",
    ):
        with pytest.raises(IntegrityError):
            await budget.service.execute(wrong)
    for changed in ("UPDATE advance_repayments SET amount = 1", "DELETE FROM advance_repayments"):
        with pytest.raises(DBAPIError, match="permission denied"):
            await budget.service.execute(changed)


async def _accounts(budget: Any) -> list[dict[str, Any]]:
    headers = budget.service.headers("p-auditor", "org-city", "auditor")
    shown = await budget.service.client.get("/v1/reconciliation", headers=headers)
    return list(shown.json()["processes"])
