"""The budget over HTTP."""

from typing import Any

import pytest

from shared.kernel.money import Money

BODY = {
    "code": "social-care",
    "title": "Social care",
    "fiscal_year": 2026,
    "amount": {"amount": "1000.00", "currency": "EUR"},
}


async def post(budget: Any, body: dict[str, Any], **headers: str) -> Any:
    return await budget.service.client.post("/v1/appropriations", json=body, headers={**budget.officer(), **headers})


OTHER_STAGES = ("unallotted", "reserved", "committed", "advance", "accrued", "held", "paid", "released")


async def test_a_line_is_shown_when_an_amount_was_granted(budget: Any) -> None:
    response = await post(budget, BODY)
    assert response.status_code == 201
    shown = response.json()
    nothing = {"amount": "0.00", "currency": "EUR"}
    assert shown == {
        "id": shown["id"],
        "code": "social-care",
        "title": "Social care",
        "fiscal_year": 2026,
        "currency": "EUR",
        "original": {"amount": "1000.00", "currency": "EUR"},
        "programme": None,
        "sources": [],
        "quarters": [],
        "quarters_opened": 0,
        "closed_at": None,
        "balances": {
            "appropriated": {"amount": "1000.00", "currency": "EUR"},
            "available": {"amount": "1000.00", "currency": "EUR"},
            **dict.fromkeys(OTHER_STAGES, nothing),
        },
    }
    assert await budget.get(response.url.join(response.headers["Location"]).path) == shown


async def test_another_line_begins_when_the_currency_differs(budget: Any) -> None:
    line = await budget.appropriate(100)
    other = await budget.appropriate(amount={"amount": "100.00", "currency": "USD"})
    assert other != line
    assert await budget.balances(line) == {"appropriated": 100, "available": 100}


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({}, 409, "line-exists"),
        ({"title": "Roads"}, 409, "line-exists"),
        ({"code": "roads", "amount": {"amount": "92233720368547758.08", "currency": "EUR"}}, 422, None),
        ({"amount": {"amount": "0.00", "currency": "EUR"}}, 422, None),
        ({"amount": {"amount": "-1.00", "currency": "EUR"}}, 422, None),
        ({"amount": {"amount": "1.001", "currency": "EUR"}}, 422, None),
        ({"amount": {"amount": 1, "currency": "EUR"}}, 422, None),
        ({"amount": {"amount": "1.00", "currency": "eur"}}, 422, None),
        ({"fiscal_year": "2026"}, 422, None),
        ({"fiscal_year": 20260}, 422, None),
        ({"code": ""}, 422, None),
        ({"approved": True}, 422, None),
    ],
)
async def test_an_appropriation_changes_nothing_when_it_is_refused(
    budget: Any, changed: dict[str, Any], status: int, code: str | None
) -> None:
    line = await budget.appropriate(1_000)
    response = await post(budget, {**BODY, **changed})
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    if code:
        assert response.json()["code"] == code
    assert await budget.balances(line) == {"appropriated": 1_000, "available": 1_000}
    assert len((await budget.get("/v1/lines"))["items"]) == 1
    assert len(await budget.service.published()) == 1


