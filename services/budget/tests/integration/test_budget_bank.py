"""Between the ledger and the bank: files of payments, statements, and what becomes of what differs."""

import asyncio
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from defusedxml.ElementTree import fromstring
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.contracts.tender import PinnedPack
from shared.kernel.ids import derived_id
from shared.kernel.money import Money

CITY = {"name": "City of Kingston", "iban": "DE89370400440532013000"}
OARSMEN = {"name": "Oarsmen Care", "iban": "GB29NWBK60161331926819"}
FILE = {"currency": "EUR", "execution_on": "2026-03-30"}
PAIN = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}"
FIRST, SECOND = derived_id("test-payment", 1), derived_id("test-payment", 2)


def person(budget: Any, role: str, name: str | None = None) -> dict[str, str]:
    return dict(budget.service.headers(name or f"p-{role}", "org-city", role))


async def account(budget: Any, organisation: str, body: dict[str, str]) -> None:
    """Enter an account and have it confirmed."""
    path = f"/v1/payees/{organisation}/account"
    entered = await budget.service.client.put(path, json=body, headers=person(budget, "finance-officer"))
    headers = {**person(budget, "finance-officer", "p-second"), "If-Match": entered.headers["ETag"]}
    assert (await budget.service.client.post(f"{path}/confirmation", headers=headers)).status_code == 200


async def paid(budget: Any, procedure: Any, *units: int) -> str:
    """Pay periods worth so many euros, under known ids; return the line."""
    line = await budget.appropriate(100_000)
    told = procedure()
    await budget.service.deliver("tender", told.requested(line, Money(10_000_000, "EUR")), told.signed(*units))
    for number in range(1, len(units) + 1):
        await budget.service.deliver("evaluation", told.graded(f"2026-{number:02}", "A"))
    orders = {one["period"]: one["id"] for one in (await budget.get("/v1/payment-orders"))["items"]}
    for number, each in enumerate(units, 1):
        order = orders[f"2026-{number:02}"]
        await budget.approve(order)
        answer = await budget.pay(order, Money(each * 100, "EUR"), derived_id("test-payment", number))
        assert answer.status_code == 201, answer.text
    return str(line)


async def make_file(budget: Any, **changed: str) -> Any:
    body = {**FILE, **changed}
    return await budget.service.client.post("/v1/payment-files", json=body, headers=person(budget, "treasurer"))


async def sent(budget: Any, procedure: Any, *units: int) -> str:
    """Pay periods and hand them to the bank; return the file's id."""
    await account(budget, "org-city", CITY)
    await account(budget, "org-oarsmen", OARSMEN)
    await paid(budget, procedure, *units)
    made = await make_file(budget)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def take(budget: Any, content: bytes, role: str = "finance-officer") -> Any:
    headers = {**person(budget, role), "Content-Type": "application/octet-stream"}
    return await budget.service.client.post("/v1/bank-statements", content=content, headers=headers)


async def reconciliation(budget: Any) -> Any:
    shown = await budget.service.client.get("/v1/reconciliation", headers=person(budget, "auditor"))
    assert shown.status_code == 200, shown.text
    return shown.json()


async def feed(budget: Any) -> list[tuple[str, UUID]]:
    return [(one["fact"], UUID(one["payment"])) for one in (await budget.get("/v1/payment-feed"))["items"]]


async def differences(budget: Any) -> list[tuple[str, str | None]]:
    return [(one["outcome"], one["payment"]) for one in (await reconciliation(budget))["mismatches"]]


async def test_a_file_holds_what_was_paid_and_stands_in_no_file(budget: Any, procedure: Any) -> None:
    await account(budget, "org-city", CITY)
    await account(budget, "org-oarsmen", OARSMEN)
    await paid(budget, procedure, 400, 600)
    made = await make_file(budget)
    assert made.status_code == 201, made.text
    shown = made.json()
    assert (shown["count"], shown["control_sum"]) == (2, {"amount": "1000.00", "currency": "EUR"})
    assert shown["left_out"] == []
    path = f"/v1/payment-files/{shown['id']}"
    message = await budget.service.client.get(f"{path}.xml", headers=person(budget, "treasurer"))
    assert message.headers["Content-Type"] == "application/xml"
    written = fromstring(message.content)
    assert [one.text for one in written.iter(f"{PAIN}EndToEndId")] == [FIRST.hex, SECOND.hex]
    assert [one.text for one in written.iter(f"{PAIN}IBAN")] == [CITY["iban"], *[OARSMEN["iban"]] * 2]
    again = await budget.service.client.get(f"{path}.xml", headers=person(budget, "auditor"))
    assert again.content == message.content
    file = (await budget.service.client.get(path, headers=person(budget, "auditor"))).json()
    listed = (await budget.service.client.get("/v1/payment-files", headers=person(budget, "auditor"))).json()
    assert listed["items"] == [file]
    assert OARSMEN["iban"] not in str(shown) + str(file)
    # What is in a file is in no other.
    nothing = await make_file(budget)
    assert (nothing.status_code, nothing.json()["code"]) == (409, "no-payment-to-send")


