"""Journey: evidence expires while a tender runs; what that means is asked of the instant that the pack names."""

from datetime import timedelta
from typing import Any

import pytest

from shared.rules.pack import load_pack
from shared.testing.callers import MODEL_PACK
from shared.testing.course import (
    ALL,
    EUROPE,
    OFFICER,
    Terms,
    appropriate,
    bid,
    clerk,
    concluded,
    content,
    published,
    register,
    tender_path,
)
from shared.testing.registration import (
    SERVICE,
    against,
    declare,
    eligibility_told,
    eligible_for,
    hand_in,
    let_time_act,
    named_in_events,
    paper,
)
from shared.testing.town import Town, done, instant, refusal, seen

LOTS = {"all": "2500000.00"}
OFFERS = {"all": {"birch": ("2000000.00", "88"), "cedar": ("2400000.00", "93"), "alder": ("1800000.00", "78")}}
FRAMEWORK = {"start": "2026-07-01", "end": "2027-06-30", "stage_two": "direct-choice", "most_suppliers": 4}
ORDER = {
    "title": "Home care in one street",
    "delivery": {"start": "2026-08-01", "end": "2026-10-31", "periods": 1},
    "reason": "It serves the street already.",
    "supplier": "alder",
}

UNPROVED = ("exclusion.mandatory", "Directive 2014/24/EU, read as Public Contracts Regulations 2015 (UK), reg. 57")


async def told_of_documents(town: Town, organisation: str) -> dict[str, list[tuple[str, str]]]:
    """Return when the registry told that each document of a provider expires or has expired."""
    found: dict[str, list[tuple[str, str]]] = {}
    for event in await town.services[SERVICE].published():
        if event.partitionkey == organisation and event.type.startswith("provider.document-expir"):
            told = (event.type.split(".")[1], event.data.get("expired_at") or event.data["expires_at"])
            found.setdefault(event.data["digest"], []).append(told)
    return found


async def prove_everything(town: Town, organisation: str, pack: str, *, first: str, last: str) -> None:
    """Declare, and hand in documents that hold on these days for all that documents prove under a pack."""
    await declare(town, organisation, pack)
    criteria = await seen(town, f"/v1/criteria/{pack}", service=SERVICE)
    for one in (one for one in criteria if one["proof"]):
        document = paper(one["proof"][0], [one["id"]], first=first, last=last)
        await hand_in(town, organisation, document)


@pytest.mark.parametrize("terms", ALL, ids=lambda terms: terms.pack)
async def test_bid_stands_or_falls_with_what_holds_at_the_last_instant_in_time(town: Town, terms: Terms) -> None:
    line = await appropriate(town, terms, "4000000.00")
    await register(town, "alder")
    await prove_everything(town, "alder", terms.pack, first="2026-03-01", last="2026-04-14")
    assert await against(town, "alder", terms.pack, "orders") == set()
    tender = await published(town, terms, line, content(terms, LOTS))
    closes_at = instant(tender["closes_at"])
    last_day = load_pack(terms.pack).calendar.day_of(closes_at - timedelta(microseconds=1))
    await register(town, "cedar", valid_until="2026-04-15")
    await register(town, "birch", valid_until=str(last_day))
    for organisation in ("alder", "birch", "cedar"):
        await bid(town, terms, tender, "all", organisation, "1900000.00")

    town.clock.set(closes_at - timedelta(days=1))
    await let_time_act(town)
    expired_at = "2026-04-15T00:00:00.000000Z"
    assert instant(expired_at) < town.clock.now()
    told = await told_of_documents(town, "alder")
    criteria = await seen(town, f"/v1/criteria/{terms.pack}", service=SERVICE)
    proved = {f"proved.{one['id']}" for one in criteria if one["proof"]}
    twice = [("document-expiring", expired_at)] * 2
    assert list(told.values()) == [[*twice, ("document-expired", expired_at)]] * len(proved)
    # For a tender the declaration is enough; an order is kept from it, and so is a tender from the end of verification.
    assert await against(town, "alder", terms.pack, "orders") == {(code, "fail") for code in proved}
    assert await eligible_for(town, "alder", terms.pack, "tenders") == {"tenders": True}
    assert (await eligibility_told(town, "alder", terms.pack, "orders"))[-1] == (expired_at, False)
    assert (await against(town, "cedar", terms.pack, "tenders")) >= {("provider-not-verified", "fail")}
    assert ("provider-not-verified", "fail") not in await against(town, "birch", terms.pack, "tenders")
    body = {"lot": "all", "scheme": "access/v1", "financial": "e30="}
    late = await refusal(town, clerk("cedar"), tender_path(tender, "/bids"), body)
    assert late == (409, "bidder-not-verified", "bidder-verified", MODEL_PACK)
    await bid(town, terms, tender, "all", "alder", "1800000.00")

    town.clock.set(closes_at + timedelta(days=1))
    await let_time_act(town)
    await done(town, OFFICER, tender_path(tender, "/opening"))
    opened_bids = {one["bidder"]["id"]: one for one in await seen(town, tender_path(tender, "/bids"))}
    rule = {"rule": "bidder-verified.instant", "source": MODEL_PACK}
    assert {name: (one["valid"], one["rule"]) for name, one in opened_bids.items()} == {
        "alder": (True, None),
        "birch": (True, None),
        "cedar": (False, rule),
    }
    assert await named_in_events(town, "alder-clerk", '"rosa"', '"rolf"') == []


async def test_order_waits_for_proof_again_once_a_document_has_expired(town: Town) -> None:
    line = await appropriate(town, EUROPE, "4000000.00")
    _, agreement = await concluded(town, EUROPE, line, LOTS, OFFERS, FRAMEWORK)
    await prove_everything(town, "alder", "eu-light", first="2026-03-01", last="2026-08-14")
    assert await against(town, "alder", "eu-light", "orders") == set()
    order: dict[str, Any] = {**ORDER, "value": EUROPE.money("100000.00")}
    orders = f"/v1/frameworks/{agreement['id']}/call-offs"
    await done(town, OFFICER, orders, order)

    town.clock.set(instant("2026-08-15T00:00:00+00:00"))
    await let_time_act(town)
    assert await refusal(town, OFFICER, orders, order) == (409, "bidder-not-eligible", *UNPROVED)
    await prove_everything(town, "alder", "eu-light", first="2026-08-15", last="2027-02-28")
    await done(town, OFFICER, orders, order)
    told = await eligibility_told(town, "alder", "eu-light", "orders")
    assert [eligible for _, eligible in told][-2:] == [False, True]
