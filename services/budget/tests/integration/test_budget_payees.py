"""Where organisations are paid: two persons, and nobody else sees it."""

from typing import Any

import pytest

PATH = "/v1/payees/org-oarsmen/account"
ACCOUNT = {"name": "Oarsmen Care", "iban": "GB29NWBK60161331926819"}
OTHER = {
    "name": "Oarsmen Care",
    "number": "31926819",
    "clearing": {"system": "GBDSC", "member": "601613"},
}


def officer(budget: Any, number: int = 1, role: str = "finance-officer") -> dict[str, str]:
    return dict(budget.service.headers(f"p-finance-{number}", "org-city", role))


async def propose(budget: Any, body: dict[str, Any] = ACCOUNT, **person: Any) -> Any:
    return await budget.service.client.put(PATH, json=body, headers=officer(budget, **person))


async def decide(budget: Any, what: str, version: int, number: int = 2, **body: str) -> Any:
    headers = {**officer(budget, number), "If-Match": f'"{version}"'}
    return await budget.service.client.post(f"{PATH}/{what}", json=body or None, headers=headers)


async def test_an_account_is_used_once_a_second_person_confirms_it(budget: Any) -> None:
    proposed = await propose(budget)
    assert proposed.status_code == 200, proposed.text
    shown = proposed.json()
    assert shown["confirmed"] is None
    assert shown["proposed"]["account"] == {**ACCOUNT, "number": None, "bic": None, "clearing": None}

    alone = await decide(budget, "confirmation", 1, number=1)
    assert (alone.status_code, alone.json()["code"]) == (403, "second-person-needed")
    confirmed = await decide(budget, "confirmation", 1)
    assert confirmed.status_code == 200, confirmed.text
    assert confirmed.json()["proposed"] is None
    assert confirmed.json()["confirmed"]["account"]["iban"] == ACCOUNT["iban"]
    assert confirmed.headers["Cache-Control"] == "private, no-store"


async def test_a_changed_account_takes_a_second_person_too(budget: Any) -> None:
    await propose(budget)
    await decide(budget, "confirmation", 1)
    changed = (await propose(budget, OTHER)).json()
    assert changed["confirmed"]["account"]["iban"] == ACCOUNT["iban"]
    assert changed["proposed"]["account"]["number"] == "31926819"
    again = await propose(budget)
    assert (again.status_code, again.json()["code"]) == (409, "account-unchanged")
    assert (await decide(budget, "confirmation", 3)).json()["confirmed"]["account"]["number"] == "31926819"


async def test_what_is_confirmed_is_what_was_read(budget: Any) -> None:
    await propose(budget)
    # Somebody puts another account in its place before the second person confirms.
    await propose(budget, OTHER, number=3)
    confirmed = await decide(budget, "confirmation", 1)
    assert (confirmed.status_code, confirmed.json()["code"]) == (412, "stale")
    unread = await budget.service.client.post(f"{PATH}/confirmation", headers=officer(budget, 2))
    assert (unread.status_code, unread.json()["code"]) == (428, "if-match-missing")


async def test_a_rejected_account_is_not_used(budget: Any) -> None:
    await propose(budget)
    rejected = await decide(budget, "rejection", 1, reason="The provider's known number denied it.")
    assert rejected.status_code == 200, rejected.text
    assert (rejected.json()["confirmed"], rejected.json()["proposed"]) == (None, None)
    nothing = await decide(budget, "confirmation", 2)
    assert (nothing.status_code, nothing.json()["code"]) == (409, "account-not-proposed")


async def test_a_proposal_that_nobody_confirms_is_reported(budget: Any) -> None:
    await propose(budget)
    assert await budget.get("/v1/overdue") == []
    budget.service.clock.advance(days=60)
    (item,) = await budget.get("/v1/overdue")
    assert (item["kind"], item["state"]) == ("payee-account", "proposed")
    assert ACCOUNT["iban"] not in str(item)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({**ACCOUNT, "iban": "GB29NWBK60161331926891"}, "iban-check-digits-wrong"),
        ({"name": "Oarsmen Care"}, "account-number-ambiguous"),
        ({"name": "Oarsmen Care", "number": "31926819"}, "bank-missing"),
        ({**OTHER, "clearing": {"system": "sort code", "member": "601613"}}, "clearing-member-malformed"),
        ({**ACCOUNT, "owner": "me"}, None),
        ({**ACCOUNT, "name": ""}, None),
        ({**ACCOUNT, "iban": None}, "account-number-ambiguous"),
    ],
)
async def test_an_account_that_makes_no_sense_changes_nothing(budget: Any, body: dict[str, Any], code: str) -> None:
    refused = await propose(budget, body)
    assert refused.status_code == 422
    assert code is None or refused.json()["code"] == code
    assert ACCOUNT["iban"] not in refused.text
    missing = await budget.service.client.get(PATH, headers=officer(budget))
    assert missing.status_code == 404


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [
        ("finance-officer", 200, 200),
        ("treasurer", 200, 403),
        ("auditor", 200, 403),
        ("provider", 403, 403),
        ("procurement-officer", 403, 403),
    ],
)
async def test_only_who_has_to_do_with_money_sees_accounts(budget: Any, role: str, reads: int, writes: int) -> None:
    assert (await propose(budget, number=9, role=role)).status_code == writes
    version = int((await propose(budget, OTHER)).headers["ETag"].strip('"'))
    client, person = budget.service.client, officer(budget, 9, role)
    assert (await client.get(PATH, headers=person)).status_code == reads
    assert (await client.get("/v1/payees", headers=person)).status_code == reads
    assert (await client.get(PATH)).status_code == 401
    confirmed = await client.post(f"{PATH}/confirmation", headers={**person, "If-Match": f'"{version}"'})
    assert confirmed.status_code == writes


async def test_accounts_are_in_no_event(budget: Any) -> None:
    await propose(budget)
    await decide(budget, "confirmation", 1)
    assert await budget.service.published() == []