async def test_no_payment_is_in_two_files_that_are_made_at_once(budget: Any, procedure: Any) -> None:
    await account(budget, "org-city", CITY)
    await account(budget, "org-oarsmen", OARSMEN)
    await paid(budget, procedure, *[100] * 9)
    answers = await asyncio.gather(*(make_file(budget) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 5]


async def test_a_payee_without_a_confirmed_account_waits(budget: Any, procedure: Any) -> None:
    await account(budget, "org-city", CITY)
    await paid(budget, procedure, 400)
    await budget.service.client.put(
        "/v1/payees/org-oarsmen/account", json=OARSMEN, headers=person(budget, "finance-officer")
    )
    waits = await make_file(budget)
    assert (waits.status_code, waits.json()["code"]) == (409, "no-payment-to-send")
    # One person more, and it goes; a changed account that one person has entered is not used.
    headers = {**person(budget, "finance-officer", "p-second"), "If-Match": '"1"'}
    await budget.service.client.post("/v1/payees/org-oarsmen/account/confirmation", headers=headers)
    await budget.service.client.put(
        "/v1/payees/org-oarsmen/account",
        json={"name": "Oarsmen Care", "iban": "BE68539007547034"},
        headers=person(budget, "finance-officer"),
    )
    made = (await make_file(budget)).json()
    message = await budget.service.client.get(
        f"/v1/payment-files/{made['id']}.xml", headers=person(budget, "treasurer")
    )
    assert OARSMEN["iban"] in message.text
    assert "BE68539007547034" not in message.text


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"execution_on": "2026-03-01"}, 422, "execution-day-passed"),
        ({"currency": "USD"}, 409, "no-payment-to-send"),
        ({"currency": "eur"}, 422, None),
        ({"account": "DE89370400440532013000"}, 422, None),
    ],
)
async def test_a_file_that_makes_no_sense_is_refused(
    budget: Any, procedure: Any, changed: dict[str, str], status: int, code: str | None
) -> None:
    await account(budget, "org-city", CITY)
    await account(budget, "org-oarsmen", OARSMEN)
    await paid(budget, procedure, 400)
    refused = await make_file(budget, **changed)
    assert refused.status_code == status, refused.text
    assert code is None or refused.json()["code"] == code
    assert await feed(budget) == [("made", FIRST)]


async def test_nothing_is_paid_from_an_account_that_nobody_confirmed(budget: Any, procedure: Any) -> None:
    await paid(budget, procedure, 400)
    refused = await make_file(budget)
    assert (refused.status_code, refused.json()["code"]) == (409, "payer-account-unconfirmed")


async def test_the_bank_confirms_what_was_paid(budget: Any, procedure: Any, camt: Any, movement: Any) -> None:
    await sent(budget, procedure, 400, 600)
    before = (await reconciliation(budget))["processes"][0]
    assert (before["payments"]["amount"], before["outstanding"]["amount"]) == ("1000.00", "1000.00")
    movements = [movement("400.00", FIRST.hex, reference="E-1"), movement("600.00", SECOND.hex, reference="E-2")]
    taken = await take(budget, camt(movements=movements).content())
    assert taken.status_code == 201, taken.text
    (statement,) = taken.json()
    assert (statement["outcomes"], statement["account"]) == ({"matched": 2}, "…3000")
    listed = await budget.service.client.get("/v1/bank-statements", headers=person(budget, "auditor"))
    assert listed.json() == {"items": [statement], "next": None}
    shown = await reconciliation(budget)
    (process,) = shown["processes"]
    thousand = {"amount": "1000.00", "currency": "EUR"}
    assert {side: process[side] for side in ("accrued", "ordered", "ledger", "payments", "confirmed")} == dict.fromkeys(
        ("accrued", "ordered", "ledger", "payments", "confirmed"), thousand
    )
    assert (process["outstanding"]["amount"], process["agrees"], shown["mismatches"]) == ("0.00", True, [])
    assert [fact for fact, _ in await feed(budget)] == ["made", "made", "sent", "sent", "confirmed", "confirmed"]


