"""Journey 1: a tender of three lots ends in three contracts, and what they do not cost goes back to the budget."""

from decimal import Decimal

import pytest

from shared.testing.course import (
    CHINA,
    MODEL,
    Terms,
    appropriate,
    balances,
    confirmed,
    content,
    evaluated,
    proposed,
    published,
    register,
    signed,
    standing,
    submitted,
    tender_path,
)
from shared.testing.town import Town, seen, told

LOTS = {"north": "1250000.00", "south": "1250000.00", "west": "1250000.00"}
# The prices of a lot are those of a published vector times 1, 0.9, 0.8.
OFFERS = {
    "north": {"alder": ("900000.00", "78"), "birch": ("1000000.00", "88"), "cedar": ("1200000.00", "93")},
    "south": {"birch": ("810000.00", "78"), "cedar": ("900000.00", "88"), "alder": ("1080000.00", "93")},
    "west": {"cedar": ("720000.00", "78"), "alder": ("800000.00", "88"), "birch": ("960000.00", "93")},
}
WINNERS = {"north": ("birch", "1000000.00"), "south": ("cedar", "900000.00"), "west": ("alder", "800000.00")}


@pytest.mark.parametrize("terms", [MODEL, CHINA], ids=lambda terms: terms.pack)
async def test_three_contracts_are_in_force_and_the_rest_of_the_money_is_free_when_all_lots_are_awarded(
    town: Town, terms: Terms
) -> None:
    line = await appropriate(town, terms, "5000000.00")
    await register(town, "alder", "birch", "cedar")
    tender = await published(town, terms, line, content(terms, LOTS))
    assert (tender["status"], tender["pack"]) == ("active", terms.pack)
    assert (await balances(town, line))["reserved"] == "3750000.00"

    identifiers = await submitted(town, terms, tender, OFFERS)
    priced = await evaluated(town, terms, tender, OFFERS, identifiers)
    assert (priced["status"], priced["inquiries"]) == ("award", [])

    committed = Decimal(0)
    reserved = Decimal("3750000.00")
    for lot, (winner, price) in WINNERS.items():
        award = standing(await proposed(town, tender, lot), lot)
        assert (award["supplier"]["id"], award["value"]) == (winner, terms.money(price))
        # 30 x 900/1000 + 0.7 x 88 = 88.6; 30 x 900/1200 + 0.7 x 93 = 87.6; 30 + 0.7 x 78 = 84.6.
        assert [place["total"] for place in award["ranking"]] == ["88.6000", "87.6000", "84.6000"]
        contract = await signed(town, await confirmed(town, tender, lot))
        assert (contract["status"], contract["supplier"]["id"], contract["value"]) == (
            "active",
            winner,
            terms.money(price),
        )
        committed, reserved = committed + Decimal(price), reserved - Decimal(LOTS[lot])
        now = await balances(town, line)
        # What was appropriated is what is free, set aside for the lots to come, and committed.
        assert (now["committed"], now["reserved"]) == (f"{committed:.2f}", f"{reserved:.2f}")
        assert Decimal(now["available"]) == Decimal("5000000.00") - committed - reserved

    assert committed == Decimal("2700000.00")
    assert (await seen(town, tender_path(tender)))["status"] == "complete"
    funds = await seen(town, f"/v1/procedures/{tender['ocid']}", service="budget")
    assert {item["payee"]: item["committed"]["amount"] for item in funds["contracts"]} == dict(WINNERS.values())
    assert await balances(town, line) == {
        "appropriated": "5000000.00",
        "available": "2300000.00",
        "reserved": "0.00",
        "committed": "2700000.00",
        "accrued": "0.00",
        "held": "0.00",
        "paid": "0.00",
    }
    records = [
        await seen(town, f"/v1/providers/{name}/record", service="provider-registry") for name, _ in WINNERS.values()
    ]
    assert [record["contracts"] for record in records] == [1, 1, 1]
    names = [name for name, _ in await told(town, tender["ocid"])]
    assert [names.count(f"contract.{act}") for act in ("generated", "supplier-signed", "signed")] == [3, 3, 3]
