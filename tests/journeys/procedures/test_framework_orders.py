"""Journey 8: orders under a framework agreement fill it to the last unit of its ceiling, and not one more."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from shared.testing.course import (
    ALL,
    BRITAIN,
    OFFICER,
    Terms,
    appropriate,
    balances,
    changed,
    clerk,
    concluded,
    content,
    drafted,
    lot_path,
    signed,
    tender_path,
)
from shared.testing.town import Town, done, flow, instant, refusal, seen, told_as

LOTS = {"all": "2500000.00"}
OFFERS = {
    "all": {
        "alder": ("1800000.00", "78"),
        "birch": ("2000000.00", "88"),
        "cedar": ("2400000.00", "93"),
        "dogwood": ("2400000.00", "60"),
    }
}
FRAMEWORK = {"start": "2026-07-01", "end": "2027-06-30", "stage_two": "direct-choice", "most_suppliers": 4}
MODEL_PACK = "Coxswain model pack"
AGREEMENTS = {
    "model": MODEL_PACK,
    "cn-services": "Ministry of Finance Order 110 (framework agreements)",
    "eu-light": MODEL_PACK,
    "uk-2023": MODEL_PACK,
}
TERM = {**AGREEMENTS, "eu-light": "Directive 2014/24/EU", "uk-2023": "Procurement Act 2023, ss. 47-49"}
# To the last day: four years from the 1st of July 2026, in China two.
LONGEST = {"model": "2030-06-30", "cn-services": "2028-06-30", "eu-light": "2030-06-30", "uk-2023": "2030-06-30"}
ONE_MORE = {"model": "2030-07-01", "cn-services": "2028-07-01", "eu-light": "2030-07-01", "uk-2023": "2030-07-01"}
CEILING = ("framework.ceiling", MODEL_PACK)
DEADLINE = ("bid-deadline", MODEL_PACK)
# Where the pack has a fifth of the bidders stay outside, three of four are admitted; elsewhere all of them.
EVERYBODY = ["birch", "cedar", "alder", "dogwood"]
MEMBERS = {
    "model": EVERYBODY,
    "cn-services": ["birch", "cedar", "alder"],
    "eu-light": EVERYBODY,
    "uk-2023": EVERYBODY,
}


def order(terms: Terms, supplier: str, value: str) -> dict[str, Any]:
    return {
        "title": "Home care in one street",
        "value": terms.money(value),
        "delivery": {"start": "2026-08-01", "end": "2026-10-31", "periods": 1},
        "reason": "It serves the street already.",
        "supplier": supplier,
    }


def sealed(terms: Terms, price: str) -> dict[str, str]:
    content = json.dumps({"price": terms.money(price)}).encode()
    return {"scheme": "access/v1", "envelope": base64.b64encode(content).decode()}


@pytest.mark.parametrize("terms", ALL, ids=lambda terms: terms.pack)
async def test_ceiling_is_reached_to_the_last_unit_and_never_passed_when_orders_are_called_off(
    town: Town, terms: Terms
) -> None:
    line = await appropriate(town, terms, "4000000.00")
    tender, framework = await concluded(town, terms, line, LOTS, OFFERS, FRAMEWORK)
    assert [member["supplier"]["id"] for member in framework["members"]] == MEMBERS[terms.pack]
    assert (framework["ceiling"]["amount"], framework["called_off"]["amount"]) == ("2500000.00", "0.00")
    orders = f"/v1/frameworks/{framework['id']}/call-offs"

    stranger = await refusal(town, OFFICER, orders, order(terms, "elm", "1.00"))
    assert stranger == (404, "supplier-not-in-framework", None, None)
    one_more = order(terms, "birch", "2500000.01")
    assert await refusal(town, OFFICER, orders, one_more) == (409, "ceiling-exceeded", *CEILING)
    await signed(town, await done(town, OFFICER, orders, order(terms, "birch", "1000000.00")))
    now = await balances(town, line)
    assert (now["committed"], now["reserved"], now["available"]) == ("1000000.00", "1500000.00", "1500000.00")

    # The ceiling is full with an order that nobody signs; then it comes back into it.
    unsigned = await done(town, OFFICER, orders, order(terms, "cedar", "1500000.00"))
    unit = order(terms, "alder", "0.01")
    assert await refusal(town, OFFICER, orders, unit) == (409, "ceiling-exceeded", *CEILING)
    town.clock.set(instant(unsigned["signature_due"]))
    refused = {"code": "refused", "reason": "It has no staff left."}
    await done(town, OFFICER, f"/v1/contracts/{unsigned['id']}/non-signature", refused)
    returned = await told_as(town, tender["ocid"], "award.call-off-returned")
    assert [item["called_off"]["amount"] for item in returned] == ["1000000.00"]

    await signed(town, await done(town, OFFICER, orders, order(terms, "cedar", "1499999.99")))
    over = order(terms, "alder", "0.02")
    assert await refusal(town, OFFICER, orders, over) == (409, "ceiling-exceeded", *CEILING)
    last = await signed(town, await done(town, OFFICER, orders, unit))
    assert (last["status"], last["value"]["amount"]) == ("active", "0.01")
    assert await refusal(town, OFFICER, orders, unit) == (409, "ceiling-exceeded", *CEILING)

    full = await seen(town, f"/v1/frameworks/{framework['id']}")
    assert full["called_off"] == full["ceiling"]
    assert {member["supplier"]["id"]: member["called_off"]["amount"] for member in full["members"]} == {
        **dict.fromkeys(MEMBERS[terms.pack], "0.00"),
        "birch": "1000000.00",
        "cedar": "1499999.99",
        "alder": "0.01",
    }
    now = await balances(town, line)
    assert (now["committed"], now["reserved"], now["available"]) == ("2500000.00", "0.00", "1500000.00")
    assert (await seen(town, tender_path(tender)))["status"] == "complete"


@pytest.mark.parametrize("terms", ALL, ids=lambda terms: terms.pack)
async def test_what_was_not_called_off_is_free_again_when_the_agreement_ends(town: Town, terms: Terms) -> None:
    line = await appropriate(town, terms, "4000000.00")
    tender, framework = await concluded(town, terms, line, LOTS, OFFERS, {**FRAMEWORK, "stage_two": "rotation"})
    assert await refusal(town, OFFICER, lot_path(tender, "all", "award")) == (409, "tender-for-framework", None, None)
    orders = f"/v1/frameworks/{framework['id']}/call-offs"
    turn = await refusal(town, OFFICER, orders, order(terms, "cedar", "400000.00"))
    assert turn == (409, "not-in-turn", "framework.stage-two", AGREEMENTS[terms.pack])
    first = await signed(town, await done(town, OFFICER, orders, order(terms, "birch", "400000.00")))
    # What a change adds counts against the ceiling, and is not taken from what was set aside for the agreement.
    await changed(town, terms, first, "40000.00")
    assert (await seen(town, f"/v1/frameworks/{framework['id']}"))["called_off"]["amount"] == "440000.00"
    unsigned = await done(town, OFFICER, orders, order(terms, "cedar", "600000.00"))
    town.clock.set(instant(framework["ends_at"]))
    assert await refusal(town, OFFICER, orders, order(terms, "alder", "1.00")) == (
        409,
        "framework-term-over",
        "framework.term-cap",
        TERM[terms.pack],
    )
    await town.services["tender"].let_time_act()
    await flow(town)
    assert (await seen(town, f"/v1/frameworks/{framework['id']}"))["status"] == "ended"
    # The order that may still be signed keeps its money; the rest of the ceiling is free.
    now = await balances(town, line)
    assert (now["committed"], now["reserved"], now["available"]) == ("440000.00", "600000.00", "2960000.00")
    gone = {"code": "no-answer", "reason": "Nobody came."}
    await done(town, OFFICER, f"/v1/contracts/{unsigned['id']}/non-signature", gone)
    await flow(town)
    now = await balances(town, line)
    assert (now["committed"], now["reserved"], now["available"]) == ("440000.00", "0.00", "3560000.00")


@pytest.mark.parametrize("terms", ALL, ids=lambda terms: terms.pack)
async def test_lowest_sealed_quote_gets_the_order_when_the_members_compete(town: Town, terms: Terms) -> None:
    line = await appropriate(town, terms, "4000000.00")
    _, framework = await concluded(town, terms, line, LOTS, OFFERS, {**FRAMEWORK, "stage_two": "mini-competition"})
    path = f"/v1/frameworks/{framework['id']}"
    asked = order(terms, "birch", "600000.00")
    direct = await refusal(town, OFFICER, f"{path}/call-offs", asked)
    assert direct == (409, "competition-needed", "framework.stage-two", AGREEMENTS[terms.pack])
    del asked["supplier"]
    # Less than three working days.
    hasty = {**asked, "closes_at": (town.clock.now() + timedelta(days=2)).isoformat()}
    too_short = await refusal(town, OFFICER, f"{path}/competitions", hasty)
    assert too_short == (409, "competition-too-short", "framework.competition-period", MODEL_PACK)
    closes_at = town.clock.now() + timedelta(days=10)
    opened = await done(town, OFFICER, f"{path}/competitions", {**asked, "closes_at": closes_at.isoformat()})
    competition = f"{path}/competitions/{opened['competitions'][0]['id']}"
    for supplier, price in (("birch", "480000.00"), ("cedar", "450000.00"), ("alder", "600000.01")):
        await done(town, clerk(supplier), f"{competition}/quotes", sealed(terms, price))
    # The last quote of a supplier counts, also where it is dearer.
    await done(town, clerk("cedar"), f"{competition}/quotes", sealed(terms, "500000.00"))
    stranger = await refusal(town, clerk("elm"), f"{competition}/quotes", sealed(terms, "1.00"))
    assert stranger == (403, "supplier-not-in-framework", None, None)
    assert "000.00" not in str((await seen(town, path))["competitions"][0]).replace("600000.00", "")
    assert await refusal(town, OFFICER, f"{competition}/opening") == (409, "quotes-sealed", *DEADLINE)
    town.clock.set(closes_at)
    late = await refusal(town, clerk("alder"), f"{competition}/quotes", sealed(terms, "1.00"))
    assert late == (409, "quote-late", *DEADLINE)
    decided = await done(town, OFFICER, f"{competition}/opening")
    assert decided["called_off"]["amount"] == "480000.00"
    (generated,) = await told_as(town, framework["ocid"], "contract.generated")
    contract = await signed(town, await seen(town, f"/v1/contracts/{generated['contract']}"))
    assert (contract["supplier"]["id"], contract["value"]["amount"]) == ("birch", "480000.00")
    now = await balances(town, line)
    assert (now["committed"], now["reserved"], now["available"]) == ("480000.00", "2020000.00", "1500000.00")


def long(terms: Terms, method: str, end: str) -> dict[str, Any]:
    body = content(terms, LOTS, framework={**FRAMEWORK, "end": end})
    body["procurement"] |= {"method": method, "rationale": "Nobody knows today in which street how much is needed."}
    return body


@pytest.mark.parametrize("terms", ALL, ids=lambda terms: terms.pack)
async def test_agreement_lasts_as_long_as_the_pack_allows_and_not_a_day_more(town: Town, terms: Terms) -> None:
    line = await appropriate(town, terms, "4000000.00")
    draft = await drafted(town, terms, line, long(terms, "framework-closed", LONGEST[terms.pack]))
    too_long = long(terms, "framework-closed", ONE_MORE[terms.pack])
    refused = await refusal(town, OFFICER, tender_path(draft), too_long, method="PUT", version=1)
    assert refused == (409, "framework-term-cap", "framework.term-cap", TERM[terms.pack])


async def test_open_framework_lasts_eight_years_in_britain(town: Town) -> None:
    line = await appropriate(town, BRITAIN, "4000000.00")
    draft = await drafted(town, BRITAIN, line, long(BRITAIN, "framework-open", "2034-06-30"))
    too_long = long(BRITAIN, "framework-open", "2034-07-01")
    refused = await refusal(town, OFFICER, tender_path(draft), too_long, method="PUT", version=1)
    assert refused == (409, "framework-open-term-cap", "framework.open-term-cap", TERM["uk-2023"])