async def test_a_statement_that_comes_again_changes_nothing(
    budget: Any, procedure: Any, camt: Any, movement: Any
) -> None:
    await sent(budget, procedure, 400)
    written = camt(movements=[movement("400.00", FIRST.hex), movement("7.00")])
    first = await take(budget, written.content())
    published = await budget.types()
    again = await take(budget, written.content())
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert await budget.types() == published
    other = await take(budget, camt(movements=[movement("400.00", FIRST.hex)]).content())
    assert (other.status_code, other.json()["code"]) == (409, "exists-with-different-content")


async def test_a_difference_is_reported_in_the_same_run(budget: Any, procedure: Any, camt: Any, movement: Any) -> None:
    await sent(budget, procedure, 400, 600)
    written = camt(movements=[movement("399.00", FIRST.hex), movement("7.00", reference="E-9")])
    assert (await take(budget, written.content())).json()[0]["outcomes"] == {
        "amount-differs": 1,
        "unknown-entry": 1,
        "missing": 1,
    }
    shown = (await reconciliation(budget))["mismatches"]
    assert {(one["outcome"], one["payment"]) for one in shown} == {
        ("amount-differs", str(FIRST)),
        ("unknown-entry", None),
        ("missing", str(SECOND)),
    }
    overdue = await budget.get("/v1/overdue")
    assert {one["id"] for one in overdue if one["kind"] == "mismatch"} == {one["id"] for one in shown}
    told = [event for event in await budget.service.published() if event.type == "budget.mismatch-found.v1"]
    assert {event.subject for event in told} == {one["id"] for one in shown}
    odd = next(event.data for event in told if event.data["outcome"] == "unknown-entry")
    assert (odd["found"], odd["payment"], odd["ocid"]) == (None, None, None)
    differs = next(event.data for event in told if event.data["outcome"] == "amount-differs")
    assert (differs["expected"]["amount"], differs["found"]["amount"]) == ("400.00", "399.00")
    assert differs["ocid"] == "ocds-test-1"
    await budget.check_books()


async def test_what_was_missing_is_settled_by_a_later_statement(
    budget: Any, procedure: Any, camt: Any, movement: Any
) -> None:
    await sent(budget, procedure, 400)
    await take(budget, camt().content())
    assert await differences(budget) == [("missing", str(FIRST))]
    # A further run finds it again and reports it no second time.
    await take(budget, camt(identifier="2026-061").content())
    assert (await budget.types()).count("budget.mismatch-found.v1") == 1
    await take(budget, camt(identifier="2026-062", movements=[movement("400.00", FIRST.hex)]).content())
    assert await differences(budget) == []
    settled = (await budget.service.published())[-1]
    assert (settled.type, settled.data["state"]) == ("budget.mismatch-settled.v1", "resolved")
    assert [one for one in await budget.get("/v1/overdue") if one["kind"] == "mismatch"] == []


async def test_a_payment_of_a_closed_year_is_owed_from_the_next_years_line_when_it_comes_back(
    budget: Any, procedure: Any, camt: Any, movement: Any
) -> None:
    await sent(budget, procedure, 400)
    await take(budget, camt(movements=[movement("400.00", FIRST.hex)]).content())
    budget.service.clock.set(datetime(2027, 1, 8, tzinfo=UTC))
    await budget.close_year(2026, "lapse")
    back = movement("400.00", FIRST.hex, "CRDT", return_reason="AC04")
    assert (await take(budget, camt(identifier="2026-061", movements=[back]).content())).status_code in {200, 201}
    old, new = sorted((await budget.get("/v1/lines"))["items"], key=lambda one: one["fiscal_year"])
    assert old["balances"]["released"] == old["balances"]["appropriated"]
    assert await budget.balances(new["id"]) == {"appropriated": 400, "accrued": 400}
    (order,) = (await budget.get("/v1/payment-orders"))["items"]
    assert (order["state"], order["line"]) == ("approved", new["id"])
    await budget.check_books()
    assert (await budget.pay(order["id"], Money(40_000, "EUR"), SECOND)).status_code == 201
    assert await budget.balances(new["id"]) == {"appropriated": 400, "paid": 400}
    (process,) = (await reconciliation(budget))["processes"]
    assert (process["payments"]["amount"], process["outstanding"]["amount"], process["agrees"]) == (
        "400.00",
        "400.00",
        True,
    )
    await budget.check_books()


