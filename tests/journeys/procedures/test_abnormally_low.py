"""Journey 4: a price that is conspicuously low is asked about, and people decide on the answer."""

from datetime import timedelta

import pytest

from shared.testing.course import (
    ALL,
    BRITAIN,
    EUROPE,
    OFFICER,
    Terms,
    appropriate,
    clerk,
    lot_path,
    priced,
    proposed,
    standing,
    tender_path,
)
from shared.testing.evaluation import ranking
from shared.testing.town import Town, done, instant, refusal, seen, told, told_as

LOTS = {"all": "2500000.00"}
# 45 % of the lot's value are 1,125,000: only cedar is below it.
OFFERS = {
    "all": {
        "alder": ("2000000.00", "88"),
        "birch": ("2200000.00", "84"),
        "cedar": ("1124999.99", "80"),
        "dogwood": ("1125000.00", "60"),
    }
}
DIRECTIVE = "Directive 2014/24/EU, read as Public Contracts Regulations 2015 (UK), reg. 69"
REQUESTED = {
    "model": ("abnormally-low.explanation-requested", "UNCITRAL Model Law on Public Procurement (2011), art. 20"),
    "cn-services": ("abnormally-low.explanation-requested", "Ministry of Finance Order 87, art. 60"),
    "eu-light": ("abnormally-low.explanation-requested", DIRECTIVE),
    "uk-2023": ("abnormally-low.explanation-requested", "Procurement Act 2023, s. 19"),
}
TIME = {
    "model": ("abnormally-low.explanation-period", "Coxswain model pack"),
    "cn-services": ("abnormally-low.explanation-minutes", "Cai Ku [2026] 2"),
    "eu-light": ("abnormally-low.explanation-period", "Coxswain model pack"),
    "uk-2023": ("abnormally-low.explanation-period", "Coxswain model pack"),
}
# Neither knows a figure: somebody has to find a price too low.
BY_JUDGEMENT = (EUROPE, BRITAIN)


@pytest.mark.parametrize("answer", ["accepted", "rejected", "silent"])
@pytest.mark.parametrize("terms", ALL, ids=lambda terms: terms.pack)
async def test_bidder_is_asked_about_its_price_and_people_decide_when_it_is_conspicuously_low(
    town: Town, terms: Terms, answer: str
) -> None:
    line = await appropriate(town, terms, "4000000.00")
    tender, bids = await priced(town, terms, line, LOTS, OFFERS)
    low = bids["all", "cedar"]
    path = tender_path(tender, f"/bids/{low}")
    trigger = "abnormally-low.ceiling"
    if terms in BY_JUDGEMENT:
        assert tender["inquiries"] == []
        tender, trigger = await done(town, OFFICER, f"{path}/price-inquiry"), "abnormally-low.judgement"
    (inquiry,) = tender["inquiries"]
    assert (inquiry["bid"], inquiry["triggers"]) == (low, [trigger])
    assert await refusal(town, OFFICER, lot_path(tender, "all", "award")) == (
        409,
        "price-inquiry-open",
        *REQUESTED[terms.pack],
    )
    decision = {"accepted": answer == "accepted", "reason": "What it says was compared with its accounts."}
    asked = (409, "explanation-awaited", *TIME[terms.pack])
    assert await refusal(town, OFFICER, f"{path}/price-decision", decision) == asked

    due = instant(inquiry["due_at"])
    explanation = {"explanation": "Volunteers drive."}
    if answer == "silent":
        town.clock.set(due)
        late = (409, "explanation-late", *TIME[terms.pack])
        assert await refusal(town, clerk("cedar"), f"{path}/price-explanation", explanation) == late
        unexplained = (422, "explanation-missing", *REQUESTED[terms.pack])
        accepting = {**decision, "accepted": True}
        assert await refusal(town, OFFICER, f"{path}/price-decision", accepting) == unexplained
    else:
        town.clock.set(due - timedelta(microseconds=1))
        other = await refusal(town, clerk("alder"), f"{path}/price-explanation", explanation)
        assert other == (403, "not-own-organisation", None, None)
        await done(town, clerk("cedar"), f"{path}/price-explanation", explanation)
    decided = await done(town, OFFICER, f"{path}/price-decision", decision)
    assert decided["inquiries"][0]["accepted"] is (answer == "accepted")
    # What a bidder says of its price is for those who decide.
    assert "Volunteers" not in str(await told(town, tender["ocid"])) + str(decided)

    award = standing(await proposed(town, tender, "all"), "all")
    excluded = await told_as(town, tender["ocid"], "tender.bid-excluded")
    if answer == "accepted":
        # 30 + 0.7 x 80 = 86; alder has 30 x 1124999.99/2000000 + 0.7 x 88 = 78.47.
        assert (award["supplier"]["id"], (await ranking(town, tender, "all"))[0]["total"], excluded) == (
            "cedar",
            "86.0000",
            [],
        )
    else:
        # Without it the lowest price is dogwood's: alder 30 x 1125/2000 + 61.6 = 78.475, dogwood 30 + 42 = 72.
        assert [(place["bidder"]["id"], place["total"]) for place in await ranking(town, tender, "all")][::2] == [
            ("alder", "78.4750"),
            ("dogwood", "72.0000"),
        ]
        assert [(data["bid"], data["rule"], data["source"]) for data in excluded] == [(low, *REQUESTED[terms.pack])]
    shown = {item["bidder"]["id"]: item["valid"] for item in await seen(town, tender_path(tender, "/bids"))}
    assert shown == {"alder": True, "birch": True, "cedar": answer == "accepted", "dogwood": True}
