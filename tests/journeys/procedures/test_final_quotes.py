"""Journey 12: a consultation; after talks with each bidder final quotes decide, and no first price is ever opened."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from shared.testing.course import (
    CHINA,
    HEAD,
    MODEL,
    OFFICER,
    Terms,
    appropriate,
    clerk,
    confirmed,
    content,
    opened,
    prices_opened,
    proposed,
    published,
    qualified,
    register,
    score,
    seated,
    signed,
    submitted,
    tender_path,
)
from shared.testing.evaluation import ranking
from shared.testing.negotiation import quoted, quotes_requested, talked
from shared.testing.town import Town, done, flow, instant, refusal, seen, told_as

LOTS = {"all": "2500000.00"}
OFFERS = {
    "all": {
        "alder": ("1800011.11", "78"),
        "birch": ("2000022.22", "88"),
        "cedar": ("2400033.33", "93"),
        "dogwood": ("2300044.44", "60"),
    }
}
FIRST = ("1800011", "2000022", "2400033", "2300044")
ORDER_74 = "Ministry of Finance Order 74, arts. 32-34; Cai Ku [2014] 214"
MODEL_LAW = "UNCITRAL Model Law on Public Procurement (2011), arts. 49-51"
RULE = {"model": ("final-quotes", MODEL_LAW), "cn-services": ("final-quotes", ORDER_74)}
TALKS = {
    "model": ("final-quotes.talks", MODEL_LAW),
    "cn-services": ("final-quotes.talks", "Ministry of Finance Order 74, art. 32; Cai Ku [2014] 214"),
}
CHANGED = {"what": "The service begins at six in the morning."}


def body(terms: Terms) -> dict[str, Any]:
    written = content(terms, LOTS)
    facts = {**terms.facts, "procedure": {**terms.facts.get("procedure", {}), "purchase_of_services": True}}
    reason = {"ground": "complex", "rationale": "How care is best given is found out in talks."}
    written["procurement"] |= {"method": "competitive-consultation", "facts": facts, **reason}
    return written


async def known(town: Town, tender: Any) -> str:
    """Return all that anybody can read of a procedure."""
    shown = [await seen(town, tender_path(tender, rest)) for rest in ("", "/bids", "/bid-trace", "/final-quotes")]
    rounds = await seen(town, tender_path(tender, "/negotiations"))
    return json.dumps([*shown, rounds, *await town.services["tender"].published()], default=str)


async def settled(town: Town, terms: Terms) -> tuple[Any, dict[str, str]]:
    """Bring a consultation to its locked scores; return it and its bids by bidder."""
    line = await appropriate(town, terms, "4000000.00")
    await register(town, *OFFERS["all"])
    tender = await published(town, terms, line, body(terms))
    bids = {name: bid for (_, name), bid in (await submitted(town, terms, tender, OFFERS)).items()}
    await opened(town, tender)
    await qualified(town, tender)
    request = tender_path(tender, "/final-quotes")
    soon = {"closes_at": (town.clock.now() + timedelta(days=30)).isoformat()}
    unscored = (409, "scores-missing", "quality-locked-before-prices", "Coxswain model pack")
    assert await refusal(town, OFFICER, request, soon) == unscored
    await score(town, tender, await seated(town, terms, tender), {bids[name]: OFFERS["all"][name][1] for name in bids})
    return tender, bids


async def called(town: Town, terms: Terms, tender: Any, bids: dict[str, str]) -> str:
    """Talk with all, change the terms, and ask for the final quotes; return until when they are taken."""
    request = tender_path(tender, "/final-quotes")
    await talked(town, tender, *bids.values())
    await done(town, HEAD, tender_path(tender, "/changed-terms"), CHANGED)
    rounds = tender_path(tender, "/negotiations")
    assert [one["terms"][0]["what"] for one in await seen(town, rounds)] == [None]
    assert [one["terms"][0]["what"] for one in await seen(town, rounds, clerk("cedar"))] == [CHANGED["what"]]
    until = await quotes_requested(town, tender)
    for name in bids:
        notices = (await seen(town, "/v1/my/notices?limit=2", clerk(name)))["items"]
        assert [(one["kind"], one["closes_at"]) for one in notices] == [
            ("final-quotes", until),
            ("changed-terms", None),
        ]
    again = await refusal(town, OFFICER, request, {"closes_at": until})
    assert again == (409, "final-quotes-requested", *RULE[terms.pack])
    return until


@pytest.mark.parametrize("terms", [MODEL, CHINA], ids=lambda terms: terms.pack)
async def test_final_quotes_decide_when_a_consultation_has_talked_with_each_bidder(town: Town, terms: Terms) -> None:
    tender, bids = await settled(town, terms)
    request, opening = tender_path(tender, "/final-quotes"), tender_path(tender, "/price-opening")
    assert await refusal(town, OFFICER, opening) == (409, "final-quotes-not-requested", *RULE[terms.pack])
    soon = {"closes_at": (town.clock.now() + timedelta(days=30)).isoformat()}
    assert await refusal(town, OFFICER, request, soon) == (409, "talks-missing", *TALKS[terms.pack])
    until = await called(town, terms, tender, bids)

    await quoted(town, terms, bids["alder"], "alder", "1100.00")
    receipt = await quoted(town, terms, bids["alder"], "alder", "1700011.11")
    await quoted(town, terms, bids["birch"], "birch", "1600022.22")
    await quoted(town, terms, bids["cedar"], "cedar", "2400000.00")
    await quoted(town, terms, bids["dogwood"], "dogwood", "1.00")
    await done(town, clerk("dogwood"), f"/v1/bids/{bids['dogwood']}/leaving")
    assert await refusal(town, OFFICER, opening) == (409, "final-quotes-sealed", *RULE[terms.pack])
    before = await known(town, tender)
    assert not [price for price in (*FIRST, "1700011", "1600022", "2400000", "1100.00") if price in before]
    assert (await seen(town, request)) == []
    town.clock.set(instant(until))
    late = {"scheme": "access/v1", "envelope": base64.b64encode(b"{}").decode()}
    answer = await refusal(town, clerk("birch"), f"/v1/bids/{bids['birch']}/final-quotes", late)
    assert answer == (409, "final-quote-late", *RULE[terms.pack])
    await prices_opened(town, tender)

    await proposed(town, tender, "all")
    # birch 30 + 0.7 x 88 = 91.6; alder 30 x 1600022.22 / 1700011.11 + 0.7 x 78 = 82.8355;
    # cedar 30 x 1600022.22 / 2400000 + 0.7 x 93 = 85.1003. Dogwood has left.
    assert [(place["bidder"]["id"], place["total"]) for place in await ranking(town, tender, "all")] == [
        ("birch", "91.6000"),
        ("cedar", "85.1003"),
        ("alder", "82.8355"),
    ]
    after = await known(town, tender)
    assert not [price for price in FIRST if price in after]
    shown = {bid["bidder"]["id"]: bid for bid in await seen(town, tender_path(tender, "/bids"))}
    assert (shown["dogwood"]["valid"], shown["dogwood"]["price"]) == (False, None)
    assert tuple(shown["dogwood"]["rule"].values()) == RULE[terms.pack]
    quote = shown["alder"]["final_quote"]
    assert (quote["digest"], quote["salt"], shown["alder"]["salt"]) == (receipt["digest"], receipt["salt"], None)
    (told,) = await seen(town, tender_path(tender, "/negotiations"))
    assert (told["terms"][0]["what"], told["talks"][0]["persons"]) == (CHANGED["what"], ["Olga Orlova", "Pola Petri"])
    contract = await signed(town, await confirmed(town, tender, "all"))
    assert contract["value"] == terms.money("1600022.22")
    await flow(town)
    requested = await told_as(town, tender["ocid"], "tender.final-quotes-requested")
    assert [(data["terms_changed"], set(data["bids"])) for data in requested] == [(True, set(bids.values()))]