async def test_a_returned_payment_is_undone_and_can_be_made_anew(
    budget: Any, procedure: Any, camt: Any, movement: Any
) -> None:
    await sent(budget, procedure, 400)
    await take(budget, camt(movements=[movement("400.00", FIRST.hex)]).content())
    back = movement("400.00", FIRST.hex, "CRDT", return_reason="AC04")
    taken = await take(budget, camt(identifier="2026-061", movements=[back]).content())
    assert taken.json()[0]["outcomes"] == {"returned": 1}
    (line,) = (await budget.get("/v1/lines"))["items"]
    assert (line["balances"]["accrued"]["amount"], line["balances"]["paid"]["amount"]) == ("400.00", "0.00")
    (order,) = (await budget.get("/v1/payment-orders"))["items"]
    assert (order["state"], order["paid"]["amount"]) == ("approved", "0.00")
    event = (await budget.service.published())[-1]
    assert (event.type, event.data["reason"]) == ("budget.payment-returned.v1", "AC04")
    assert await differences(budget) == []
    await budget.check_books()

    assert (await budget.pay(order["id"], Money(40_000, "EUR"), SECOND)).status_code == 201
    assert (await make_file(budget)).json()["payments"] == [str(SECOND)]
    await take(budget, camt(identifier="2026-062", movements=[movement("400.00", SECOND.hex)]).content())
    (process,) = (await reconciliation(budget))["processes"]
    assert (process["ledger"]["amount"], process["confirmed"]["amount"], process["agrees"]) == (
        "400.00",
        "400.00",
        True,
    )
    assert [fact for fact, _ in await feed(budget)] == [
        *("made", "sent", "confirmed", "returned"),
        *("made", "sent", "confirmed"),
    ]
    await budget.check_books()


async def test_interest_is_charged_once_when_a_late_payment_comes_back(
    budget: Any, procedure: Any, camt: Any, movement: Any
) -> None:
    await account(budget, "org-city", CITY)
    await account(budget, "org-oarsmen", OARSMEN)
    line = await budget.appropriate(20_000)
    told, china = procedure(), PinnedPack(id="cn-services", version="1.1.0")
    await budget.service.deliver(
        "tender", told.requested(line, Money(1_000_000, "EUR")), told.signed(10_000, pack=china)
    )
    await budget.service.deliver("evaluation", told.graded("2026-01", "A"))
    (order,) = (await budget.get("/v1/payment-orders"))["items"]
    await budget.approve(order["id"])
    # Due by 1 April; paid on the 5th, which comes back, and again on the 11th.
    budget.service.clock.set(datetime(2026, 4, 5, 1, tzinfo=UTC))
    assert (await budget.pay(order["id"], Money(1_000_000, "EUR"), FIRST)).status_code == 201
    await make_file(budget, execution_on="2026-04-05")
    there_and_back = [movement("10000.00", FIRST.hex), movement("10000.00", FIRST.hex, "CRDT", return_reason="AC04")]
    await take(budget, camt(movements=there_and_back, closed_on=date(2026, 4, 6)).content())
    budget.service.clock.set(datetime(2026, 4, 11, 1, tzinfo=UTC))
    assert (await budget.pay(order["id"], Money(1_000_000, "EUR"), SECOND)).status_code == 201
    # 10,000.00 * 0.0005 * 4 = 20.00 were charged; of 10,000.00 * 0.0005 * 10 = 50.00, 30.00 are left.
    claims = (await budget.get("/v1/late-interest"))["items"]
    assert [claim["amount"]["amount"] for claim in claims] == ["20.00", "30.00"]
    second = await budget.get(f"/v1/payment-orders/{claims[1]['interest_order']}")
    assert [step["step"] for step in second["derivation"]] == ["late", "late-interest", "charged-before", "owed"]
    await budget.check_books()


async def test_a_ledger_that_says_something_else_than_the_payments_is_found(
    budget: Any, procedure: Any, camt: Any, movement: Any
) -> None:
    await sent(budget, procedure, 400)
    # Somebody with the database in hand takes a euro off what the order says was paid.
    async with budget.service.runtime.engine.begin() as connection:
        await connection.execute(text("UPDATE payment_orders SET state = 'approved', paid = paid - 100"))
    await take(budget, camt(movements=[movement("400.00", FIRST.hex)]).content())
    assert await differences(budget) == [("ledger-differs", None)]


