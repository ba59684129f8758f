"""Invited providers, single sources and what follows a failed tender."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from uploads import rested_on

from shared.kernel.draw import order
from shared.kernel.draw_record import verify

MODEL_LAW = "UNCITRAL Model Law on Public Procurement (2011), arts. 27-31"
NAMES = ("alder", "birch", "cedar", "dogwood", "elm", "fir")


def pool(names: tuple[str, ...] = NAMES, number: int = 3) -> dict[str, Any]:
    candidates = [{"id": name, "name": f"{name.title()} Ltd"} for name in names]
    beacon = {"source": "public-records", "records": ["Lottery", "River level"], "at": "2026-03-02T10:00:00Z"}
    return {"candidates": candidates, "number": number, "beacon": beacon}


NUMBERS = {"numbers": [[7, 3], [412]]}


async def read(parties: Any, tender: Mapping[str, Any]) -> Any:
    """Let two persons read the records of the draw."""
    entered = await done(parties, tender, "invitation/draw", parties.head, NUMBERS)
    assert entered["status"] == "pooled"
    return await done(parties, tender, "invitation/draw", parties.officer, NUMBERS)


async def invited(parties: Any) -> Any:
    told = parties.procurement("invited", ground="limited-suppliers", rationale="Six hold the licence.")
    return await parties.draft(procurement=told)


async def send(parties: Any, tender: Mapping[str, Any], act: str, person: Any, body: Any = None) -> Any:
    return await parties.send("POST", f"/v1/tenders/{tender['id']}/{act}", person, body)


async def done(parties: Any, tender: Mapping[str, Any], act: str, person: Any, body: Any = None) -> Any:
    return await parties.done("POST", f"/v1/tenders/{tender['id']}/{act}", person, body)


async def witnessed(parties: Any, tender: Mapping[str, Any]) -> None:
    for name in ("hugo", "hedda"):
        await done(parties, tender, "invitation/witnesses", replace(parties.head, name=name))


async def drawn(parties: Any, number: int = 3) -> Any:
    tender = await invited(parties)
    await done(parties, tender, "invitation", parties.officer, pool(number=number))
    await witnessed(parties, tender)
    parties.service.clock.advance(hours=2)
    return tender, await read(parties, tender)


async def test_only_those_drawn_may_bid_and_anybody_can_work_the_draw_out_when_it_is_opened(parties: Any) -> None:
    tender, invitation = await drawn(parties)
    assert invitation["status"] == "drawn"
    record = await parties.shown(f"/v1/tenders/{tender['id']}/invitation/record", parties.officer)
    assert all(finding.kept for finding in verify(record))
    whose = dict(zip(invitation["labels"], [item["id"] for item in invitation["candidates"]], strict=True))
    expected = [whose[label] for label in order(bytes.fromhex(record["draws"][0]["code"]), b"3.7./412./", whose)]
    assert (invitation["order"], invitation["invitees"]) == (expected, expected[:3])
    # The digest that was public before the beacon holds fast whose each label is; without the salt nobody tries it out.
    held = "\n".join(
        [invitation["salt"], tender["id"], *(f"{label} {name}" for label, name in zip(*lines(invitation), strict=True))]
    )
    assert hashlib.sha256(held.encode()).hexdigest() == invitation["digest"]
    asked = await done(parties, tender, "publication", parties.head)
    await parties.fund(asked)
    tender = await parties.shown(f"/v1/tenders/{tender['id']}")
    await parties.verify(*NAMES)
    for name in NAMES:
        response = await parties.send_bid(tender, name, parties.priced("900000.00"))
        if name in invitation["invitees"]:
            assert response.status_code == 201
        else:
            parties.refused(response, 409, "bidder-not-invited", "method.invited.ground", MODEL_LAW)
    # Until the opening nobody outside the office learns who is invited, but how the draw went.
    path = f"/v1/tenders/{tender['id']}/invitation"
    for other in (None, parties.bidder(invitation["invitees"][0]), replace(parties.officer, organisation="county")):
        shown = await parties.shown(path, other)
        assert (shown["candidates"], shown["order"], shown["invitees"]) == (None, None, None)
        assert (shown["labels"], shown["salt"]) == (None, None)
        assert (shown["pool"], shown["number"], shown["witnesses"]) == (6, 3, 2)
        assert not any(name in str(shown) for name in NAMES)
    told = [data for kind, data in await parties.events(tender) if kind.startswith(("tender.invitees", "tender.cand"))]
    assert {data["digest"] for data in told} == {invitation["digest"]}
    assert not any(name in str(told) for name in NAMES)
    assert invitation["salt"] not in str(told)
    assert [data.get("fixed") or data["draw"] for data in told] == [
        {key: value for key, value in record["closings"][0].items() if key != "reason"},
        record["draws"][0],
    ]
    # Those who are invited learn it of themselves, and nobody else of anybody.
    for name in NAMES:
        is_invited = name in invitation["invitees"]
        assert (await parties.shown(path, parties.bidder(name)))["invited"] is is_invited
        notices = (await parties.shown("/v1/my/notices", parties.bidder(name)))["items"]
        expected_notices = [("invitation", tender["id"], tender["closes_at"])] if is_invited else []
        assert [(item["kind"], item["subject"], item["closes_at"]) for item in notices] == expected_notices
    assert (await parties.shown(path))["invited"] is False
    await parties.open(tender)
    assert (await parties.shown(path))["invitees"] == invitation["invitees"]


def lines(invitation: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    return invitation["labels"], [candidate["id"] for candidate in invitation["candidates"]]


async def test_nobody_is_drawn_or_witnesses_when_the_tender_takes_bids_already(parties: Any) -> None:
    tender = await invited(parties)
    await done(parties, tender, "invitation", parties.officer, pool())
    await witnessed(parties, tender)
    parties.service.clock.advance(hours=2)
    # As if it had been published meanwhile under a pack that asks for no draw.
    await parties.service.execute("UPDATE tenders SET document = jsonb_set(document, '{status}', '\"active\"')")
    for act, body in (("invitation/draw", NUMBERS), ("invitation/witnesses", None)):
        refused = await send(parties, tender, act, replace(parties.head, name="helga"), body)
        parties.refused(refused, 409, "tender-not-draft")


async def test_draw_is_refused_by_its_rule_when_the_pool_or_the_witnesses_are_too_few(parties: Any) -> None:
    tender = await invited(parties)
    missing = await send(parties, tender, "invitation/draw", parties.officer, NUMBERS)
    parties.refused(missing, 409, "candidates-missing")
    await done(parties, tender, "invitation", parties.officer, pool(number=3))
    again = await send(parties, tender, "invitation", parties.officer, pool())
    parties.refused(again, 409, "invitation-exists")
    parties.service.clock.set(datetime.fromisoformat("2026-03-02T10:00:00Z") - timedelta(microseconds=1))
    alone = await send(parties, tender, "invitation/draw", parties.officer, NUMBERS)
    parties.refused(alone, 409, "method-invited-draw-witnesses", "method.invited.draw-witnesses")
    own = await send(parties, tender, "invitation/witnesses", parties.officer)
    parties.refused(own, 403, "witness-not-independent", "method.invited.draw-witnesses")
    await done(parties, tender, "invitation/witnesses", parties.head)
    twice = await send(parties, tender, "invitation/witnesses", parties.head)
    parties.refused(twice, 409, "already-witness", "method.invited.draw-witnesses")
    one = await send(parties, tender, "invitation/draw", parties.officer, NUMBERS)
    parties.refused(one, 409, "method-invited-draw-witnesses", "method.invited.draw-witnesses")
    await done(parties, tender, "invitation/witnesses", replace(parties.head, name="hedda"))
    soon = await send(parties, tender, "invitation/draw", parties.officer, NUMBERS)
    parties.refused(soon, 409, "beacon-not-yet", "committee.beacon-lead")
    parties.service.clock.advance(microseconds=1)
    invented = await send(parties, tender, "invitation/draw", parties.officer, {"randomness": "5f" * 32})
    parties.refused(invented, 422, "randomness-of-another-beacon")
    await parties.done("POST", f"/v1/tenders/{tender['id']}/invitation/draw", parties.head, NUMBERS, dry_run=True)
    await read(parties, tender)
    # Nobody draws again until the result pleases.
    redrawn = await send(parties, tender, "invitation/draw", parties.officer, NUMBERS)
    parties.refused(redrawn, 409, "invitation-not-pooled")

    small = await invited(parties)
    late = {**pool(NAMES[:5]), "beacon": parties.pool_body()["beacon"]}
    early = await send(parties, small, "invitation", parties.officer, pool(NAMES[:5]))
    parties.refused(early, 409, "beacon-too-early", "committee.beacon-lead")
    await done(parties, small, "invitation", parties.officer, late)
    await witnessed(parties, small)
    refused = await send(parties, small, "invitation/draw", parties.officer, NUMBERS)
    parties.refused(refused, 409, "method-invited-pool-factor", "method.invited.pool-factor")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (pool((*NAMES, "alder")), "candidate-repeated"),
        (pool(number=7), "invitees-more-than-candidates"),
        (pool(number=0), "value-invalid"),
        (pool(()), "value-invalid"),
    ],
)
async def test_pool_makes_no_sense_when_it_repeats_or_lacks_candidates(
    same_day: Any, body: dict[str, Any], code: str
) -> None:
    tender = await invited(same_day)
    same_day.refused(await send(same_day, tender, "invitation", same_day.officer, body), 422, code)


async def test_invited_tender_is_not_published_when_nobody_was_drawn_or_too_few(parties: Any) -> None:
    tender = await invited(parties)
    undrawn = await send(parties, tender, "publication", parties.head)
    problem = parties.refused(undrawn, 409, "facts-missing", "method.invited.draw-witnesses")
    assert "procedure.invitees in the draw of invitees" in problem["satisfied_by"]
    few, _ = await drawn(parties, number=2)
    rule = "method.invited.minimum-invitees"
    refused = await send(parties, few, "publication", parties.head)
    parties.refused(refused, 409, "method-invited-minimum-invitees", rule)
    asked = {
        "rule": rule,
        "code": "fewer-exist",
        "reason": "Two may.",
        "evidence": [await rested_on(parties, parties.officer)],
    }
    exception = await done(parties, few, "exceptions", parties.officer, asked)
    await parties.done("POST", f"/v1/exceptions/{exception['id']}/grant", parties.head)
    assert (await send(parties, few, "publication", parties.head)).status_code == 202


async def single_source(parties: Any, **changes: Any) -> Any:
    told = parties.procurement("single-source", ground="only-supplier", rationale="Nobody else holds it.")
    return await parties.draft(procurement={**told, **changes})


SUPPLIER = {"supplier": "birch", "supplier_name": "Birch Ltd"}


async def test_single_source_is_public_before_its_tender_and_only_that_provider_bids(parties: Any) -> None:
    tender = await single_source(parties)
    unknown = await send(parties, tender, "publication", parties.head)
    problem = parties.refused(unknown, 409, "facts-missing", "method.single-source.objection-review")
    assert "the publicity of the single source" in problem["satisfied_by"]
    shown = await done(parties, tender, "publicity", parties.officer, SUPPLIER)
    # Five working days after Monday the 2nd of March are Monday the 9th, to its end.
    assert shown["until"] == "2026-03-10T00:00:00.000000Z"
    assert await parties.shown(f"/v1/tenders/{tender['id']}/publicity") == shown
    kind, data = (await parties.events(tender))[-1]
    assert (kind, data["supplier"]["id"], data["until"]) == (
        "tender.single-source-publicised.v1",
        "birch",
        shown["until"],
    )
    parties.refused(await send(parties, tender, "publicity", parties.officer, SUPPLIER), 409, "publicity-exists")
    parties.service.clock.set(datetime.fromisoformat(shown["until"]) - timedelta(seconds=1))
    early = await send(parties, tender, "publication", parties.head)
    parties.refused(early, 409, "method-single-source-publicity", "method.single-source.publicity")
    parties.service.clock.set(datetime.fromisoformat(shown["until"]))
    asked = await done(parties, tender, "publication", parties.head)
    await parties.fund(asked)
    tender = await parties.shown(f"/v1/tenders/{tender['id']}")
    await parties.verify("alder", "birch")
    refused = await parties.send_bid(tender, "alder", parties.priced("1.00"))
    rule = ("method.single-source.ground", "Coxswain model pack")
    parties.refused(refused, 409, "bidder-not-invited", *rule)
    assert (await parties.send_bid(tender, "birch", parties.priced("1.00"))).status_code == 201


@pytest.mark.parametrize("outcome", ["upheld", "dismissed"])
async def test_objection_is_examined_in_time_before_a_single_source_goes_on(parties: Any, outcome: str) -> None:
    tender = await single_source(parties)
    shown = await done(parties, tender, "publicity", parties.officer, SUPPLIER)
    reason = {"reason": "We hold the licence too."}
    alder = parties.bidder("alder")
    parties.refused(
        await send(parties, tender, "objections", parties.bidder("birch"), reason), 409, "own-single-source"
    )
    shown = await done(parties, tender, "objections", alder, reason)
    parties.refused(await send(parties, tender, "objections", alder, reason), 409, "already-objected")
    assert "alder" not in str(await parties.shown(f"/v1/tenders/{tender['id']}/publicity"))
    kind, data = (await parties.events(tender))[-1]
    assert (kind, "alder" in str(data)) == ("tender.objection-raised.v1", False)
    parties.service.clock.set(datetime.fromisoformat(shown["until"]))
    late = await send(parties, tender, "objections", parties.bidder("cedar"), reason)
    parties.refused(late, 409, "publicity-ended", "method.single-source.publicity")
    review = "method.single-source.objection-review"
    unexamined = await send(parties, tender, "publication", parties.head)
    parties.refused(unexamined, 409, "facts-missing", review)
    act = f"objections/{shown['objections'][0]['id']}/review"
    body = {"outcome": outcome, "answer": "We looked at it."}
    author = replace(parties.head, name=parties.officer.name)
    parties.refused(await send(parties, tender, act, author, body), 403, "second-person-needed", review)
    parties.service.clock.set(datetime.fromisoformat(shown["review_due"]) - timedelta(seconds=1))
    await done(parties, tender, act, parties.head, body)
    parties.refused(await send(parties, tender, act, parties.head, body), 409, "objection-reviewed")
    answer = await send(parties, tender, "publication", parties.head)
    if outcome == "dismissed":
        assert answer.status_code == 202
        return
    parties.refused(answer, 409, "objection-upheld", review)
    # Nor by making it public once more.
    other = {**SUPPLIER, "supplier": "cedar"}
    parties.refused(await send(parties, tender, "publicity", parties.officer, other), 409, "objection-stands", review)


async def test_single_source_is_overdue_and_fails_when_an_objection_is_examined_late(parties: Any) -> None:
    tender = await single_source(parties)
    await done(parties, tender, "publicity", parties.officer, SUPPLIER)
    reason = {"reason": "We hold the licence too."}
    shown = await done(parties, tender, "objections", parties.bidder("alder"), reason)
    parties.service.clock.set(datetime.fromisoformat(shown["review_due"]))
    assert [(item["kind"], item["waiting_for"]) for item in await parties.shown("/v1/overdue")] == [
        ("single-source-publicity", "the review of objections")
    ]
    act = f"objections/{shown['objections'][0]['id']}/review"
    await done(parties, tender, act, parties.head, {"outcome": "dismissed", "answer": "No."})
    assert await parties.shown("/v1/overdue") == []
    late = await send(parties, tender, "publication", parties.head)
    rule = "method.single-source.objection-review"
    parties.refused(late, 409, rule.replace(".", "-"), rule)


async def test_publicity_counts_for_what_it_said_when_the_draft_changes(parties: Any) -> None:
    tender = await single_source(parties)
    await done(parties, tender, "publicity", parties.officer, SUPPLIER)
    content = {**tender["content"], "title": "Something dearer"}
    await parties.done("PUT", f"/v1/tenders/{tender['id']}", parties.officer, content, version=1)
    parties.service.clock.advance(days=20)
    lapsed = await send(parties, tender, "publication", parties.head)
    parties.refused(lapsed, 409, "facts-missing", "method.single-source.objection-review")
    await done(parties, tender, "publicity", parties.officer, SUPPLIER)
    parties.service.clock.advance(days=8)
    assert (await send(parties, tender, "publication", parties.head)).status_code == 202


async def test_publicity_is_refused_when_the_draft_is_of_another_method_or_says_not_why(same_day: Any) -> None:
    refused = await send(same_day, await same_day.draft(), "publicity", same_day.officer, SUPPLIER)
    same_day.refused(refused, 409, "tender-not-single-source", "method.single-source.publicity")
    silent = await send(same_day, await single_source(same_day, ground=None), "publicity", same_day.officer, SUPPLIER)
    same_day.refused(silent, 422, "rationale-missing", "method.other-than-open.reason-recorded", MODEL_LAW)
    draft = await same_day.draft()
    absent = await same_day.send("GET", f"/v1/tenders/{draft['id']}/publicity")
    same_day.refused(absent, 404, "not-found")


async def test_negotiation_follows_a_failed_tender_of_the_same_plan_only(parties: Any) -> None:
    failed = await parties.active()
    parties.until_deadline(failed)
    ended = await done(parties, failed, "opening", parties.officer)
    assert ended["status"] == "unsuccessful"
    told = parties.procurement("competitive-negotiation", ground="failed-tender", rationale="Nobody came.")
    body = {**parties.content_body(procurement=told), "plan": failed["plan"]}
    orphan = await parties.done("POST", "/v1/tenders", parties.officer, body)
    refused = await send(parties, orphan, "publication", parties.head)
    parties.refused(refused, 409, "failed-tender-missing", "tender-from-plan")
    gone = {"reason": "Drafted anew."}
    await done(parties, orphan, "cancellation", parties.head, gone)
    other = await parties.draft()
    for followed in (other["id"], orphan["id"], "00000000-0000-0000-0000-000000000000"):
        wrong = {**body, "procurement": {**told, "follows": followed}}
        response = await parties.send("POST", "/v1/tenders", parties.officer, wrong)
        parties.refused(response, 409, "followed-tender-not-unsuccessful")
    right = {**body, "procurement": {**told, "follows": failed["id"]}}
    # What failed takes nothing of the plan any more.
    follower = await parties.done("POST", "/v1/tenders", parties.officer, right)
    asked = await done(parties, follower, "publication", parties.head)
    await parties.fund(asked)
    published = dict(await parties.events(asked))["tender.published.v1"]
    assert published["procurement"]["follows"] == failed["id"]
