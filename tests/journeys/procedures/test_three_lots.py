"""Journey 1: a tender of three lots ends in three contracts, and what they do not cost goes back to the budget."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from shared.testing.course import (
    ALL,
    HEAD,
    LIGHT_TOUCH,
    OFFICER,
    Terms,
    appropriate,
    balances,
    confirmed,
    content,
    evaluated,
    lot_path,
    priced,
    proposed,
    published,
    register,
    signed,
    standing,
    submitted,
    tender_path,
)
from shared.testing.evaluation import ranking
from shared.testing.town import Town, done, instant, refusal, seen, told

LOTS = {"north": "1250000.00", "south": "1250000.00", "west": "1250000.00"}
# The prices of a lot are those of a published vector times 1, 0.9, 0.8.
OFFERS = {
    "north": {"alder": ("900000.00", "78"), "birch": ("1000000.00", "88"), "cedar": ("1200000.00", "93")},
    "south": {"birch": ("810000.00", "78"), "cedar": ("900000.00", "88"), "alder": ("1080000.00", "93")},
    "west": {"cedar": ("720000.00", "78"), "alder": ("800000.00", "88"), "birch": ("960000.00", "93")},
}
DIRECTIVE = "Directive 89/665/EEC, read as Public Contracts Regulations 2015 (UK), reg. 87"
# The first lot's award is proposed an hour after the deadline: on Saturday the 2nd of May (ten days, to the end of the
# 12th), in China too (a working day, to the end of Monday the 4th), in Brussels on Monday the 11th (to the end of the
# 21st), and in London on Thursday the 7th, which is the first of eight working days: the last is the 18th.
STANDSTILL = {
    "model": ("2026-05-13T00:00:00Z", "standstill", "UNCITRAL Model Law on Public Procurement (2011), art. 22"),
    "cn-services": ("2026-05-04T16:00:00Z", "result-notice", "Ministry of Finance Order 87, art. 69"),
    "eu-light": ("2026-05-21T22:00:00Z", "standstill", DIRECTIVE),
    "uk-2023": ("2026-05-18T23:00:00Z", "standstill", "Procurement Act 2023, s. 51"),
}
WINNERS = {"north": ("birch", "1000000.00"), "south": ("cedar", "900000.00"), "west": ("alder", "800000.00")}


@pytest.mark.parametrize("terms", ALL, ids=lambda terms: terms.pack)
async def test_three_contracts_are_in_force_and_the_rest_of_the_money_is_free_when_all_lots_are_awarded(
    town: Town, terms: Terms
) -> None:
    line = await appropriate(town, terms, "5000000.00")
    await register(town, "alder", "birch", "cedar")
    tender = await published(town, terms, line, content(terms, LOTS))
    assert (tender["status"], tender["pack"]) == ("active", terms.pack)
    assert (await balances(town, line))["reserved"] == "3750000.00"

    identifiers = await submitted(town, terms, tender, OFFERS)
    evaluation = await evaluated(town, terms, tender, OFFERS, identifiers)
    assert (evaluation["status"], evaluation["inquiries"]) == ("award", [])

    committed = Decimal(0)
    reserved = Decimal("3750000.00")
    for lot, (winner, price) in WINNERS.items():
        award = standing(await proposed(town, tender, lot), lot)
        assert (award["supplier"]["id"], award["value"]) == (winner, terms.money(price))
        # 30 x 900/1000 + 0.7 x 88 = 88.6; 30 x 900/1200 + 0.7 x 93 = 87.6; 30 + 0.7 x 78 = 84.6.
        assert [place["total"] for place in await ranking(town, tender, lot)] == ["88.6000", "87.6000", "84.6000"]
        if not committed:
            ends_at, *rule = STANDSTILL[terms.pack]
            assert instant(award["standstill_ends_at"]) == instant(ends_at)
            town.clock.set(instant(ends_at) - timedelta(microseconds=1))
            early = await refusal(town, HEAD, lot_path(tender, lot, "award/confirmation"))
            assert early == (409, "standstill-running", *rule)
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
    assert {stage: at for stage, at in (await balances(town, line)).items() if at != "0.00"} == {
        "appropriated": "5000000.00",
        "available": "2300000.00",
        "committed": "2700000.00",
    }
    records = [
        await seen(town, f"/v1/providers/{name}/record", service="provider-registry") for name, _ in WINNERS.values()
    ]
    assert [record["contracts"] for record in records] == [1, 1, 1]
    names = [name for name, _ in await told(town, tender["ocid"])]
    assert [names.count(f"contract.{act}") for act in ("generated", "supplier-signed", "signed")] == [3, 3, 3]


async def test_award_of_a_light_touch_contract_does_not_stand_still_in_britain(town: Town) -> None:
    line = await appropriate(town, LIGHT_TOUCH, "5000000.00")
    tender, _ = await priced(town, LIGHT_TOUCH, line, {"west": LOTS["west"]}, {"west": OFFERS["west"]})
    award = standing(await proposed(town, tender, "west"), "west")
    assert instant(award["standstill_ends_at"]) == town.clock.now()
    alone = (403, "second-person-needed", "second-person.award", "Coxswain model pack")
    path = lot_path(tender, "west", "award/confirmation")
    assert await refusal(town, replace(HEAD, name=OFFICER.name), path) == alone
    await done(town, HEAD, path)
