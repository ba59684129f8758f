"""Methods other than the open one, each to its award, or to the end that its own number of bids brings."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import consultations
import pytest

from shared.testing.course import CHINA

CONSULTATION = "method.competitive-consultation.minimum-suppliers"
CHINESE = "Cai Ku [2014] 214 and its supplement No. 124 (competitive consultation)"
QUOTES = "method.competitive-negotiation.minimum-quotes"
NAMES = ("alder", "birch", "cedar", "dogwood", "elm", "fir")
SHARES = {"birch": "0.80", "alder": "0.84", "cedar": "0.88"}


def facts(services: bool) -> dict[str, Any]:
    return {**CHINA.facts, "procedure": {**CHINA.facts["procedure"], "purchase_of_services": services}}


async def chinese(parties: Any, **told: Any) -> Any:
    content = parties.chinese_content(procurement=parties.procurement(**told))
    content["criteria"][1]["levels"][1] |= {"points": "50"}
    if told["method"] == "competitive-negotiation":
        content = consultations.price_alone(content)
    return await parties.chinese(**content)


async def draft(parties: Any, pack: str, method: str, ground: str, *, services: bool = True) -> Any:
    told: dict[str, Any] = {"method": method, "ground": ground, "rationale": "It cannot be done otherwise."}
    if pack == "cn-services":
        # No period of the pack says until when the one provider may bid.
        asked = (parties.service.clock.now() + timedelta(days=80)).isoformat()
        told |= {"closes_at": asked} if method == "single-source" else {}
        return await chinese(parties, **told, facts=facts(services))
    return await parties.draft(procurement=parties.procurement(**told))


async def prepare(parties: Any, tender: Mapping[str, Any], method: str, pack: str) -> None:
    """Make the one provider public, or draw who is invited, where the method asks for it."""
    path = f"/v1/tenders/{tender['id']}"
    if method == "single-source":
        one = {"supplier": "birch", "supplier_name": "Birch Ltd"}
        shown = await parties.done("POST", f"{path}/publicity", parties.officer, one)
        parties.service.clock.set(datetime.fromisoformat(shown["until"]))
    if method == "competitive-negotiation" and pack == "cn-services":
        candidates = [{"id": name, "name": name.title()} for name in NAMES]
        at = (parties.service.clock.now() + timedelta(hours=1)).isoformat()
        beacon = {"source": "public-records", "records": ["Lottery", "River level"], "at": at}
        pool = {"candidates": candidates, "number": 3, "beacon": beacon}
        await parties.done("POST", f"{path}/invitation", parties.officer, pool)
        for name in ("hugo", "hedda"):
            await parties.done("POST", f"{path}/invitation/witnesses", replace(parties.head, name=name))
        parties.service.clock.advance(hours=2)
        for reader in (parties.head, parties.officer):
            await parties.done("POST", f"{path}/invitation/draw", reader, {"numbers": [[7, 3], [412]]})


async def invited(parties: Any, tender: Mapping[str, Any]) -> list[str]:
    found = await parties.send("GET", f"/v1/tenders/{tender['id']}/invitation", parties.officer)
    return found.json()["invitees"] if found.status_code == 200 else list(SHARES)


async def to_prices(parties: Any, tender: Mapping[str, Any], bids: int) -> tuple[Any, dict[str, str]]:
    """Publish a draft, let so many bid, and open the prices if it comes to that."""
    tender = await parties.publish(tender)
    bidders = (await invited(parties, tender))[:bids]
    await parties.verify(*bidders)
    value = tender["content"]["value"]
    quotes = {}
    for bidder, share in zip(bidders, SHARES.values(), strict=False):
        price = f"{Decimal(value['amount']) * Decimal(share):.2f}"
        quotes[(await parties.bid(tender, bidder, parties.priced(price, value["currency"])))["bid"]] = (bidder, price)
    prices: dict[str, str] = {}
    if (await parties.open(tender))["status"] == "qualification":
        method = tender["content"]["procurement"]["method"]
        final = quotes if method.startswith("competitive") else {}
        prices = await to_final_prices(parties, tender, final) if final else await parties.to_prices(tender)
    return await parties.shown(f"/v1/tenders/{tender['id']}"), prices


async def to_final_prices(parties: Any, tender: Any, quotes: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Score every bid alike, ask for final quotes, and let the bidders keep to their prices; return those."""
    await parties.qualify(tender)
    if len(tender["content"]["criteria"]) > 1:
        await parties.score(tender, [(bid, "quality", "50") for bid in quotes])
    requested = await consultations.requested(parties, tender)
    for bid, (bidder, price) in quotes.items():
        await consultations.quoted(parties, bid, bidder, price, tender["content"]["value"]["currency"])
    parties.service.clock.set(datetime.fromisoformat(requested["negotiation"]["closes_at"]))
    await parties.open_prices(tender)
    shown = await parties.shown(f"/v1/tenders/{tender['id']}/bids")
    return {bid["bidder"]["id"]: bid["price"]["amount"] for bid in shown if bid["price"]}


