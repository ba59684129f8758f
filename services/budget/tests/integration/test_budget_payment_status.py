"""A bank that rejects payments before it books them: they are undone, owed again, and paid anew."""

from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from shared.kernel.ids import derived_id
from shared.kernel.money import Money

ACCOUNTS = {
    "org-city": {"name": "City of Kingston", "iban": "DE89370400440532013000"},
    "org-oarsmen": {"name": "Oarsmen Care", "iban": "GB29NWBK60161331926819"},
}
FIRST, SECOND, THIRD = (derived_id("test-payment", number) for number in (1, 2, 3))


def person(budget: Any, role: str, name: str | None = None) -> dict[str, str]:
    return dict(budget.service.headers(name or f"p-{role}", "org-city", role))


async def make_file(budget: Any) -> Any:
    body = {"currency": "EUR", "execution_on": "2026-03-30"}
    answer = await budget.service.client.post("/v1/payment-files", json=body, headers=person(budget, "treasurer"))
    assert answer.status_code == 201, answer.text
    return answer.json()


async def sent(budget: Any, procedure: Any) -> str:
    """Pay 400 and 600 and hand them to the bank; return the file's id as it writes it."""
    for organisation, body in ACCOUNTS.items():
        path = f"/v1/payees/{organisation}/account"
        entered = await budget.service.client.put(path, json=body, headers=person(budget, "finance-officer"))
        second = {**person(budget, "finance-officer", "p-second"), "If-Match": entered.headers["ETag"]}
        assert (await budget.service.client.post(f"{path}/confirmation", headers=second)).status_code == 200
    line, told = await budget.appropriate(100_000), procedure()
    await budget.service.deliver("tender", told.requested(line, Money(100_000, "EUR")), told.signed(400, 600))
    await budget.service.deliver("evaluation", told.graded("2026-01", "A"), told.graded("2026-02", "A"))
    for order in (await budget.get("/v1/payment-orders"))["items"]:
        await budget.approve(order["id"])
        first = order["period"] == "2026-01"
        amount, payment = (Money(40_000, "EUR"), FIRST) if first else (Money(60_000, "EUR"), SECOND)
        assert (await budget.pay(order["id"], amount, payment)).status_code == 201
    return str((await make_file(budget))["id"]).replace("-", "")


async def take(budget: Any, message: Any, role: str = "finance-officer", to: str = "payment-status-reports") -> Any:
    headers = {**person(budget, role), "Content-Type": "application/octet-stream"}
    return await budget.service.client.post(f"/v1/{to}", content=message.content(), headers=headers)


async def reconciliation(budget: Any) -> Any:
    return (await budget.service.client.get("/v1/reconciliation", headers=person(budget, "auditor"))).json()


async def feed(budget: Any) -> list[tuple[str, str]]:
    return [(one["fact"], one["payment"]) for one in (await budget.get("/v1/payment-feed"))["items"]]


async def test_rejected_payment_is_undone_once_and_made_anew(
    budget: Any, procedure: Any, pain: Any, camt: Any, movement: Any
) -> None:
    file = await sent(budget, procedure)
    report = pain(file=file, whole="PART", payments=[(FIRST.hex, "RJCT", "AC04"), (SECOND.hex, "ACSP", None)])
    taken = await take(budget, report)
    assert (taken.status_code, taken.json()["outcomes"]) == (201, {"accepted": 1, "rejected": 1})
    event = (await budget.service.published())[-1]
    assert (event.type, event.data["payment"]) == ("budget.payment-returned.v1", str(FIRST))
    assert (event.data["rejected"], event.data["reason"]) == (True, "AC04")
    orders = {one["period"]: one for one in (await budget.get("/v1/payment-orders"))["items"]}
    assert (orders["2026-01"]["state"], orders["2026-01"]["paid"]["amount"]) == ("approved", "0.00")
    assert (orders["2026-02"]["state"], orders["2026-02"]["paid"]["amount"]) == ("paid", "600.00")
    (line,) = (await budget.get("/v1/lines"))["items"]
    assert (line["balances"]["accrued"]["amount"], line["balances"]["paid"]["amount"]) == ("400.00", "600.00")
    await budget.check_books()
    # The same report again, and the same rejection in another one, change nothing.
    known = await budget.types()
    again = await take(budget, report)
    assert (again.status_code, again.json()) == (200, taken.json())
    other = await take(budget, pain(file=file, identifier="R-1", payments=[(FIRST.hex, "RJCT", "AC06")]))
    assert (other.status_code, other.json()["code"]) == (409, "exists-with-different-content")
    later = await take(budget, pain(file=file, identifier="R-2", payments=[(FIRST.hex, "RJCT", "AC04")]))
    assert later.json()["outcomes"] == {"repeated": 1}
    assert await budget.types() == known
    # It is paid under another id, in another file; what was rejected is neither missing nor booked.
    assert (await budget.pay(orders["2026-01"]["id"], Money(40_000, "EUR"), THIRD)).status_code == 201
    assert (await make_file(budget))["payments"] == [str(THIRD)]
    booked = [movement("600.00", SECOND.hex, reference="E-1"), movement("400.00", THIRD.hex, reference="E-2")]
    statement = await take(budget, camt(movements=booked), to="bank-statements")
    assert statement.json()[0]["outcomes"] == {"matched": 2}
    shown = await reconciliation(budget)
    (process,) = shown["processes"]
    sides = {side: process[side]["amount"] for side in ("ledger", "payments", "confirmed", "outstanding")}
    assert sides == {"ledger": "1000.00", "payments": "1000.00", "confirmed": "1000.00", "outstanding": "0.00"}
    assert (process["agrees"], shown["mismatches"]) == (True, [])
    (provider,) = (await budget.get("/v1/reports/payments-by-provider?year=2026"))["rows"]
    assert (provider["payments"], provider["amount"]["amount"]) == (2, "1000.00")
    assert [fact for fact, payment in await feed(budget) if payment == str(FIRST)] == ["made", "sent", "rejected"]
    await budget.check_books()
    for table in ("payment_status_reports", "reported_payments"):
        with pytest.raises(DBAPIError, match="insert-only"):
            await budget.service.execute_as_owner(f"DELETE FROM {table}")