async def test_the_first_answer_comes_again_when_the_request_is_repeated(budget: Any) -> None:
    first = await post(budget, BODY, **{"Idempotency-Key": "grant-1"})
    again = await post(budget, BODY, **{"Idempotency-Key": "grant-1"})
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotency-Hit"] == "true"
    assert await budget.balances(first.json()["id"]) == {"appropriated": 1_000, "available": 1_000}
    other = await post(budget, {**BODY, "code": "roads"}, **{"Idempotency-Key": "grant-1"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


async def test_an_appropriation_is_refused_when_it_has_no_key(budget: Any) -> None:
    headers = budget.officer()
    del headers["Idempotency-Key"]
    response = await budget.service.client.post("/v1/appropriations", json=BODY, headers=headers)
    assert (response.status_code, response.json()["code"]) == (400, "idempotency-key-missing")


async def test_nothing_is_granted_when_it_is_a_dry_run(budget: Any) -> None:
    response = await budget.service.client.post("/v1/appropriations?dry_run=true", json=BODY, headers=budget.officer())
    assert (response.status_code, response.headers["Dry-Run"]) == (201, "true")
    assert (await budget.get("/v1/lines"))["items"] == []
    assert await budget.types() == []


async def pages(budget: Any, path: str) -> list[list[Any]]:
    found, cursor = [], ""
    while True:
        page = await budget.get(f"{path}?limit=2{cursor}")
        found.append(page["items"])
        if page["next"] is None:
            return found
        cursor = f"&cursor={page['next']}"


async def test_lines_come_in_order_when_they_are_paged(budget: Any) -> None:
    for code in ("roads", "care", "parks", "arts", "water"):
        await budget.appropriate(10, code=code)
    found = await pages(budget, "/v1/lines")
    assert [[line["code"] for line in page] for page in found] == [["arts", "care"], ["parks", "roads"], ["water"]]
    assert found[0][0]["balances"]["available"] == {"amount": "10.00", "currency": "EUR"}


async def test_transfers_and_payments_come_in_order_when_they_are_paged(budget: Any, procedure: Any) -> None:
    line = await budget.appropriate(1_000)
    await budget.appropriate(50, code="roads")
    case = procedure()
    await budget.service.deliver("tender", case.requested(line, Money(60_000, "EUR")), case.signed(100, 200, 300))
    await budget.service.deliver("evaluation", *(case.graded(f"2026-0{month}", "A") for month in (3, 1, 2)))
    await budget.pay_all()
    transfers = await pages(budget, f"/v1/lines/{line}/transfers")
    assert [len(page) for page in transfers] == [2, 2, 2, 2, 1]
    flat = [each for page in transfers for each in page]
    assert [each["to_stage"] for each in flat] == [
        "available",
        "reserved",
        "committed",
        *["accrued"] * 3,
        *["paid"] * 3,
    ]
    assert (flat[0]["ocid"], flat[0]["cause"]) == (None, None)
    orders = await pages(budget, "/v1/payment-orders")
    assert [[each["period"] for each in page] for page in orders] == [["2026-03", "2026-01"], ["2026-02"]]
    payments = await pages(budget, "/v1/payments")
    assert [[each["amount"]["amount"] for each in page] for page in payments] == [["300.00", "100.00"], ["200.00"]]
    paid = next(event for event in await budget.service.published() if event.type == "budget.paid.v1")
    assert payments[0][0] == {
        "id": paid.data["payment"],
        "order": orders[0][0]["id"],
        "line": line,
        "ocid": case.ocid,
        "contract": str(case.contract),
        "period": "2026-03",
        "payee": "org-oarsmen",
        "amount": {"amount": "300.00", "currency": "EUR"},
        "grade": "A",
        "share": "1.00",
        "reference": None,
        "paid_at": "2026-03-02T09:00:00.000000Z",
    }


@pytest.mark.parametrize("path", ["/v1/lines", "/v1/payments", "/v1/payment-orders", "/v1/lines/{line}/transfers"])
@pytest.mark.parametrize("cursor", ["%", "bm9uZQ", "YR9i"])
async def test_a_list_is_refused_when_its_cursor_is_malformed(budget: Any, path: str, cursor: str) -> None:
    line = await budget.appropriate()
    response = await budget.service.client.get(path.format(line=line), params={"cursor": cursor})
    assert (response.status_code, response.json()["code"]) == (422, "cursor-malformed")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/lines/01930000-0000-7000-8000-000000000000",
        "/v1/lines/01930000-0000-7000-8000-000000000000/transfers",
        "/v1/procedures/ocds-unknown",
        "/v1/procedures/%00",
        "/v1/payments/01930000-0000-7000-8000-000000000000",
        "/v1/payment-orders/01930000-0000-7000-8000-000000000000",
    ],
)
async def test_nothing_is_found_when_there_is_no_such_thing(budget: Any, path: str) -> None:
    response = await budget.service.client.get(path)
    assert (response.status_code, response.json()["code"]) == (404, "not-found")


@pytest.mark.parametrize(
    ("party", "status", "code"),
    [
        (None, 401, None),
        (("p-provider", "org-oarsmen", "provider"), 403, "role-missing"),
        (("p-operator", "org-city", "operator"), 403, "role-missing"),
        (("p-nobody", "org-city"), 403, "role-missing"),
        (("p-finance", "org-city", "finance-officer"), 201, None),
        # One treasury serves every office of the local government: the role decides, not the organisation.
        (("p-finance", "org-other-office", "finance-officer"), 201, None),
    ],
)
async def test_only_a_finance_officer_is_let_in_when_money_is_granted(
    budget: Any, party: tuple[str, ...] | None, status: int, code: str | None
) -> None:
    headers = budget.service.headers(*party) if party else {"Idempotency-Key": "grant-1"}
    response = await budget.service.client.post("/v1/appropriations", json=BODY, headers=headers)
    assert response.status_code == status
    if code:
        assert response.json()["code"] == code
    assert len((await budget.get("/v1/lines"))["items"]) == (status == 201)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/lines",
        "/v1/lines/{line}",
        "/v1/lines/{line}/transfers",
        "/v1/procedures/{ocid}",
        "/v1/payments",
        "/v1/payment-orders",
        "/v1/overdue",
    ],
)
@pytest.mark.parametrize("party", [None, ("p-provider", "org-oarsmen", "provider"), ("p-any", "org-others")])
async def test_anybody_reads_when_the_budget_is_public_record(
    budget: Any, procedure: Any, path: str, party: tuple[str, ...] | None
) -> None:
    line = await budget.appropriate()
    await budget.service.deliver("tender", procedure().requested(line, Money(100, "EUR")))
    headers = budget.service.headers(*party) if party else {}
    response = await budget.service.client.get(path.format(line=line, ocid=procedure().ocid), headers=headers)
    assert response.status_code == 200
