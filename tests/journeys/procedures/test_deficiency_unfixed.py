"""Journey 6: the leader is told what its bid lacks and lets the time pass; the next in the ranking is awarded."""

import hashlib

import pytest

from shared.testing.callers import Callers
from shared.testing.course import (
    ALL,
    OFFICER,
    Terms,
    appropriate,
    clerk,
    confirmed,
    lot_path,
    priced,
    proposed,
    signed,
    standing,
    tender_path,
)
from shared.testing.evaluation import ranking
from shared.testing.town import Town, done, instant, refusal, told_as

LOTS = {"all": "2500000.00"}
OFFERS = {
    "all": {
        "alder": ("1800000.00", "78"),
        "birch": ("2000000.00", "88"),
        "cedar": ("2400000.00", "93"),
        "dogwood": ("2400000.00", "60"),
    }
}
WINDOW = ("deficiency-window", "Coxswain model pack")
WHAT = {"what": "The licence is not attached."}
FORM = b"The licence."
DIGEST = {"digest": hashlib.sha256(FORM).hexdigest()}


@pytest.mark.parametrize("terms", ALL, ids=lambda terms: terms.pack)
async def test_next_in_the_ranking_is_awarded_when_the_leader_does_not_put_its_bid_right(
    town: Town, terms: Terms
) -> None:
    line = await appropriate(town, terms, "4000000.00")
    tender, bids = await priced(town, terms, line, LOTS, OFFERS)
    leader = bids["all", "birch"]
    path = tender_path(tender, f"/bids/{leader}")
    notified = await done(town, OFFICER, f"{path}/deficiency", WHAT)
    assert await refusal(town, OFFICER, f"{path}/deficiency", WHAT) == (409, "deficiency-notified", *WINDOW)
    assert await refusal(town, OFFICER, lot_path(tender, "all", "award")) == (409, "deficiency-open", *WINDOW)
    refused = {"corrected": False, "reason": "It is not there."}
    early = (409, "correction-awaited", *WINDOW)
    assert await refusal(town, OFFICER, f"{path}/correction-decision", refused) == early
    town.clock.set(instant(notified["deficiencies"][0]["due_at"]))
    late = (409, "correction-late", *WINDOW)
    assert await refusal(town, clerk("birch"), f"{path}/correction", DIGEST) == late
    assert await town.services["tender"].let_time_act() == 1
    excluded = await told_as(town, tender["ocid"], "tender.bid-excluded")
    assert [(data["bid"], data["rule"], data["source"]) for data in excluded] == [(leader, *WINDOW)]

    await proposed(town, tender, "all")
    assert [place["bidder"]["id"] for place in await ranking(town, tender, "all")] == ["cedar", "alder", "dogwood"]
    contract = await signed(town, await confirmed(town, tender, "all"))
    assert (contract["supplier"]["id"], contract["value"]["amount"]) == ("cedar", "2400000.00")


@pytest.mark.parametrize("terms", ALL, ids=lambda terms: terms.pack)
async def test_leader_is_awarded_when_it_puts_its_bid_right_in_time(town: Town, terms: Terms) -> None:
    line = await appropriate(town, terms, "4000000.00")
    tender, bids = await priced(town, terms, line, LOTS, OFFERS)
    path = tender_path(tender, f"/bids/{bids['all', 'birch']}")
    notified = await done(town, OFFICER, f"{path}/deficiency", WHAT)
    await Callers(town.services["tender"]).uploaded(clerk("birch"), FORM)
    await done(town, clerk("birch"), f"{path}/correction", DIGEST)
    twice = await refusal(town, clerk("birch"), f"{path}/correction", DIGEST)
    assert twice == (409, "deficiency-corrected", *WINDOW)
    town.clock.set(instant(notified["deficiencies"][0]["due_at"]))
    await town.services["tender"].let_time_act()
    await done(town, OFFICER, f"{path}/correction-decision", {"corrected": True, "reason": "It is there."})
    assert standing(await proposed(town, tender, "all"), "all")["supplier"]["id"] == "birch"
