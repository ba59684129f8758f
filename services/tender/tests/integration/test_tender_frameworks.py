"""Framework agreements over HTTP: concluded, joined, their own office's, and ended however late the clock is."""

import base64
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from agreements import (
    ENDS,
    MICROSECOND,
    MODEL_LAW,
    TERMS,
    concluded,
    conclusion,
    eur,
    order,
    overdue,
    path,
    proposed,
    standstill,
    told,
)


async def test_agreement_is_concluded_after_its_standstill_by_a_second_person(parties: Any) -> None:
    tender = await proposed(parties)
    assert (tender["status"], tender["lots"][0]["awards"]) == ("award", [])
    proposal = tender["lots"][0]["framework"]
    assert [supplier["id"] for supplier in proposal["suppliers"]] == ["alder", "birch"]
    (event,) = await told(parties, "award.framework-proposed.v1")
    assert [place["bidder"]["id"] for place in event["ranking"]] == ["alder", "birch", "cedar"]
    ends = datetime.fromisoformat(standstill(tender))
    early = await parties.send("POST", conclusion(tender), parties.head)
    parties.refused(early, 409, "standstill-running", "standstill", MODEL_LAW)
    parties.service.clock.set(ends)
    both = replace(parties.officer, roles=("procurement-officer", "procurement-head"))
    parties.refused(
        await parties.send("POST", conclusion(tender), both), 403, "second-person-needed", "second-person.award"
    )
    # No contract is made of a tender for a framework agreement.
    award = f"/v1/tenders/{tender['id']}/lots/lot-1/award"
    parties.refused(await parties.send("POST", award, parties.officer), 409, "tender-for-framework")
    response = await parties.send("POST", conclusion(tender), parties.head)
    framework = response.json()
    assert (response.status_code, response.url.join(response.headers["Location"]).path) == (
        201,
        f"/v1/frameworks/{framework['id']}",
    )
    assert (framework["ceiling"], framework["called_off"]) == (eur("1250000.00"), eur("0.00"))
    assert [member["supplier"]["id"] for member in framework["members"]] == ["alder", "birch"]
    assert (await parties.shown(f"/v1/tenders/{tender['id']}"))["status"] == "complete"
    assert (await parties.shown("/v1/frameworks"))["items"] == [framework]
    assert await parties.shown(path(framework)) == framework
    (event,) = await told(parties, "award.framework-concluded.v1")
    assert (event["framework"], event["ceiling"], event["stage_two"]) == (
        framework["id"],
        eur("1250000.00"),
        "direct-choice",
    )


async def test_conclusion_is_overdue_when_nobody_concludes(parties: Any) -> None:
    tender = await proposed(parties)
    parties.service.clock.set(datetime.fromisoformat(standstill(tender)))
    assert tender["id"] not in await overdue(parties)
    parties.service.clock.advance(days=9)
    assert (await overdue(parties))[tender["id"]] == "the conclusion of a framework agreement"


@pytest.mark.parametrize("punctual", [True, False])
async def test_late_clock_leaves_what_a_punctual_one_leaves_when_somebody_acts_in_between(
    parties: Any, *, punctual: bool
) -> None:
    framework = await concluded(parties, stage_two="mini-competition")
    closes = ENDS - timedelta(days=1)
    body = {**order("80000.00"), "closes_at": closes.isoformat()}
    shown = await parties.done("POST", path(framework, "/competitions"), parties.officer, body)
    competition = path(framework, f"/competitions/{shown['competitions'][0]['id']}")
    sealed = {"scheme": "access/v1", "envelope": base64.b64encode(parties.priced("70000.00")).decode()}
    await parties.verify("alder")
    await parties.done("POST", f"{competition}/quotes", parties.bidder("alder"), sealed)
    parties.service.clock.set(ENDS)
    if punctual:
        await parties.service.let_time_act()
    for request in (
        ("POST", f"{competition}/opening", parties.officer, None),
        ("POST", path(framework, "/members/birch/leaving"), parties.head, {"reason": "It closed."}),
        ("POST", path(framework, "/members/dogwood/admission"), parties.head, {"admitted": True, "reason": "Good."}),
    ):
        parties.refused(await parties.send(*request), 409, "framework-not-active")
    await parties.service.let_time_act()
    ended = await parties.shown(path(framework))
    assert (ended["status"], ended["competitions"][0]["lapsed"], ended["competitions"][0]["decided"]) == (
        "ended",
        True,
        False,
    )
    names = [name for name, data in await parties.events() if data.get("framework") == framework["id"]]
    assert names[-2:] == ["award.competition-lapsed.v1", "award.framework-ended.v1"]
    assert await parties.count("sealed_reads WHERE purpose = 'quote'") == 0


@pytest.mark.parametrize("punctual", [True, False])
async def test_order_that_nobody_signed_comes_back_alike_however_late_the_clock_is(
    parties: Any, *, punctual: bool
) -> None:
    framework = await concluded(parties)
    parties.service.clock.set(ENDS - timedelta(days=1))
    await parties.verify("alder")
    contract = await parties.done("POST", path(framework, "/call-offs"), parties.officer, order(supplier="alder"))
    parties.service.clock.set(datetime.fromisoformat(contract["signature_due"]))
    if punctual:
        await parties.service.let_time_act()
    refusal = {"code": "refused", "reason": "It has no staff."}
    await parties.done("POST", f"/v1/contracts/{contract['id']}/non-signature", parties.officer, refusal)
    await parties.service.let_time_act()
    names = [name for name, data in await parties.events() if data.get("framework") == framework["id"]]
    assert names[-3:] == ["award.framework-ended.v1", "award.call-off-returned.v1", "award.framework-ended.v1"]
    amounts = [event["amount"] for event in await told(parties, "award.framework-ended.v1")]
    assert amounts == [eur("1150000.00"), eur("100000.00")]


