"""Journey 9: a contract changes within its cap and the budget's funds, and not by one unit more."""

from decimal import Decimal

import pytest

from shared.testing.course import (
    CHINA,
    HEAD,
    MODEL,
    OFFICER,
    Terms,
    appropriate,
    balances,
    changed,
    in_force,
    wish,
)
from shared.testing.town import Town, ask, decimal, done, flow, refusal, seen, told_as

LOTS = {"all": "2500000.00"}
OFFERS = {"all": {"alder": ("1800000.00", "78"), "birch": ("2000000.00", "88"), "cedar": ("2400000.00", "93")}}
DEAR = {"all": {"alder": ("1800000.00", "60"), "birch": ("2000000.00", "60"), "cedar": ("2400000.00", "93")}}
CAP = {
    "model": ("contract-change.cap", "Coxswain model pack"),
    "cn-services": ("contract-change.cap", "Government Procurement Law (政府采购法), art. 49"),
}
# The budget holds the request to the pack that the contract is pinned to.
FUNDS = {
    "model": ("funds-reserved-before-publication", "Coxswain model pack"),
    "cn-services": ("funds-reserved-before-publication", "Budget Law (预算法), art. 13"),
}


@pytest.mark.parametrize("terms", [MODEL, CHINA], ids=lambda terms: terms.pack)
async def test_contract_grows_by_a_tenth_and_not_by_one_unit_more(town: Town, terms: Terms) -> None:
    line = await appropriate(town, terms, "4000000.00")
    _, contract = await in_force(town, terms, line, LOTS, OFFERS)
    path = f"/v1/contracts/{contract['id']}/changes"
    above = (409, "contract-change-cap", *CAP[terms.pack])
    assert await refusal(town, OFFICER, path, wish(terms, "200000.01")) == above
    halfway = await changed(town, terms, contract, "120000.00")
    assert halfway["value"]["amount"] == "2120000.00"
    # All changes count together, against what the contract was first worth.
    assert await refusal(town, OFFICER, path, wish(terms, "80000.01")) == above
    full = await changed(town, terms, contract, "80000.00")
    assert full["value"]["amount"] == "2200000.00"
    assert sum((decimal(part["amount"]) for part in full["milestones"]), Decimal(0)) == Decimal("2200000.00")
    assert await refusal(town, OFFICER, path, wish(terms, "0.01")) == above
    now = await balances(town, line)
    assert (now["committed"], now["reserved"], now["available"]) == ("2200000.00", "0.00", "1800000.00")
    # What a change takes away is free again, and makes no room for more.
    smaller = await changed(town, terms, contract, "-300000.00")
    assert smaller["value"]["amount"] == "1900000.00"
    assert await refusal(town, OFFICER, path, wish(terms, "0.01")) == above
    now = await balances(town, line)
    assert (now["committed"], now["reserved"], now["available"]) == ("1900000.00", "0.00", "2100000.00")


@pytest.mark.parametrize("terms", [MODEL, CHINA], ids=lambda terms: terms.pack)
async def test_change_fails_when_the_budget_has_one_unit_less_than_it_costs(town: Town, terms: Terms) -> None:
    line = await appropriate(town, terms, "2500000.00")
    tender, contract = await in_force(town, terms, line, LOTS, DEAR)
    assert (contract["supplier"]["id"], (await balances(town, line))["available"]) == ("cedar", "100000.00")
    path = f"/v1/contracts/{contract['id']}"
    asked = await done(town, OFFICER, f"{path}/changes", wish(terms, "100000.01"))
    change = asked["changes"][0]["id"]
    unfunded = await refusal(town, HEAD, f"{path}/changes/{change}/approval")
    assert unfunded == (409, "change-not-funded", None, None)
    await flow(town)
    after = await seen(town, path)
    assert (after["value"]["amount"], after["changes"][0]["status"]) == ("2400000.00", "refused")
    (refused,) = await told_as(town, tender["ocid"], "budget.change-refused", "budget")
    assert (refused["change"], refused["rule"], refused["source"]) == (change, *FUNDS[terms.pack])
    assert (refused["requested"], refused["available"]) == (terms.money("100000.01"), terms.money("100000.00"))
    late = await ask(town, HEAD, f"{path}/changes/{change}/approval")
    assert (late.status_code, late.json()["code"]) == (409, "change-not-funded")
    last = await changed(town, terms, contract, "100000.00")
    assert last["value"]["amount"] == "2500000.00"
    now = await balances(town, line)
    assert (now["committed"], now["available"], now["appropriated"]) == ("2500000.00", "0.00", "2500000.00")
