"""Who is debarred neither bids nor counts, by what the registry said of the instant that matters."""

from datetime import timedelta
from typing import Any

from shared.contracts.provider_eligibility import EligibilityAnswer, EligibilityChanged, EligibilityExclusion

RULE = {"rule": "exclusion.debarred", "source": "Coxswain model pack"}


async def tell(parties: Any, organisation: str, *purposes: str, pack: str = "model") -> None:
    now = parties.service.clock.now()
    exclusion = EligibilityExclusion(code="debarred", verdict="fail", **RULE, until=now + timedelta(days=400))
    answers = tuple(
        EligibilityAnswer(
            pack=pack,
            pack_version="1.0.0",
            purpose=purpose,
            eligible=purpose not in purposes,
            exclusions=(exclusion,) if purpose in purposes else (),
        )
        for purpose in ("tenders", "orders", "payments")
    )
    changed = EligibilityChanged(provider=organisation, changed_at=now, answers=answers, next_change=None)
    await parties.service.deliver("provider-registry", changed)


async def test_debarred_provider_is_refused_with_rule_and_end_and_admitted_afterwards(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("alder", "birch")
    await tell(parties, "alder", "tenders")
    await tell(parties, "birch", "orders", "payments")
    path, body = f"/v1/tenders/{tender['id']}/bids", parties.bid_body(parties.priced("1.00"))
    refused = await parties.send("POST", path, parties.bidder("alder"), body)
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (409, "bidder-not-eligible")
    assert {"rule": problem["rule"], "source": problem["source"]} == RULE
    assert problem["satisfied_by"].startswith("Its end at 2027-")
    await parties.done("POST", path, parties.bidder("birch"), body)
    parties.service.clock.advance(seconds=1)
    await tell(parties, "alder")
    await parties.done("POST", path, parties.bidder("alder"), body)


async def test_bid_does_not_count_when_its_bidder_or_a_member_was_debarred_at_the_deadline(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("alder", "birch", "cedar")
    for name in ("alder", "birch", "cedar"):
        body = parties.bid_body(parties.priced("1.00"))
        await parties.done("POST", f"/v1/tenders/{tender['id']}/bids", parties.bidder(name), body)
    parties.service.clock.set(parties.deadline(tender) - timedelta(microseconds=1))
    await tell(parties, "alder", "tenders")
    await tell(parties, "cedar", "tenders", pack="eu-light")
    parties.service.clock.set(parties.deadline(tender))
    await tell(parties, "birch", "tenders")
    await parties.open(tender)
    bids = {bid["bidder"]["id"]: bid for bid in await parties.shown(f"/v1/tenders/{tender['id']}/bids")}
    assert {name: (bid["valid"], bid["rule"]) for name, bid in bids.items()} == {
        "alder": (False, RULE),
        "birch": (True, None),
        "cedar": (True, None),
    }
