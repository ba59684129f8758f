"""Bids of several organisations, and who of them was verified at the deadline."""

import base64
import json
from datetime import date, timedelta
from typing import Any

import pytest

from shared.contracts import provider
from shared.testing.course import CHINA

MODEL = "Coxswain model pack"
ONE_BID = "consortium.one-bid-per-lot"
INSTANT = "bidder-verified.instant"


async def offer(parties: Any, tender: Any, organisation: str, price: str, **technical: Any) -> Any:
    sealed = base64.b64encode(json.dumps(technical).encode()).decode()
    body = parties.bid_body(parties.priced(price), technical=sealed)
    return await parties.done("POST", f"/v1/tenders/{tender['id']}/bids", parties.bidder(organisation), body)


def joint(*members: str) -> list[dict[str, str]]:
    return [{"organisation": name, "share": str(100 // len(members))} for name in members]


async def found(parties: Any, tender: Any) -> dict[str, tuple[bool, str | None, str | None]]:
    await parties.open(tender)
    bids = await parties.shown(f"/v1/tenders/{tender['id']}/bids")
    _, published = next(event for event in await parties.events(tender) if event[0] == "tender.opened.v1")
    told = {bid["bidder"]["id"]: (bid["valid"], bid["rule"], bid["source"]) for bid in published["bids"]}
    assert {
        name: (valid, rule and {"rule": rule, "source": source}) for name, (valid, rule, source) in told.items()
    } == {bid["bidder"]["id"]: (bid["valid"], bid["rule"]) for bid in bids}
    return told


async def test_both_bids_are_named_with_the_rule_when_a_member_is_in_two(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("alder", "birch", "cedar")
    await offer(parties, tender, "alder", "1.00", consortium=joint("alder", "birch"))
    await offer(parties, tender, "birch", "2.00")
    await offer(parties, tender, "cedar", "3.00", subcontractors=[{**joint("alder")[0], "part": "Meals"}])
    assert await found(parties, tender) == {
        "alder": (False, ONE_BID, MODEL),
        "birch": (False, ONE_BID, MODEL),
        "cedar": (True, None, None),
    }


async def test_member_need_not_be_verified_before_the_deadline_but_at_it(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("alder", "cedar", "elder")
    await offer(parties, tender, "alder", "1.00", consortium=joint("alder", "birch"))
    await offer(parties, tender, "cedar", "2.00", consortium=joint("cedar", "dogwood"))
    await offer(parties, tender, "elder", "3.00")
    # At the last instant in time, and at the first too late.
    parties.service.clock.set(parties.deadline(tender) - timedelta(microseconds=1))
    await parties.verify("birch")
    parties.service.clock.set(parties.deadline(tender))
    await parties.verify("dogwood")
    response = await parties.send("POST", f"/v1/tenders/{tender['id']}/opening", parties.officer)
    assert response.status_code == 200
    bids = await parties.shown(f"/v1/tenders/{tender['id']}/bids")
    assert {bid["bidder"]["id"]: (bid["valid"], bid["rule"]) for bid in bids} == {
        "alder": (True, None),
        "cedar": (False, {"rule": INSTANT, "source": MODEL}),
        "elder": (True, None),
    }


async def test_what_was_at_the_deadline_counts_when_the_registry_changes_its_mind_after_it(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("alder", "birch", "cedar")
    for name in ("alder", "birch", "cedar"):
        await offer(parties, tender, name, "1.00")
    refused = provider.VerificationRefused(provider="birch", reason="The licence has expired.")
    await parties.service.deliver("provider-registry", refused)
    deadline = parties.deadline(tender)
    parties.service.clock.set(deadline + timedelta(hours=1))
    for name in ("birch", "cedar"):
        changed = provider.VerificationRefused(provider=name, reason="Another certificate has expired.")
        await parties.service.deliver("provider-registry", changed)
    await parties.verify("birch")
    await parties.done("POST", f"/v1/tenders/{tender['id']}/opening", parties.officer)
    bids = await parties.shown(f"/v1/tenders/{tender['id']}/bids")
    assert {bid["bidder"]["id"]: (bid["valid"], bid["rule"]) for bid in bids} == {
        "alder": (True, None),
        "birch": (False, {"rule": INSTANT, "source": MODEL}),
        "cedar": (True, None),
    }


@pytest.mark.parametrize(("until", "valid"), [(date(2026, 3, 23), True), (date(2026, 3, 22), False)])
async def test_verification_has_to_last_to_the_last_day_on_which_bids_are_received(
    parties: Any, until: date, valid: bool
) -> None:
    tender = await parties.active()
    await parties.verify("alder")
    await parties.verify("birch", valid_until=until)
    for name in ("alder", "birch"):
        await offer(parties, tender, name, "1.00")
    assert tender["closes_at"].startswith("2026-03-24T00:00:00")
    assert (await found(parties, tender))["birch"][0] is valid


async def test_bid_is_named_and_does_not_count_when_its_offer_cannot_be_read(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("alder", "birch")
    await offer(parties, tender, "alder", "1.00")
    await offer(parties, tender, "birch", "2.00", secret="field")
    await parties.open(tender)
    bids = {bid["bidder"]["id"]: bid for bid in await parties.shown(f"/v1/tenders/{tender['id']}/bids")}
    assert (bids["birch"]["valid"], bids["birch"]["reason"], bids["birch"]["price"]) == (
        False,
        "The technical content cannot be read as an offer.",
        None,
    )


async def test_bid_of_a_large_enterprise_does_not_count_when_the_purchase_is_reserved(parties: Any) -> None:
    amount = "1900000.00"
    facts = {**CHINA.facts, "procedure": {**CHINA.facts["procedure"], "reserved_for_smes": True}}
    plan = await parties.chinese_plan(amount)
    content = parties.chinese_content(amount, procurement=parties.procurement(facts=facts))
    draft = await parties.done("POST", "/v1/tenders", parties.officer, {**content, "plan": plan["id"]})
    tender = await parties.publish(draft)
    sizes = {"alder": "large", "birch": "small", "cedar": "medium", "dogwood": "micro"}
    await parties.verify(*sizes)
    for name, size in sizes.items():
        await offer(parties, tender, name, "1.00", size=size)
    rule = ("policy.reserved-bidders", "Cai Ku [2020] 46, arts. 4, 6, 11")
    assert await found(parties, tender) == {
        "alder": (False, *rule),
        "birch": (True, None, None),
        "cedar": (True, None, None),
        "dogwood": (True, None, None),
    }


@pytest.mark.parametrize(("stated", "code"), [(False, "policy-reserved"), (None, "facts-missing")])
async def test_small_purchase_is_not_published_when_it_is_not_stated_to_be_reserved(
    parties: Any, stated: bool | None, code: str
) -> None:
    facts = {**CHINA.facts, "procedure": {**CHINA.facts["procedure"]}}
    if stated is not None:
        facts["procedure"]["reserved_for_smes"] = stated
    plan = await parties.chinese_plan("2000000.00")
    content = parties.chinese_content("2000000.00", procurement=parties.procurement(facts=facts))
    draft = await parties.done("POST", "/v1/tenders", parties.officer, {**content, "plan": plan["id"]})
    refused = await parties.send("POST", f"/v1/tenders/{draft['id']}/publication", parties.head)
    parties.refused(refused, 409, code, "policy.reserved", "Cai Ku [2020] 46 and Cai Ku [2022] 19")


async def test_announced_deduction_is_made_when_a_small_enterprise_bids(parties: Any) -> None:
    facts = {**CHINA.facts, "procedure": {**CHINA.facts["procedure"], "reserved_for_smes": False}}
    plan = await parties.chinese_plan()

    def announcing(rate: str) -> dict[str, Any]:
        told = parties.procurement(facts=facts, deductions={"small_micro": rate, "consortium": None})
        return {**parties.chinese_content(procurement=told), "plan": plan["id"]}

    refused = await parties.send("POST", "/v1/tenders", parties.officer, announcing("20.5"))
    source = "Cai Ku [2020] 46 and Cai Ku [2022] 19"
    problem = parties.refused(refused, 422, "deduction-out-of-range", "policy-deduction.small-micro", source)
    assert (problem["pointer"], problem["satisfied_by"]) == (
        "/body/procurement/deductions",
        "From 10 to 20 percent.",
    )
    tender = await parties.publish(await parties.done("POST", "/v1/tenders", parties.officer, announcing("20")))
    assert tender["content"]["procurement"]["deductions"] == {"small_micro": "20", "consortium": None}
    sizes = {"alder": "large", "birch": "small", "cedar": "medium"}
    await parties.verify(*sizes)
    for name, size in sizes.items():
        await offer(parties, tender, name, "1.00", size=size)
    await parties.open(tender)
    bids = await parties.shown(f"/v1/tenders/{tender['id']}/bids")
    assert {bid["bidder"]["id"]: bid["deduction"] for bid in bids} == {
        "alder": "0",
        "birch": "0.2",
        "cedar": "0",
    }