async def test_whole_file_is_undone_when_it_is_rejected(budget: Any, procedure: Any, pain: Any, camt: Any) -> None:
    file = await sent(budget, procedure)
    # A statement came first: both payments are missing in it, which the rejection explains.
    await take(budget, camt(), to="bank-statements")
    assert [one["outcome"] for one in (await reconciliation(budget))["mismatches"]] == ["missing", "missing"]
    taken = await take(budget, pain(file=file, whole="RJCT", reason="FF01"))
    assert taken.json()["outcomes"] == {"rejected": 2}
    shown = await reconciliation(budget)
    assert (shown["mismatches"], shown["processes"][0]["payments"]["amount"]) == ([], "0.00")
    assert shown["processes"][0]["agrees"] is True
    await budget.check_books()


async def test_what_the_bank_says_of_others_or_against_itself_is_a_difference(
    budget: Any, procedure: Any, pain: Any, camt: Any, movement: Any
) -> None:
    await sent(budget, procedure)
    strange = [("E-77", "RJCT", None), (FIRST.hex, "RJCT", "AC04")]
    taken = await take(budget, pain(whole="RJCT", payments=strange))
    assert taken.json()["outcomes"] == {"rejected": 1, "unknown": 2}
    # It books what it had rejected, and rejects what it has booked.
    booked = [movement("400.00", FIRST.hex, reference="E-1"), movement("600.00", SECOND.hex, reference="E-2")]
    statement = await take(budget, camt(movements=booked), to="bank-statements")
    assert statement.json()[0]["outcomes"] == {"matched": 1, "status-differs": 1}
    contrary = await take(budget, pain(identifier="R-2", payments=[(SECOND.hex, "RJCT", "AC04")]))
    assert contrary.json()["outcomes"] == {"differs": 1}
    shown = (await reconciliation(budget))["mismatches"]
    assert sorted((one["outcome"], one["payment"]) for one in shown if one["payment"]) == sorted(
        [("status-differs", str(FIRST)), ("status-differs", str(SECOND))]
    )
    assert [one["outcome"] for one in shown if not one["payment"]] == ["unknown-entry", "unknown-entry"]
    await budget.check_books()


@pytest.mark.parametrize(
    ("role", "status"),
    [("finance-officer", 201), ("treasurer", 403), ("auditor", 403), ("provider", 403), ("procurement-officer", 403)],
)
async def test_report_is_taken_in_by_finance_officers_alone(budget: Any, pain: Any, role: str, status: int) -> None:
    assert (await take(budget, pain(whole="RJCT"), role)).status_code == status


async def test_payments_of_another_organisation_are_no_business_of_a_report(
    budget: Any, procedure: Any, pain: Any
) -> None:
    file = await sent(budget, procedure)
    headers = {
        **budget.service.headers("p-elsewhere", "org-village", "finance-officer"),
        "Content-Type": "application/octet-stream",
    }
    report = pain(file=file, whole="RJCT", payments=[(FIRST.hex, "RJCT", None)])
    taken = await budget.service.client.post("/v1/payment-status-reports", content=report.content(), headers=headers)
    assert taken.json()["outcomes"] == {"unknown": 2}
    assert [one["state"] for one in (await budget.get("/v1/payment-orders"))["items"]] == ["paid", "paid"]