async def test_a_difference_is_explained_by_a_second_person(
    budget: Any, procedure: Any, camt: Any, movement: Any
) -> None:
    await sent(budget, procedure, 400)
    await take(budget, camt(movements=[movement("400.00", FIRST.hex), movement("7.00")]).content())
    ((_, _),) = await differences(budget)
    identifier = (await reconciliation(budget))["mismatches"][0]["id"]
    path, body = f"/v1/mismatches/{identifier}/explanation", {"explanation": "The bank's fee for March."}
    alone = await budget.service.client.post(path, json=body, headers=person(budget, "finance-officer"))
    assert (alone.status_code, alone.json()["code"]) == (403, "second-person-needed")
    second = person(budget, "finance-officer", "p-second")
    explained = await budget.service.client.post(path, json=body, headers=second)
    assert (explained.json()["state"], explained.json()["explanation"]) == ("explained", body["explanation"])
    again = await budget.service.client.post(path, json=body, headers=person(budget, "finance-officer", "p-third"))
    assert (again.status_code, again.json()["code"]) == (409, "mismatch-settled")
    assert [one for one in await budget.get("/v1/overdue") if one["kind"] == "mismatch"] == []


async def test_a_statement_of_another_account_is_refused(budget: Any, procedure: Any, camt: Any) -> None:
    await sent(budget, procedure, 400)
    refused = await take(budget, camt(account="GB29NWBK60161331926819").content())
    assert (refused.status_code, refused.json()["code"]) == (409, "statement-of-another-account")


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b'<!DOCTYPE d [<!ENTITY a "ha">]><d>&a;</d>', 422, "xml-with-declarations"),
        (b"<Document", 422, "xml-malformed"),
        (b"<Document/>", 422, "statement-format-unknown"),
        (b"x" * (10 * 2**20), 413, "body-too-large"),
        (b"", 422, None),
    ],
)
async def test_what_is_no_statement_changes_nothing(budget: Any, content: bytes, status: int, code: str | None) -> None:
    refused = await take(budget, content)
    assert refused.status_code == status, refused.text
    assert code is None or refused.json()["code"] == code
    assert (await reconciliation(budget)) == {"processes": [], "mismatches": []}


async def test_the_feed_is_read_from_where_it_was_left(budget: Any, procedure: Any) -> None:
    await sent(budget, procedure, 400, 600)
    client = budget.service.client
    first = await client.get("/v1/payment-feed?limit=3")
    rest = await client.get(f"/v1/payment-feed?after={first.json()['next']}")
    places = [one["place"] for one in (*first.json()["items"], *rest.json()["items"])]
    assert places == sorted(set(places))
    assert len(places) == 4
    # A fact says the same for ever: what was only made stood in no file.
    assert [one["file"] is None for one in first.json()["items"]] == [True, True, False]
    nothing = await client.get(f"/v1/payment-feed?after={rest.json()['next']}")
    assert (nothing.json()["items"], nothing.json()["next"]) == ([], rest.json()["next"])
    same = await client.get(
        f"/v1/payment-feed?after={rest.json()['next']}", headers={"If-None-Match": nothing.headers["ETag"]}
    )
    assert (same.status_code, same.content) == (304, b"")
    for wrong in ("-1", "x", str(2**70)):
        assert (await client.get(f"/v1/payment-feed?after={wrong}")).status_code == 422


@pytest.mark.parametrize(
    ("role", "files", "statements", "reads", "explains"),
    [
        ("treasurer", 409, 403, 200, 403),
        ("finance-officer", 403, 422, 200, 404),
        ("auditor", 403, 403, 200, 403),
        ("provider", 403, 403, 403, 403),
        ("procurement-officer", 403, 403, 403, 403),
    ],
)
async def test_each_does_what_its_role_lets_it(
    budget: Any, role: str, files: int, statements: int, reads: int, explains: int
) -> None:
    client, body = budget.service.client, {"explanation": "A fee."}
    assert (await client.post("/v1/payment-files", json=FILE, headers=person(budget, role))).status_code == files
    assert (await take(budget, b"<Document/>", role)).status_code == statements
    for path in ("/v1/reconciliation", "/v1/payment-files", "/v1/bank-statements"):
        assert (await client.get(path, headers=person(budget, role))).status_code == reads
        assert (await client.get(path)).status_code == 401
    path = f"/v1/mismatches/{FIRST}/explanation"
    assert (await client.post(path, json=body, headers=person(budget, role))).status_code == explains


@pytest.mark.parametrize(
    "table", ["payment_files", "sent_payments", "bank_statements", "bank_findings", "payment_facts"]
)
async def test_what_was_told_to_and_by_the_bank_is_never_changed(
    budget: Any, procedure: Any, camt: Any, movement: Any, table: str
) -> None:
    await sent(budget, procedure, 400)
    await take(budget, camt(movements=[movement("400.00", FIRST.hex)]).content())
    for statement in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
        with pytest.raises(DBAPIError, match="insert-only"):
            await budget.service.execute_as_owner(statement)