@pytest.mark.parametrize(
    ("pack", "method", "ground", "bids"),
    [
        ("model", "single-source", "only-supplier", 1),
        ("cn-services", "single-source", "only-supplier", 1),
        ("model", "competitive-consultation", "complex", 3),
        ("cn-services", "competitive-consultation", "complex", 2),
        ("model", "competitive-negotiation", "complex", 2),
        ("cn-services", "competitive-negotiation", "complex", 3),
    ],
)
async def test_method_comes_to_its_award_when_as_many_bid_as_it_asks_for(
    parties: Any, pack: str, method: str, ground: str, bids: int
) -> None:
    tender = await draft(parties, pack, method, ground)
    await prepare(parties, tender, method, pack)
    tender, prices = await to_prices(parties, tender, bids)
    assert len(prices) == bids
    proposed = await parties.propose(tender)
    parties.service.clock.set(parties.standstill_end(proposed))
    awarded = await parties.confirm(proposed)
    assert (awarded["status"], awarded["lots"][0]["status"]) == ("complete", "complete")


@pytest.mark.parametrize(
    ("pack", "method", "bids", "services", "rule"),
    [
        ("model", "competitive-consultation", 2, True, CONSULTATION),
        ("cn-services", "competitive-consultation", 2, False, CONSULTATION),
        ("cn-services", "competitive-consultation", 1, True, f"{CONSULTATION}-services"),
        ("cn-services", "competitive-negotiation", 2, True, QUOTES),
    ],
)
async def test_method_ends_at_its_prices_when_fewer_bid_than_it_asks_for(
    parties: Any, pack: str, method: str, bids: int, services: bool, rule: str
) -> None:
    tender = await draft(parties, pack, method, "complex", services=services)
    await prepare(parties, tender, method, pack)
    tender, _ = await to_prices(parties, tender, bids)
    assert tender["status"] == "unsuccessful"
    assert dict(await parties.events(tender))["tender.unsuccessful.v1"]["rule"] == rule


async def test_negotiation_is_not_published_in_china_when_more_than_the_price_is_compared(parties: Any) -> None:
    told = {"method": "competitive-negotiation", "ground": "complex", "rationale": "It cannot be done otherwise."}
    both = parties.chinese_content(procurement=parties.procurement(**told, facts=CHINA.facts))
    tender = await parties.chinese(**both)
    await prepare(parties, tender, "competitive-negotiation", "cn-services")
    refused = await parties.send("POST", f"/v1/tenders/{tender['id']}/publication", parties.head)
    rule = "method.competitive-negotiation.award"
    law = "Government Procurement Law (政府采购法), art. 38"
    parties.refused(refused, 409, rule.replace(".", "-"), rule, law)


async def test_nothing_waits_for_a_panel_when_nobody_bid_in_a_consultation(parties: Any) -> None:
    tender = await parties.publish(await draft(parties, "cn-services", "competitive-consultation", "complex"))
    assert (await parties.open(tender))["status"] == "qualification"
    assert (await parties.qualify(tender))["status"] == "unsuccessful"
    assert dict(await parties.events(tender))["tender.unsuccessful.v1"]["rule"] == "gate.qualified.one-bid"


async def test_consultation_is_not_published_when_it_is_not_said_what_its_number_depends_on(parties: Any) -> None:
    told = {"ground": "complex", "rationale": "It cannot be done otherwise.", "facts": CHINA.facts}
    tender = await chinese(parties, method="competitive-consultation", **told)
    refused = await parties.send("POST", f"/v1/tenders/{tender['id']}/publication", parties.head)
    problem = parties.refused(refused, 409, "facts-missing", CONSULTATION, CHINESE)
    assert problem["satisfied_by"] == "procedure.purchase_of_services in the draft's `procurement.facts`."