async def test_agreement_is_its_offices_own_when_others_act(parties: Any) -> None:
    framework = await concluded(parties, stage_two="mini-competition")
    closes = (parties.service.clock.now() + timedelta(days=9)).isoformat()
    body = {**order(), "closes_at": closes}
    competition = (await parties.done("POST", path(framework, "/competitions"), parties.officer, body))["competitions"]
    quotes = path(framework, f"/competitions/{competition[0]['id']}")
    reason = {"reason": "It closed."}
    acts = {
        "/call-offs": ("officer", order(supplier="alder")),
        "/competitions": ("officer", body),
        f"/competitions/{competition[0]['id']}/opening": ("officer", None),
        "/members/alder/leaving": ("head", reason),
        "/members/alder/admission": ("head", {"admitted": True, **reason}),
    }
    before = await parties.kept()
    for rest, (right, content) in acts.items():
        person = getattr(parties, right)
        wrong = (
            (None, 401),
            (parties.bidder("alder"), 403),
            (replace(person, roles=("panel-member",)), 403),
            (replace(person, organisation="village"), 403),
        )
        for other, status in wrong:
            response = await parties.send("POST", path(framework, rest), other, content)
            assert response.status_code == status, rest
    sealed = {"scheme": "access/v1", "envelope": base64.b64encode(parties.priced("1.00")).decode()}
    for other, code in ((parties.officer, "role-missing"), (parties.bidder("cedar"), "supplier-not-in-framework")):
        assert (await parties.send("POST", f"{quotes}/quotes", other, sealed)).json()["code"] in {code, "forbidden"}
    assert await parties.kept() == before
    assert (await parties.send("GET", f"/v1/frameworks/{framework['tender']}")).status_code == 404


async def test_supplier_joins_an_open_agreement_and_is_overdue_until_somebody_decides(parties: Any) -> None:
    framework = await concluded(parties, method="framework-open")
    members = path(framework, "/members")
    unknown = await parties.send("POST", members, parties.bidder("dogwood"))
    parties.refused(unknown, 409, "bidder-not-verified", "bidder-verified")
    await parties.verify("dogwood")
    asked = await parties.send("POST", members, parties.bidder("dogwood"))
    assert asked.status_code == 202
    due = asked.json()["joining"][0]["due_at"]
    parties.service.clock.set(datetime.fromisoformat(due))
    assert (await overdue(parties))[framework["id"]] == "the decision who joins"
    admission = {"admitted": True, "reason": "All is there."}
    joined = await parties.done("POST", f"{members}/dogwood/admission", parties.head, admission)
    assert [member["supplier"]["id"] for member in joined["members"]] == ["alder", "birch", "dogwood"]
    await parties.done("POST", path(framework, "/call-offs"), parties.officer, order(supplier="dogwood"))
    left = await parties.done("POST", f"{members}/dogwood/leaving", parties.head, {"reason": "It closed."})
    assert left["members"][-1]["left_because"] == "It closed."
    response = await parties.send("POST", path(framework, "/call-offs"), parties.officer, order(supplier="dogwood"))
    parties.refused(response, 404, "supplier-not-in-framework")


async def test_agreement_ends_with_its_term_and_gives_the_rest_back_when_the_clock_is_a_week_late(parties: Any) -> None:
    framework = await concluded(parties)
    await parties.done("POST", path(framework, "/call-offs"), parties.officer, order("250000.00", supplier="alder"))
    parties.service.clock.set(ENDS - MICROSECOND)
    await parties.service.let_time_act()
    assert (await parties.shown(path(framework)))["status"] == "active"
    parties.service.clock.set(ENDS + timedelta(days=7))
    # Over is over, even before the clock has said so.
    response = await parties.send("POST", path(framework, "/call-offs"), parties.officer, order(supplier="alder"))
    parties.refused(response, 409, "framework-term-over", "framework.term-cap")
    await parties.service.let_time_act()
    assert (await parties.shown(path(framework)))["status"] == "ended"
    (event,) = await told(parties, "award.framework-ended.v1")
    assert (event["framework"], event["amount"]) == (framework["id"], eur("1000000.00"))
    response = await parties.send("POST", path(framework, "/call-offs"), parties.officer, order(supplier="alder"))
    parties.refused(response, 409, "framework-term-over", "framework.term-cap")


async def test_agreement_makes_no_sense_when_it_ends_after_the_end_of_our_time(parties: Any) -> None:
    procurement = parties.procurement("framework-closed", rationale="Orders come as they are needed.")
    plan = await parties.plan()
    for end in ("9999-12-31", "2200-01-01"):
        body = parties.content_body(procurement=procurement, framework={**TERMS, "end": end})
        response = await parties.send("POST", "/v1/tenders", parties.officer, {**body, "plan": plan["id"]})
        parties.refused(response, 422, "value-invalid")
