"""Journey 5: equal bids are put in order by the lower price, by the better service, and last of all by a draw."""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.kernel.draw_record import verify
from shared.testing.course import (
    ALL,
    CHINA,
    HEAD,
    NUMBERS,
    OFFICER,
    Terms,
    appropriate,
    bid,
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
)
from shared.testing.evaluation import ranking
from shared.testing.town import Town, done, refusal, told_as

LOTS = {"all": "2500000.00"}
TIE_BREAK = {
    "model": ("tie-break", "Coxswain model pack"),
    "cn-services": ("tie-break", "Ministry of Finance Order 87, arts. 57, 68"),
    "eu-light": ("tie-break", "Coxswain model pack"),
    "uk-2023": ("tie-break", "Coxswain model pack"),
}


@pytest.mark.parametrize("terms", ALL, ids=lambda terms: terms.pack)
async def test_lower_price_goes_first_when_points_are_equal(town: Town, terms: Terms) -> None:
    # 30 + 0.7 x 80 = 86, and 30 x 172/200 + 0.7 x 86 = 25.8 + 60.2 = 86.
    offers = {"all": {"birch": ("2000000.00", "86"), "alder": ("1720000.00", "80"), "cedar": ("2400000.00", "60")}}
    line = await appropriate(town, terms, "4000000.00")
    tender, _ = await priced(town, terms, line, LOTS, offers)
    award = standing(await proposed(town, tender, "all"), "all")
    first = (await ranking(town, tender, "all"))[:2]
    assert [(place["bidder"]["id"], place["rank"], place["total"]) for place in first] == [
        ("alder", 1, "86.0000"),
        ("birch", 1, "86.0000"),
    ]
    assert award["supplier"]["id"] == "alder"


async def test_better_service_goes_first_when_points_and_prices_are_equal(town: Town) -> None:
    # Ten per cent are taken off a small enterprise's price before it is compared: 30 x 168/180 + 0.7 x 84 = 28 + 58.8,
    # and without it 30 x 168/200 + 0.7 x 88 = 25.2 + 61.6. Both are 86.8, at the same price.
    offers = {"all": {"alder": ("2000000.00", "84"), "birch": ("2000000.00", "88"), "cedar": ("1680000.00", "50")}}
    line = await appropriate(town, CHINA, "4000000.00")
    await register(town, "alder", "birch", "cedar")
    tender = await published(town, CHINA, line, content(CHINA, LOTS))
    bids = {
        ("all", name): await bid(town, CHINA, tender, "all", name, price, {"size": size})
        for (name, (price, _)), size in zip(offers["all"].items(), ("small", "large", "large"), strict=True)
    }
    await evaluated(town, CHINA, tender, offers, bids)
    await proposed(town, tender, "all")
    assert [(place["bidder"]["id"], place["total"]) for place in await ranking(town, tender, "all")][:2] == [
        ("birch", "86.8000"),
        ("alder", "86.8000"),
    ]
    contract = await signed(town, await confirmed(town, tender, "all"))
    # The contract is worth what was bid.
    assert (contract["supplier"]["id"], contract["value"]["amount"]) == ("birch", "2000000.00")


@pytest.mark.parametrize("terms", ALL, ids=lambda terms: terms.pack)
async def test_beacon_named_in_advance_draws_the_winner_when_nothing_tells_two_bids_apart(
    town: Town, terms: Terms
) -> None:
    offers = {"all": {"alder": ("1800000.00", "88"), "birch": ("1800000.00", "88"), "cedar": ("2000000.00", "60")}}
    line = await appropriate(town, terms, "4000000.00")
    tender, bids = await priced(town, terms, line, LOTS, offers)
    award = lot_path(tender, "all", "award")
    assert await refusal(town, OFFICER, award) == (409, "tie-unresolved", *TIE_BREAK[terms.pack])
    path = lot_path(tender, "all", "tie-draw")
    lead = timedelta(minutes=10)

    def at_noon(at: datetime) -> dict[str, Any]:
        records = ["Lottery of the day", "River level at noon"]
        return {"beacon": {"source": "public-records", "records": records, "at": at.isoformat()}}

    at = town.clock.now() + lead
    early = await refusal(town, OFFICER, path, at_noon(at - timedelta(seconds=1)))
    assert early == (409, "beacon-too-early", "committee.beacon-lead", "Coxswain model pack")
    announced = await done(town, OFFICER, path, at_noon(at))
    assert announced["tie_draws"][0]["bids"] == sorted([bids["all", "alder"], bids["all", "birch"]])
    assert await refusal(town, OFFICER, award) == (409, "tie-unresolved", *TIE_BREAK[terms.pack])
    result = f"{path}/result"
    soon = await refusal(town, OFFICER, result, NUMBERS)
    assert soon == (409, "beacon-not-yet", "committee.beacon-lead", "Coxswain model pack")
    town.clock.set(at)
    # Nobody writes down a number that was not read, and nobody reads alone.
    invented = await refusal(town, OFFICER, result, {"randomness": "5f" * 32})
    assert invented == (422, "randomness-of-another-beacon", None, None)
    assert (await done(town, OFFICER, result, NUMBERS))["tie_draws"][0]["order"] == []
    assert await refusal(town, OFFICER, result, NUMBERS) == (409, "numbers-entered", None, None)
    drawn = await done(town, HEAD, result, NUMBERS)
    # Whoever does not like the result cannot draw again.
    assert await refusal(town, OFFICER, result, NUMBERS) == (404, "tie-draw-unknown", None, None)
    repeated = await refusal(town, OFFICER, path, at_noon(at + lead))
    assert repeated == (409, "tie-draw-announced", *TIE_BREAK[terms.pack])

    # The order again, from what is public: HMAC-SHA-256 as RFC 5869 uses it, extracted and expanded by label. The code
    # is the 63rd hash of 64, the records are written as RFC 3797 says.
    code = hashlib.sha256(f"{tender['ocid']}/all".encode()).digest()
    for _ in range(63):
        code = hashlib.sha256(code).digest()
    secret = hmac.new(code, b"3.7./412./", "sha256").digest()
    places = {
        hmac.new(secret, bids["all", name].encode() + b"\x01", "sha256").digest(): name for name in ("alder", "birch")
    }
    winner = places[min(places)]
    assert drawn["tie_draws"][0]["order"] == [bids["all", places[place]] for place in sorted(places)]
    assert standing(await proposed(town, tender, "all"), "all")["supplier"]["id"] == winner
    event = (await told_as(town, tender["ocid"], "award.tie-drawn"))[0]
    assert (event["randomness"], event["order"][0]) == (b"3.7./412./".hex(), bids["all", winner])
    record = {"draws": [event["draw"]]}
    assert all(finding.kept for finding in verify(record))
