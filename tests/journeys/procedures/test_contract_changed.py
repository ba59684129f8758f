"""Journey 9: a contract changes within its cap and the budget's funds, and not by one unit more."""

from decimal import Decimal

import pytest

from shared.testing.course import (
    ALL,
    BRITAIN,
    EUROPE,
    HEAD,
    LIGHT_TOUCH,
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
MODEL_PACK = "Coxswain model pack"
DIRECTIVE = "Directive 2014/24/EU, read as Public Contracts Regulations 2015 (UK), reg. 72"
SECTION_74 = "Procurement Act 2023, s. 74"
SCHEDULE_8 = f"{SECTION_74} and Schedule 8"
CAP = {
    "model": ("contract-change.cap", MODEL_PACK),
    "cn-services": ("contract-change.cap", "Government Procurement Law (政府采购法), art. 49"),
    "eu-light": ("contract-change.de-minimis", DIRECTIVE),
    "uk-2023": ("contract-change.below-threshold", SECTION_74),
}
GROUNDS = {
    "model": MODEL_PACK,
    "cn-services": MODEL_PACK,
    "eu-light": DIRECTIVE,
    "uk-2023": SCHEDULE_8,
}
# The budget holds the request to the pack that the contract is pinned to.
FUNDS = {
    "model": MODEL_PACK,
    "cn-services": "Budget Law (预算法), art. 13",
    "eu-light": MODEL_PACK,
    "uk-2023": MODEL_PACK,
}


def above_cap(rule: str, source: str) -> tuple[int, str, str, str]:
    return (409, rule.replace(".", "-"), rule, source)


@pytest.mark.parametrize("terms", ALL, ids=lambda terms: terms.pack)
async def test_contract_grows_by_a_tenth_and_not_by_one_unit_more(town: Town, terms: Terms) -> None:
    line = await appropriate(town, terms, "4000000.00")
    _, contract = await in_force(town, terms, line, LOTS, OFFERS)
    path = f"/v1/contracts/{contract['id']}/changes"
    above = above_cap(*CAP[terms.pack])
    groundless = (409, "contract-change-grounds", "contract-change.grounds", GROUNDS[terms.pack])
    assert await refusal(town, OFFICER, path, wish(terms, "1.00", "displeasure")) == groundless
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
    # What a change takes away is free again, and makes no room for more but where the net of all changes counts.
    smaller = await changed(town, terms, contract, "-300000.00")
    assert smaller["value"]["amount"] == "1900000.00"
    too_much = "300000.01" if terms is EUROPE else "0.01"
    assert await refusal(town, OFFICER, path, wish(terms, too_much)) == above
    now = await balances(town, line)
    assert (now["committed"], now["reserved"], now["available"]) == ("1900000.00", "0.00", "2100000.00")


@pytest.mark.parametrize("terms", ALL, ids=lambda terms: terms.pack)
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
    assert (refused["change"], refused["rule"]) == (change, "funds-reserved-before-publication")
    assert refused["source"] == FUNDS[terms.pack]
    assert (refused["requested"], refused["available"]) == (terms.money("100000.01"), terms.money("100000.00"))
    late = await ask(town, HEAD, f"{path}/changes/{change}/approval")
    assert (late.status_code, late.json()["code"]) == (409, "change-not-funded")
    last = await changed(town, terms, contract, "100000.00")
    assert last["value"]["amount"] == "2500000.00"
    now = await balances(town, line)
    assert (now["committed"], now["available"], now["appropriated"]) == ("2500000.00", "0.00", "2500000.00")


@pytest.mark.parametrize(
    ("terms", "rule", "source", "second"),
    [
        # A half of what the contract was first worth, each time.
        (EUROPE, "contract-change.additional-services", DIRECTIVE, "1000000.00"),
        # A half of what the contract is worth by then.
        (BRITAIN, "contract-change.additional", SCHEDULE_8, "1500000.00"),
    ],
    ids=lambda terms: getattr(terms, "pack", ""),
)
async def test_each_change_for_additional_services_adds_half_and_not_one_unit_more(
    town: Town, terms: Terms, rule: str, source: str, second: str
) -> None:
    line = await appropriate(town, terms, "5000000.00")
    tender, contract = await in_force(town, terms, line, LOTS, OFFERS)
    path, ground = f"/v1/contracts/{contract['id']}/changes", rule.removeprefix("contract-change.")
    above = above_cap(rule, source)
    assert await refusal(town, OFFICER, path, wish(terms, "1000000.01", ground)) == above
    assert (await changed(town, terms, contract, "1000000.00", ground))["value"]["amount"] == "3000000.00"
    one_more = f"{Decimal(second) + Decimal('0.01')}"
    assert await refusal(town, OFFICER, path, wish(terms, one_more, ground)) == above
    full = await changed(town, terms, contract, second, ground)
    assert decimal(full["value"]) == Decimal(3000000) + Decimal(second)
    now = await balances(town, line)
    assert (now["committed"], now["reserved"]) == (full["value"]["amount"], "0.00")
    assert len(await told_as(town, tender["ocid"], "contract.changed")) == 2


async def test_change_of_a_light_touch_contract_is_free_in_britain(town: Town) -> None:
    line = await appropriate(town, LIGHT_TOUCH, "5000000.00")
    _, contract = await in_force(town, LIGHT_TOUCH, line, LOTS, OFFERS)
    doubled = await changed(town, LIGHT_TOUCH, contract, "2000000.00")
    assert doubled["value"]["amount"] == "4000000.00"
    assert (await balances(town, line))["committed"] == "4000000.00"
