"""Journey 3: what is asked for changes after bids came; none counts that its bidder did not stand by again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.testing.course import (
    ALL,
    HEAD,
    OFFICER,
    Terms,
    appropriate,
    bid,
    clerk,
    content,
    opened,
    published,
    register,
    submitted,
    tender_path,
)
from shared.testing.town import Town, ask, done, instant, refusal, seen, told_as

LOTS = {"all": "2500000.00"}
OFFERS = {"all": dict.fromkeys(("alder", "birch", "cedar", "dogwood"), ("2000000.00", "80"))}
MODEL_PACK = "Coxswain model pack"
ENOUGH_TIME = {
    "model": MODEL_PACK,
    "cn-services": "Ministry of Finance Order 87, art. 27",
    "eu-light": MODEL_PACK,
    "uk-2023": MODEL_PACK,
}
FUNDS = {
    "model": MODEL_PACK,
    "cn-services": "Budget Law (预算法), art. 13",
    "eu-light": MODEL_PACK,
    "uk-2023": MODEL_PACK,
}
# 20 days after the 11th of April are the 1st of May, to its end: in UTC, and in China eight hours earlier.
# 25 days are the 6th, to its end in London; in Europe the office gives 30 days to the minute.
CLOSES = {
    "model": datetime(2026, 5, 2, tzinfo=UTC),
    "cn-services": datetime(2026, 5, 1, 16, tzinfo=UTC),
    "eu-light": datetime(2026, 5, 11, 9, tzinfo=UTC),
    "uk-2023": datetime(2026, 5, 6, 23, tzinfo=UTC),
}
AMENDED = {
    "model": datetime(2026, 4, 29, 9, tzinfo=UTC),
    "cn-services": datetime(2026, 4, 29, 9, tzinfo=UTC),
    "eu-light": datetime(2026, 5, 8, 9, tzinfo=UTC),
    "uk-2023": datetime(2026, 5, 4, 9, tzinfo=UTC),
}
# 5 days after the 29th of April are the 4th of May, after the 8th of May the 13th, after the 4th the 9th; 15 days after
# the 29th of April are the 14th.
MOVED = {
    "model": datetime(2026, 5, 5, tzinfo=UTC),
    "cn-services": datetime(2026, 5, 14, 16, tzinfo=UTC),
    "eu-light": datetime(2026, 5, 13, 22, tzinfo=UTC),
    "uk-2023": datetime(2026, 5, 9, 23, tzinfo=UTC),
}


def dearer(terms: Terms) -> dict[str, Any]:
    more = content(terms, {"all": "2500000.01"})
    return {name: more[name] for name in ("value", "lots")}


@pytest.mark.parametrize("terms", ALL, ids=lambda terms: terms.pack)
async def test_only_bids_that_were_confirmed_or_replaced_are_opened_when_the_tender_was_amended(
    town: Town, terms: Terms
) -> None:
    line = await appropriate(town, terms, "4000000.00")
    await register(town, "alder", "birch", "cedar", "dogwood", "elm")
    body = content(terms, LOTS)
    if terms.bidding is not None:
        body["procurement"]["closes_at"] = CLOSES[terms.pack].isoformat()
    tender = await published(town, terms, line, body)
    assert instant(tender["closes_at"]) == CLOSES[terms.pack]
    bids = await submitted(town, terms, tender, OFFERS)
    await done(town, clerk("elm"), tender_path(tender, "/interest"))
    town.clock.set(AMENDED[terms.pack])

    path = tender_path(tender, "/amendments")
    amended = {"content": {**body, "description": "Care for people over 65."}, "reason": "The council lowered the age."}
    too_soon = {**amended, "closes_at": (MOVED[terms.pack] - timedelta(days=1)).isoformat()}
    rule = ("clarification", ENOUGH_TIME[terms.pack])
    assert await refusal(town, OFFICER, path, too_soon) == (409, "amendment-deadline-too-early", *rule)
    costlier = {**amended, "content": {**body, **dearer(terms)}}
    funds = ("funds-reserved-before-publication", FUNDS[terms.pack])
    assert await refusal(town, OFFICER, path, costlier) == (409, "amendment-above-funds", *funds)
    draft = await done(town, replace(HEAD, roles=OFFICER.roles), path, amended)
    publication = f"{path}/{draft['id']}/publication"
    four_eyes = ("second-person.publication", MODEL_PACK)
    assert await refusal(town, HEAD, publication) == (403, "second-person-needed", *four_eyes)
    in_force = await done(town, replace(HEAD, name="hedda"), publication)
    assert (in_force["number"], in_force["changed"]) == (1, ["description", "closes_at"])
    assert instant(in_force["closes_at"]) == MOVED[terms.pack]

    for name in ("alder", "birch", "cedar", "dogwood", "elm"):
        notices = (await seen(town, "/v1/my/notices", clerk(name)))["items"]
        assert {(one["kind"], one["subject"], instant(one["closes_at"])) for one in notices} == {
            ("amendment", draft["id"], MOVED[terms.pack]),
            ("deadline", tender["id"], MOVED[terms.pack]),
        }
    own = await seen(town, f"/v1/bids/{bids['all', 'alder']}", clerk("alder"))
    assert own["status"] == "invalidated"
    # One stands by its bid, one bids anew, a third bids for the first time; cedar and dogwood do nothing.
    await done(town, clerk("alder"), f"/v1/bids/{bids['all', 'alder']}/confirmation")
    replacing = await bid(town, terms, tender, "all", "birch", "1900000.00")
    first = await bid(town, terms, tender, "all", "elm", "2100000.00")
    result = await opened(town, tender)
    late = await ask(town, clerk("cedar"), f"/v1/bids/{bids['all', 'cedar']}/confirmation")
    problem = late.json()
    assert (problem["status"], problem["code"]) == (409, "bid-late")
    assert (problem["rule"], problem["source"]) == ("bid-deadline", "Coxswain model pack")
    assert result["status"] == "qualification"
    shown = {item["bidder"]["id"]: item["bid"] for item in await seen(town, tender_path(tender, "/bids"))}
    assert shown == {"alder": bids["all", "alder"], "birch": replacing, "elm": first}
    versions = await seen(town, tender_path(tender, "/versions"))
    assert [item["content"]["description"] for item in versions] == [body["description"], "Care for people over 65."]
    event = (await told_as(town, tender["ocid"], "tender.amended"))[0]
    assert (instant(event["old_closes_at"]), instant(event["closes_at"])) == (CLOSES[terms.pack], MOVED[terms.pack])
