"""Journey 12: the winner does not sign in time, and the next bidder does."""

from datetime import timedelta

import pytest

from shared.testing.course import (
    ALL,
    HEAD,
    OFFICER,
    Terms,
    appropriate,
    balances,
    clerk,
    confirmed,
    priced,
    progress,
    proposed,
    signed,
    standing,
)
from shared.testing.evaluation import ranking
from shared.testing.town import Town, done, flow, instant, refusal, seen, told

OFFERS = {"all": {"alder": ("1800000.00", "78"), "birch": ("2000000.00", "88"), "cedar": ("2400000.00", "93")}}
MODEL_PACK = "Coxswain model pack"
SIGNING = {
    "model": MODEL_PACK,
    "cn-services": "Government Procurement Law (政府采购法), art. 46",
    "eu-light": MODEL_PACK,
    "uk-2023": MODEL_PACK,
}


@pytest.mark.parametrize("terms", ALL, ids=lambda terms: terms.pack)
async def test_next_bidder_signs_when_the_winner_lets_the_time_to_sign_pass(town: Town, terms: Terms) -> None:
    line = await appropriate(town, terms, "4000000.00")
    tender, _ = await priced(town, terms, line, {"all": "2500000.00"}, OFFERS)
    await proposed(town, tender, "all")
    given_up = await confirmed(town, tender, "all")
    assert given_up["supplier"]["id"] == "birch"

    path = f"/v1/contracts/{given_up['id']}/non-signature"
    left = {"code": "no-answer", "reason": "Nobody came."}
    due = instant(given_up["signature_due"])
    town.clock.set(due - timedelta(microseconds=1))
    rule = ("contract-signing", SIGNING[terms.pack])
    assert await refusal(town, OFFICER, path, left) == (409, "signature-still-due", *rule)
    town.clock.set(due)
    assert (await done(town, OFFICER, path, left))["status"] == "not-signed"
    late = await refusal(town, clerk("birch"), f"/v1/contracts/{given_up['id']}/supplier-signature")
    assert late == (409, "award-cancelled", None, None)
    await flow(town)
    # Nobody is bound, and what the lot may cost stays set aside for the next.
    now = await balances(town, line)
    assert (now["committed"], now["reserved"]) == ("0.00", "2500000.00")

    again = await proposed(town, tender, "all")
    assert standing(again, "all")["status"] == "pending"
    # Without the winner: cedar 30 x 900/1200 + 0.7 x 93 = 87.6, alder 30 + 0.7 x 78 = 84.6.
    assert [(place["bidder"]["id"], place["total"]) for place in await ranking(town, tender, "all")] == [
        ("cedar", "87.6000"),
        ("alder", "84.6000"),
    ]
    assert [one["status"] for one in progress(again, "all")["awards"]] == ["cancelled", "pending"]
    contract = await signed(town, await confirmed(town, tender, "all"))
    assert (contract["status"], contract["supplier"]["id"], contract["value"]["amount"]) == (
        "active",
        "cedar",
        "2400000.00",
    )
    now = await balances(town, line)
    assert (now["committed"], now["reserved"], now["available"]) == ("2400000.00", "0.00", "1600000.00")
    names = [name for name, _ in await told(town, tender["ocid"])]
    assert [names.count(name) for name in ("award.confirmed", "award.cancelled", "contract.not-signed")] == [2, 1, 1]
    records = [
        (await seen(town, f"/v1/providers/{name}/record", service="provider-registry"))["contracts"]
        for name in ("birch", "cedar")
    ]
    assert records == [0, 1]
    revived = await refusal(town, HEAD, f"/v1/contracts/{given_up['id']}/buyer-signature")
    assert revived == (409, "award-cancelled", None, None)
